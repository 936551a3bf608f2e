//! What a peer owes and does not bring in time: each of the [`Timeouts`], by a clock that is passed in.

use super::super::frame::{DATA, GOAWAY, HEADERS, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE};
use super::wire::{END_HEADERS, ENDS, GET, PREFACE, Side, block, frame, get};
use super::*;
use crate::h2::Timeouts;
use crate::{Close, SendError};

/// Only what is tested is limited.
fn limited(change: impl Fn(&mut Timeouts)) -> Options {
    let mut options = options();
    options.timeouts = Timeouts {
        settings_ack_ms: 0,
        head_ms: 0,
        idle_ms: 0,
        stall_ms: 0,
        age_ms: 0,
        farewell_ms: 0,
    };
    change(&mut options.timeouts);
    options
}

/// Lets time pass; what is said then.
fn pass(side: &mut Side, ms: u64) {
    side.connection.advance(ms);
    side.feed(&[]);
}

fn answer(side: &mut Side, stream: u64, body: usize) {
    let id = StreamId::new(stream);
    let head = Event::ResponseHead(Box::new(response(200, BodySize::Length(body as u64))));
    side.connection.send(id, head).expect("a head");
    side.connection.send(id, Event::Data(Bytes::from(vec![0; body]))).expect("a body");
    side.connection.send(id, Event::End).expect("its end");
    side.feed(&[]);
}

#[test]
fn settings_that_are_not_acknowledged() {
    let options = limited(|timeouts| timeouts.settings_ack_ms = 1_000);
    for (new, opening, status) in [
        (Connection::server as fn(Options) -> Connection, PREFACE, 408),
        (Connection::client, &[], 502),
    ] {
        let mut side = Side::new(new(options.clone()));
        side.feed(&[opening, &frame(SETTINGS, 0, 0, &[])].concat());
        assert_eq!(side.connection.due_ms(), Some(1_000));
        pass(&mut side, 999);
        assert_eq!((side.connection.due_ms(), side.ended()), (Some(1), None));
        pass(&mut side, 1);
        assert_eq!(side.told(u64::MAX), [format!("settings-timeout {status}")]);
        assert_eq!(side.ended(), Some(Some(4)), "SETTINGS_TIMEOUT");
        assert_eq!(side.connection.due_ms(), None);

        let mut side = Side::new(new(options.clone()));
        side.feed(&[opening, &frame(SETTINGS, 0, 0, &[]), &frame(SETTINGS, 1, 0, &[])].concat());
        pass(&mut side, 10_000);
        assert_eq!((side.ended(), side.connection.due_ms()), (None, None));
    }
    // A client that says nothing at all.
    let mut side = Side::new(Connection::server(options));
    pass(&mut side, 1_000);
    assert_eq!(side.told(u64::MAX), ["settings-timeout 408"]);
}

#[test]
fn heads_and_frames_that_do_not_end() {
    let options = limited(|timeouts| timeouts.head_ms = 1_000);
    let block = block(&GET);
    for begun in [
        frame(HEADERS, 1, 1, &block),
        frame(HEADERS, ENDS, 1, &block)[..20].to_vec(),
        get(1, ENDS, &[])[..9].to_vec(),
        get(1, ENDS, &[])[..3].to_vec(),
        frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100])[..10].to_vec(),
    ] {
        let mut side = Side::server(options.clone());
        assert_eq!(side.connection.due_ms(), None);
        side.feed(&begun);
        assert_eq!(side.connection.due_ms(), Some(1_000));
        pass(&mut side, 999);
        assert_eq!(side.ended(), None);
        pass(&mut side, 1);
        assert_eq!((side.told(u64::MAX), side.ended()), (vec!["head-timeout 408"], Some(Some(11))));
    }
    // One byte after the other brings no more time; the next head does.
    let mut side = Side::server(options.clone());
    let head = get(1, ENDS, &[]);
    for byte in &head[..20] {
        side.feed(&[*byte]);
        pass(&mut side, 49);
    }
    assert_eq!((side.ended(), side.connection.due_ms()), (None, Some(20)));
    side.feed(&head[20..]);
    pass(&mut side, 5_000);
    side.feed(&get(3, ENDS, &[])[..20]);
    assert_eq!(side.connection.due_ms(), Some(1_000));
    pass(&mut side, 1_000);
    assert_eq!(side.ended(), Some(Some(11)));
    // A body that comes slowly is the caller's to watch.
    let mut side = Side::server(options);
    side.feed(&[get(1, END_HEADERS, &[]), frame(DATA, 0, 1, b"some text")[..12].to_vec()].concat());
    pass(&mut side, 100_000);
    assert_eq!((side.ended(), side.connection.due_ms()), (None, None));
}

#[test]
fn idle_connections_are_left() {
    let options = limited(|timeouts| timeouts.idle_ms = 1_000);
    let mut side = Side::server(options.clone());
    side.feed(&get(1, ENDS, &[]));
    pass(&mut side, 5_000);
    assert_eq!(side.code(GOAWAY), None, "a request waits for its response");
    answer(&mut side, 1, 10);
    for _ in 0..9 {
        pass(&mut side, 100);
        side.feed(&frame(PING, 0, 0, b"12345678"));
    }
    assert_eq!((side.code(GOAWAY), side.connection.due_ms()), (None, Some(100)));
    pass(&mut side, 100);
    assert_eq!((side.code(GOAWAY), side.ended()), (Some(0), None));
    // The client has seen it when it answers the PING that was sent with it.
    let ping = side.written.iter().rev().find(|(kind, _, _)| *kind == PING).expect("a PING");
    let pong = frame(PING, 1, 0, &ping.2);
    side.feed(&pong);
    assert_eq!(side.ended(), Some(Some(0)));

    let mut side = Side::client(options, Vec::new());
    pass(&mut side, 1_000);
    assert_eq!(side.connection.wants_close(), Some(Close::Graceful));
}

#[test]
fn a_farewell_without_an_answer_ends() {
    let options = limited(|timeouts| (timeouts.idle_ms, timeouts.farewell_ms) = (1_000, 500));
    let mut side = Side::server(options);
    pass(&mut side, 1_000);
    assert_eq!((side.code(GOAWAY), side.ended()), (Some(0), None));
    assert_eq!(side.connection.due_ms(), Some(500));
    pass(&mut side, 499);
    assert_eq!(side.ended(), None);
    pass(&mut side, 1);
    assert_eq!(side.ended(), Some(Some(0)));
    assert!(side.told(u64::MAX).is_empty(), "nobody did anything wrong");
}

/// A response of 100 KiB, and a window of 64 KiB for it.
#[test]
fn a_body_that_gets_no_window_is_given_up() {
    let options = limited(|timeouts| timeouts.stall_ms = 1_000);
    let begun = || {
        let mut side = Side::server(options.clone());
        side.feed(&get(1, ENDS, &[]));
        side.feed(&get(3, ENDS, &[]));
        let head = Event::ResponseHead(Box::new(response(200, BodySize::Unknown)));
        side.connection.send(StreamId::new(1), head).expect("a head");
        side.connection.send(StreamId::new(1), Event::Data(vec![0; 102_400].into())).expect("data");
        side.feed(&[]);
        side
    };
    let mut side = begun();
    pass(&mut side, 999);
    // Any byte that may go is enough.
    side.feed(&frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1]));
    side.feed(&frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]));
    pass(&mut side, 999);
    assert_eq!((side.code(RST_STREAM), side.connection.due_ms()), (None, Some(1)));
    pass(&mut side, 1);
    assert_eq!((side.code(RST_STREAM), side.told(1)[2..].to_vec()), (Some(8), vec!["stalled 408"]));
    let late = side.connection.send(StreamId::new(1), data("more"));
    assert_eq!(late, Err(SendError::Stream { stream: StreamId::new(1) }));
    // The window of the connection is back, and the other stream goes on.
    side.feed(&frame(WINDOW_UPDATE, 0, 0, &[0, 1, 0, 0]));
    answer(&mut side, 3, 10);
    assert!(side.written.iter().any(|(kind, stream, _)| (*kind, *stream) == (DATA, 3)));
    assert_eq!(side.ended(), None);

    // The same once the caller has said the end, so that it knows of the stream no more.
    let mut side = begun();
    side.connection.send(StreamId::new(1), Event::End).expect("the end");
    side.feed(&[]);
    pass(&mut side, 999);
    assert_eq!((side.code(RST_STREAM), side.connection.due_ms()), (None, Some(1)));
    pass(&mut side, 1);
    assert_eq!((side.code(RST_STREAM), side.ended()), (Some(8), None));
    answer(&mut side, 3, 10);
    side.feed(&frame(WINDOW_UPDATE, 0, 0, &[0, 1, 0, 0]));
    assert!(side.connection.is_idle());

    // A stream that sends nothing owes nothing.
    let mut side = Side::server(options.clone());
    side.feed(&get(1, END_HEADERS, &[]));
    pass(&mut side, 100_000);
    assert_eq!((side.code(RST_STREAM), side.ended()), (None, None));
}

#[test]
fn an_upload_that_gets_no_window_is_given_up() {
    let options = limited(|timeouts| timeouts.stall_ms = 1_000);
    let mut side = Side::client(options, Vec::new());
    let mut head = request(Method::POST, "/");
    head.body = BodySize::Unknown;
    let stream = side.connection.open();
    side.connection.send(stream, Event::RequestHead(Box::new(head))).expect("a head");
    side.connection.send(stream, Event::Data(vec![0; 102_400].into())).expect("a body");
    side.feed(&[]);
    pass(&mut side, 1_000);
    assert_eq!((side.told(0), side.code(RST_STREAM)), (vec!["stalled 502"], Some(8)));
    assert!(side.connection.is_idle());
}

#[test]
fn old_connections_are_left_and_streams_end() {
    let options = limited(|timeouts| (timeouts.age_ms, timeouts.farewell_ms) = (1_000, 500));
    let mut side = Side::server(options.clone());
    side.feed(&get(1, ENDS, &[]));
    pass(&mut side, 999);
    assert_eq!((side.code(GOAWAY), side.connection.due_ms()), (None, Some(1)));
    pass(&mut side, 1);
    assert_eq!((side.code(GOAWAY), side.ended()), (Some(0), None));
    pass(&mut side, 100_000);
    assert_eq!(side.ended(), None, "the stream is in progress");
    answer(&mut side, 1, 10);
    pass(&mut side, 500);
    assert_eq!(side.ended(), Some(Some(0)));

    let mut side = Side::client(options, vec![request(Method::GET, "/")]);
    pass(&mut side, 1_000);
    assert!(!side.connection.can_open() && side.ended().is_none());
    side.feed(&frame(HEADERS, ENDS, 1, &block(&[(":status", "200")])));
    assert_eq!((side.told(0), side.ended().is_some()), (vec!["200 Empty", "end"], true));
}

#[test]
fn an_hour_in_steps_of_a_second() {
    // The defaults: a client that works goes on, and is asked to come again after an hour.
    let mut side = Side::server(options());
    for second in 0..3_600_u32 {
        assert_eq!(side.code(GOAWAY), None);
        let stream = 2 * second + 1;
        side.feed(&get(stream, ENDS, &[]));
        answer(&mut side, stream.into(), 10);
        if second % 10 == 0 {
            side.feed(&frame(WINDOW_UPDATE, 0, 0, &[0, 0, 1, 0]));
        }
        pass(&mut side, 1_000);
    }
    assert_eq!((side.code(GOAWAY), side.ended()), (Some(0), None));
}
