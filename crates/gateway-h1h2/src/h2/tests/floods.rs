//! Peers that send what costs much and moves nothing: each is sent away within 1,000 frames.

use super::super::frame::{
    CONTINUATION, DATA, GOAWAY, HEADERS, PING, PRIORITY, RST_STREAM, SETTINGS, WINDOW_UPDATE,
};
use super::wire::{END_HEADERS, ENDS, GET, PADDED, Side, block, frame, get};
use super::*;

/// Most frames that a flood may send.
const FRAMES_MAX: usize = 1_000;
/// PRIORITY_UPDATE (RFC 9218 §7.1).
const PRIORITY_UPDATE: u8 = 0x10;

/// Feeds rounds of frames until the peer is sent away: within [`FRAMES_MAX`] frames, with GOAWAY as
/// the last word, and nothing more is taken of it. What was wrong.
fn flood(mut side: Side, mut round: impl FnMut(&mut Side, u32) -> Vec<Vec<u8>>) -> String {
    let mut frames = 0;
    for number in 0.. {
        for frame in round(&mut side, number) {
            side.feed(&frame);
            frames += 1;
            if side.ended().is_some() {
                assert_eq!(side.written.last().map(|(kind, _, _)| *kind), Some(GOAWAY));
                side.connection.receive(Bytes::from_static(b"more"));
                assert!(!side.connection.wants_input());
                return side.told(u64::MAX).first().copied().unwrap_or_default().to_owned();
            }
            assert!(frames < FRAMES_MAX, "{frames} frames and no end");
        }
    }
    unreachable!("the loop has no end of its own")
}

/// A client floods: these frames first, then rounds.
#[track_caller]
fn by_client(fault: &str, opening: &[u8], round: impl Fn(u32) -> Vec<Vec<u8>>) {
    let mut side = Side::server(options());
    side.feed(opening);
    assert_eq!(flood(side, |_, number| round(number)), fault);
}

/// An origin floods, on the first stream of a client that has asked for something.
#[track_caller]
fn by_origin(fault: &str, opening: &[u8], round: impl Fn(u32) -> Vec<Vec<u8>>) {
    let mut side = Side::client(options(), vec![request(Method::GET, "/")]);
    side.feed(opening);
    assert_eq!(flood(side, |_, number| round(number)), fault);
}

/// An origin floods the answers of a client that asks again and again.
#[track_caller]
fn by_answers(fault: &str, round: impl Fn(u32) -> Vec<Vec<u8>>) {
    let side = Side::client(options(), Vec::new());
    let told = flood(side, |side, number| {
        side.ask(request(Method::GET, "/"));
        round(number)
    });
    assert_eq!(told, fault);
}

fn odd(number: u32) -> u32 {
    2 * number + 1
}

/// The head of a response.
fn ok(stream: u32, flags: u8) -> Vec<u8> {
    frame(HEADERS, flags, stream, &block(&[(":status", "200")]))
}

#[test]
fn flood_01_rapid_reset() {
    let reset = |number| frame(RST_STREAM, 0, odd(number), &[0, 0, 0, 8]);
    by_client("budget-cancelled 429", &[], |number| {
        vec![get(odd(number), ENDS, &[]), reset(number)]
    });
    by_answers("budget-cancelled 502", |number| vec![ok(odd(number), END_HEADERS), reset(number)]);
    by_answers("budget-cancelled 502", |number| vec![reset(number)]);
}

#[test]
fn flood_02_resets_that_we_are_made_to_send() {
    // A window update of nothing, one of too much, and a body that is not what was announced.
    let nothing = |number| frame(WINDOW_UPDATE, 0, odd(number), &[0; 4]);
    let overflow = |number| frame(WINDOW_UPDATE, 0, odd(number), &[0x7f, 0xff, 0xff, 0xff]);
    let body = |number| frame(DATA, 0, odd(number), b"abc");
    let length = [("content-length", "1")];
    by_client("protocol 400", &[], |number| {
        vec![get(odd(number), END_HEADERS, &[]), nothing(number)]
    });
    by_client("budget-cancelled 429", &[], |number| {
        vec![get(odd(number), ENDS, &[]), overflow(number)]
    });
    by_client("budget-cancelled 429", &[], |number| {
        vec![get(odd(number), END_HEADERS, &length), body(number)]
    });
    by_answers("budget-cancelled 502", |number| {
        let head = block(&[(":status", "200"), ("content-length", "1")]);
        vec![frame(HEADERS, END_HEADERS, odd(number), &head), body(number)]
    });
}

#[test]
fn flood_03_continuation_small() {
    // For a list of 64 KiB the engine allows fewer than the budget.
    let small = block(&[("a", "b")]);
    let more = |_| vec![frame(CONTINUATION, 0, 1, &small)];
    by_client("flood 429", &frame(HEADERS, 1, 1, &block(&GET)), more);
    by_origin("flood 502", &frame(HEADERS, 1, 1, &block(&[(":status", "200")])), more);
    let mut options = options();
    options.limits.header_list_bytes_max = 16 << 20;
    let mut side = Side::server(options);
    side.feed(&frame(HEADERS, 1, 1, &block(&GET)));
    for _ in 0..33 {
        assert_eq!(side.ended(), None);
        side.feed(&frame(CONTINUATION, 0, 1, &small));
    }
    assert_eq!(side.told(u64::MAX), ["budget-continuation 431"]);
}

#[test]
fn flood_04_continuation_empty() {
    let more = |_| vec![frame(CONTINUATION, 0, 1, &[])];
    by_client("flood 429", &frame(HEADERS, 1, 1, &block(&GET)), more);
    by_client("flood 429", &frame(HEADERS, 1, 1, &[]), more);
    by_origin("flood 502", &frame(HEADERS, 1, 1, &block(&[(":status", "200")])), more);
}

#[test]
fn flood_05_data_empty() {
    by_client("budget-data-empty 429", &get(1, END_HEADERS, &[]), |_| vec![frame(DATA, 0, 1, &[])]);
    by_origin("budget-data-empty 502", &ok(1, END_HEADERS), |_| vec![frame(DATA, 0, 1, &[])]);
    // Padding is no data, however much there is of it.
    let padding = [&[255][..], &[0; 255]].concat();
    let padded = |_| vec![frame(DATA, PADDED, 1, &padding)];
    by_client("budget-data-empty 429", &get(1, END_HEADERS, &[]), padded);
    by_origin("budget-data-empty 502", &ok(1, END_HEADERS), padded);
}

#[test]
fn flood_06_data_tiny() {
    by_client("budget-data-small 429", &get(1, END_HEADERS, &[]), |_| {
        vec![frame(DATA, 0, 1, b"x")]
    });
    by_origin("budget-data-small 502", &ok(1, END_HEADERS), |_| vec![frame(DATA, 0, 1, b"x")]);
    let padding = [&[100, b'x'][..], &[0; 100]].concat();
    let padded = |_| vec![frame(DATA, PADDED, 1, &padding)];
    by_client("budget-data-small 429", &get(1, END_HEADERS, &[]), padded);
}

#[test]
fn flood_07_settings() {
    let settings = |_| vec![frame(SETTINGS, 0, 0, &[])];
    by_client("budget-settings 429", &[], settings);
    by_origin("budget-settings 502", &[], settings);
}

#[test]
fn flood_08_ping() {
    for flags in [0, 1] {
        let ping = |_| vec![frame(PING, flags, 0, b"12345678")];
        by_client("budget-ping 429", &[], ping);
        by_origin("budget-ping 502", &[], ping);
    }
}

#[test]
fn flood_09_priority() {
    let priority = |_| vec![frame(PRIORITY, 0, 3, &[0, 0, 0, 1, 7])];
    by_client("budget-ignored 429", &[], priority);
    by_origin("budget-ignored 502", &[], priority);
}

#[test]
fn flood_10_unknown_types() {
    for kind in [PRIORITY_UPDATE, 0xbe] {
        let unknown = |_| vec![frame(kind, 0, 0, b"grease")];
        by_client("budget-ignored 429", &[], unknown);
        by_origin("budget-ignored 502", &[], unknown);
    }
}

#[test]
fn flood_11_window_update() {
    for stream in [0, 1] {
        let update = |_| vec![frame(WINDOW_UPDATE, 0, stream, &[0, 0, 0, 1])];
        by_client("budget-window-update 429", &get(1, END_HEADERS, &[]), update);
        by_origin("budget-window-update 502", &ok(1, END_HEADERS), update);
    }
}

/// 4,000 bytes go into the table once and are then named so many times, in a byte each.
fn bomb(pseudo: &[(&str, &str)], times: usize) -> Vec<u8> {
    let mut bomb = block(pseudo);
    bomb.extend([0x40, 1, b'x', 127, 0xa1, 0x1e]);
    bomb.extend([b'v'; 4_000]);
    bomb.extend(vec![0x80 | 62; times]);
    bomb
}

#[test]
fn flood_12_header_bomb() {
    let status = [(":status", "200")];
    let asks = |times| move |number| vec![frame(HEADERS, ENDS, odd(number), &bomb(&GET, times))];
    let answers =
        |times| move |number| vec![frame(HEADERS, ENDS, odd(number), &bomb(&status, times))];
    by_client("flood 429", &[], asks(300));
    by_answers("flood 502", answers(300));
    // A smaller one is refused with 431 each time, and not for ever.
    by_client("budget-cancelled 429", &[], asks(50));
    by_answers("budget-cancelled 502", answers(50));
    let mut side = Side::server(options());
    side.feed(&frame(HEADERS, ENDS, 1, &bomb(&GET, 50)));
    assert_eq!((side.log.len(), side.ended()), (0, None));
    assert!(side.written.iter().any(|(kind, stream, _)| (*kind, *stream) == (HEADERS, 1)));
}

#[test]
fn a_flood_of_all_kinds_is_counted_as_a_whole() {
    // Each kind stays within its own budget.
    let mixed = |number: u32| match number % 5 {
        0 => vec![frame(PING, 0, 0, b"12345678")],
        1 => vec![frame(PRIORITY, 0, 3, &[0, 0, 0, 1, 7])],
        2 => vec![frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1])],
        3 => vec![frame(DATA, 0, 1, b"x")],
        _ if number < 300 => vec![frame(SETTINGS, 0, 0, &[])],
        _ => vec![frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 1])],
    };
    by_client("budget-all 429", &get(1, END_HEADERS, &[]), mixed);
    by_origin("budget-all 502", &ok(1, END_HEADERS), mixed);
}

#[test]
fn go_away_again_and_again() {
    let go_away = |_| vec![frame(GOAWAY, 0, 0, &[0; 8])];
    by_client("budget-ignored 429", &get(1, END_HEADERS, &[]), go_away);
}

#[test]
fn too_many_streams_at_a_time() {
    let mut side = Side::server(options());
    for number in 0..128 {
        side.feed(&get(odd(number), ENDS, &[]));
    }
    assert_eq!((side.log.len(), side.code(RST_STREAM)), (128, None));
    side.feed(&get(odd(128), ENDS, &[]));
    assert_eq!((side.log.len(), side.code(RST_STREAM)), (128, Some(7)), "REFUSED_STREAM");
    by_client("budget-cancelled 429", &[], |number| vec![get(odd(number), ENDS, &[])]);
}

#[test]
fn honest_peers_are_let_be() {
    // A minute of what a busy client does beside its requests, a second at a time.
    let mut side = Side::server(options());
    for second in 0..60 {
        for number in 0..50 {
            let stream = odd(second * 50 + number);
            side.feed(&get(stream, END_HEADERS, &[]));
            side.feed(&frame(PRIORITY, 0, stream, &[0, 0, 0, 0, 7]));
            for _ in 0..4 {
                side.feed(&frame(DATA, 0, stream, &[b'x'; 400]));
            }
            side.feed(&frame(DATA, 1, stream, b""));
            let id = StreamId::new(u64::from(stream));
            let head = Event::ResponseHead(Box::new(response(200, BodySize::Unknown)));
            side.connection.send(id, head).expect("a head");
            side.connection.send(id, data("some text")).expect("a body");
            side.feed(&frame(WINDOW_UPDATE, 0, stream, &[0, 0, 0, 9]));
            side.feed(&frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 9]));
            if number % 10 == 0 {
                side.feed(&frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]));
            } else {
                side.connection.send(id, Event::End).expect("the end");
            }
            side.feed(&frame(PING, 0, 0, b"12345678"));
        }
        side.connection.advance(1_000);
    }
    assert_eq!(side.ended(), None);
    assert_eq!(side.log.len(), 3_000);
}
