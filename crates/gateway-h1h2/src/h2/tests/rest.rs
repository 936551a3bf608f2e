//! Requests that go on behind their responses: they get some window and some time to end.

use proptest::prelude::*;

use super::super::frame::{DATA, HEADERS, RST_STREAM, WINDOW_UPDATE};
use super::wire::{END_HEADERS, END_STREAM, Side, block, frame};
use super::*;
use crate::ResetReason;

const WINDOW: u32 = 64 * 1024;
const POST: [(&str, &str); 4] =
    [(":method", "POST"), (":scheme", "https"), (":authority", "a.example"), (":path", "/")];

/// A server that was sent a head and these bytes of a body, and has answered `403`.
fn answered(options: Options, body: &[u8]) -> Side {
    let mut side = Side::server(options);
    side.feed(&frame(HEADERS, END_HEADERS, 1, &block(&POST)));
    upload(&mut side, body);
    let head = response(403, BodySize::Length(2));
    for event in [Event::ResponseHead(Box::new(head)), data("no"), Event::End] {
        side.connection.send(StreamId::new(1), event).expect("a response");
    }
    side.feed(&[]);
    side
}

fn upload(side: &mut Side, body: &[u8]) {
    for piece in body.chunks(16_384) {
        side.feed(&frame(DATA, 0, 1, piece));
    }
}

/// Kinds and codes of what was written on the stream, in order, windows left out.
fn written(side: &Side) -> Vec<(u8, Option<u32>)> {
    let on_stream =
        side.written.iter().filter(|(kind, stream, _)| *stream == 1 && *kind != WINDOW_UPDATE);
    let code = |kind: u8, payload: &[u8]| {
        let code = payload.first_chunk::<4>().filter(|_| kind == RST_STREAM);
        code.map(|code| u32::from_be_bytes(*code))
    };
    on_stream.map(|(kind, _, payload)| (*kind, code(*kind, payload))).collect()
}

/// The window that the stream was given.
fn given(side: &Side) -> u32 {
    let on_stream =
        side.written.iter().filter(|(kind, stream, _)| (*kind, *stream) == (WINDOW_UPDATE, 1));
    on_stream.map(|(_, _, bytes)| u32::from_be_bytes(*bytes.first_chunk().expect("four"))).sum()
}

#[test]
fn a_small_rest_comes_to_its_end_and_nothing_is_reset() {
    let trailers = frame(HEADERS, END_HEADERS | END_STREAM, 1, &block(&[("sum", "1")]));
    for end in [frame(DATA, END_STREAM, 1, b"the end"), frame(DATA, END_STREAM, 1, b""), trailers] {
        let mut side = answered(options(), b"begin");
        assert!(!side.connection.is_idle() && side.connection.due_ms() == Some(2_000));
        upload(&mut side, &[0; 60_000]);
        side.feed(&end);
        assert_eq!(written(&side), [(HEADERS, None), (DATA, None)]);
        assert_eq!(side.told(1)[1..], ["data begin"], "nothing of it is told");
        assert!(side.connection.is_idle() && side.connection.due_ms() > Some(5_000));
    }
}

#[test]
fn a_rest_without_an_end_is_reset_when_its_time_is_over() {
    let mut side = answered(options(), b"begin");
    side.connection.advance(1_500);
    side.feed(&frame(DATA, 0, 1, b"more"));
    assert_eq!(side.connection.due_ms(), Some(500), "what comes gives no more time");
    side.connection.advance(499);
    side.feed(&[]);
    assert_eq!(written(&side).len(), 2);
    side.connection.advance(1);
    side.feed(&[]);
    assert_eq!(written(&side), [(HEADERS, None), (DATA, None), (RST_STREAM, Some(0))]);
    assert!(side.connection.is_idle() && side.connection.due_ms() > Some(5_000));
    // What was on its way is not answered, and the connection goes on.
    side.feed(&frame(DATA, END_STREAM, 1, b"late"));
    side.feed(&wire::get(3, wire::ENDS, &[]));
    assert_eq!(written(&side).len(), 3);
    assert_eq!(side.told(3).last(), Some(&"end"));
}

#[test]
fn without_time_the_stream_is_reset_at_once() {
    let mut options = options();
    options.limits.drain_ms_max = 0;
    let side = answered(options, b"begin");
    assert_eq!(written(&side), [(HEADERS, None), (DATA, None), (RST_STREAM, Some(0))]);
    assert!(side.connection.is_idle());
}

#[test]
fn a_rest_that_the_client_gives_up_is_over() {
    let mut side = answered(options(), b"begin");
    side.feed(&frame(RST_STREAM, 0, 1, &[0, 0, 0, 8]));
    assert_eq!(side.told(1)[1..], ["data begin"]);
    assert!(side.connection.is_idle());

    let mut side = answered(options(), b"begin");
    side.connection.receive_eof();
    side.feed(&[]);
    assert_eq!(side.told(1)[1..], ["data begin"]);
    assert!(side.connection.wants_close().is_some());
}

#[test]
fn who_leaves_waits_for_a_rest() {
    let mut pair = Pair::new(usize::MAX);
    let mut head = request(Method::POST, "/");
    head.body = BodySize::Unknown;
    let stream = pair.ask([Event::RequestHead(Box::new(head)), data("some")]);
    let head = response(403, BodySize::Length(2));
    pair.answer(stream, [Event::ResponseHead(Box::new(head)), data("no"), Event::End]);
    pair.server.close_when_idle();
    pair.run();
    assert!(pair.server.wants_close().is_none());
    pair.client.send(stream, Event::End).expect("the end");
    pair.run();
    assert!(pair.server.wants_close().is_some());
}

#[test]
fn a_reset_response_awaits_nothing() {
    let mut side = Side::server(options());
    side.feed(&frame(HEADERS, END_HEADERS, 1, &block(&POST)));
    let reset = Event::Reset(ResetReason::Cancelled);
    side.connection.send(StreamId::new(1), reset).expect("a reset");
    side.feed(&[]);
    assert_eq!(written(&side), [(RST_STREAM, Some(8))]);
    assert!(side.connection.is_idle());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_rest_gets_no_more_window_than_is_meant_for_it(
        before in 0..WINDOW,
        drain in 0..3 * WINDOW,
        credit in 0_u64..70_000,
        piece in 500_usize..16_384,
    ) {
        let mut options = options();
        options.limits.drain_bytes_max = drain.into();
        let mut side = Side::server(options);
        side.feed(&frame(HEADERS, END_HEADERS, 1, &block(&POST)));
        upload(&mut side, &vec![0; before as usize]);
        side.connection.credit(StreamId::new(1), credit);
        side.feed(&[]);
        let (mut sent, credited) = (before, given(&side));
        prop_assert!(u64::from(credited) <= credit.min(before.into()));
        let owed = u64::from(before).saturating_sub(credit);
        for event in [Event::ResponseHead(Box::new(response(403, BodySize::Empty))), Event::End] {
            side.connection.send(StreamId::new(1), event).expect("a response");
        }
        side.feed(&[]);
        // A client that sends whatever it may.
        loop {
            let left = (WINDOW + given(&side) - sent).min(u32::try_from(piece).unwrap());
            if left == 0 {
                break;
            }
            side.feed(&frame(DATA, 0, 1, &vec![0; left as usize]));
            sent += left;
            prop_assert!(sent <= 10 * WINDOW, "no end of it");
        }
        // All that it was given on top of what it had; the frame layer gives in large steps.
        let had = u64::from(WINDOW) - owed;
        let rest = u64::from(sent - before);
        prop_assert!(rest <= had + u64::from(drain), "{rest} of {had} and {drain}");
        prop_assert!(rest + u64::from(WINDOW) / 2 >= had + u64::from(drain), "{rest} of {had} and {drain}");
        side.connection.advance(2_000);
        side.feed(&[]);
        prop_assert_eq!(written(&side).last().copied(), Some((RST_STREAM, Some(0))));
        prop_assert!(side.connection.is_idle());
    }
}
