//! Peers that send what costs much and moves nothing: each is sent away within 1,000 frames.

use super::super::frame::{
    CONTINUATION, DATA, GOAWAY, HEADERS, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE,
};
use super::wire::{END_HEADERS, ENDS, GET, Side, block, frame, get};
use super::*;

/// Most frames that a flood may send.
const FRAMES_MAX: usize = 1_000;
/// Room for a client's own ids in a flood.
const PRIORITY: u8 = 0x2;

/// Feeds rounds of frames until the peer is sent away; the fault and the code.
fn flood(opening: &[u8], round: impl Fn(u32) -> Vec<Vec<u8>>) -> (String, Option<u32>) {
    let mut side = Side::server(options());
    side.feed(opening);
    let mut frames = 0;
    for number in 0.. {
        for frame in round(number) {
            side.feed(&frame);
            frames += 1;
            if let Some(code) = side.ended() {
                let fault = side.told(u64::MAX).first().copied().unwrap_or_default().to_owned();
                let unread = Bytes::from_static(b"more");
                side.connection.receive(unread);
                assert!(!side.connection.wants_input());
                return (fault, code);
            }
        }
        assert!(frames < FRAMES_MAX, "{frames} frames and no end");
    }
    unreachable!("the loop has no end of its own")
}

#[track_caller]
fn check(fault: &str, code: u32, opening: &[u8], round: impl Fn(u32) -> Vec<Vec<u8>>) {
    assert_eq!(flood(opening, round), (fault.to_owned(), Some(code)));
}

fn odd(number: u32) -> u32 {
    2 * number + 1
}

#[test]
fn rapid_reset() {
    check("budget-cancelled 429", 11, &[], |number| {
        let stream = odd(number);
        vec![get(stream, ENDS, &[]), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])]
    });
}

#[test]
fn resets_that_we_are_made_to_send() {
    // A window update of nothing, and a body that is not what was announced.
    let (fault, code) = flood(&[], |number| {
        let stream = odd(number);
        vec![get(stream, END_HEADERS, &[]), frame(WINDOW_UPDATE, 0, stream, &[0; 4])]
    });
    assert!(code.is_some(), "{fault}");
    check("budget-cancelled 429", 11, &[], |number| {
        let stream = odd(number);
        let head = get(stream, END_HEADERS, &[("content-length", "1")]);
        vec![head, frame(DATA, 0, stream, b"abc")]
    });
    let overflow = [0x7f, 0xff, 0xff, 0xff];
    check("budget-cancelled 429", 11, &[], |number| {
        let stream = odd(number);
        vec![get(stream, ENDS, &[]), frame(WINDOW_UPDATE, 0, stream, &overflow)]
    });
}

#[test]
fn continuation_small_and_empty() {
    let opening = frame(HEADERS, 1, 1, &block(&GET));
    let small = block(&[("a", "b")]);
    // For a list of 64 KiB the engine allows fewer than the budget.
    check("flood 429", 11, &opening, |_| vec![frame(CONTINUATION, 0, 1, &small)]);
    check("flood 429", 11, &opening, |_| vec![frame(CONTINUATION, 0, 1, &[])]);
    let mut options = options();
    options.limits.header_list_bytes_max = 16 << 20;
    let mut side = Side::server(options);
    side.feed(&opening);
    for _ in 0..33 {
        assert_eq!(side.ended(), None);
        side.feed(&frame(CONTINUATION, 0, 1, &small));
    }
    assert_eq!(side.told(u64::MAX), ["budget-continuation 431"]);
}

#[test]
fn data_empty_and_tiny() {
    let opening = get(1, END_HEADERS, &[]);
    check("budget-data-empty 429", 11, &opening, |_| vec![frame(DATA, 0, 1, &[])]);
    check("budget-data-small 429", 11, &opening, |_| vec![frame(DATA, 0, 1, b"x")]);
}

#[test]
fn frames_of_the_connection() {
    check("budget-settings 429", 11, &[], |_| vec![frame(SETTINGS, 0, 0, &[])]);
    check("budget-ping 429", 11, &[], |_| vec![frame(PING, 0, 0, b"12345678")]);
    let update = frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]);
    check("budget-window-update 429", 11, &[], |_| vec![update.clone()]);
}

#[test]
fn frames_that_mean_nothing() {
    let priority = frame(PRIORITY, 0, 3, &[0, 0, 0, 1, 7]);
    check("budget-ignored 429", 11, &[], |_| vec![priority.clone()]);
    check("budget-ignored 429", 11, &[], |_| vec![frame(0xbe, 0, 0, b"grease")]);
}

#[test]
fn a_header_bomb_is_bounded() {
    // 4,000 bytes go into the table once and are then named 300 times in a byte each.
    let mut bomb = block(&GET);
    bomb.extend([0x40, 1, b'x', 127, 0xa1, 0x1e]);
    bomb.extend([b'v'; 4_000]);
    bomb.extend([0x80 | 62; 300]);
    check("flood 429", 11, &[], |number| vec![frame(HEADERS, ENDS, odd(number), &bomb)]);
    // A smaller one is refused with 431 each time, and not for ever.
    bomb.truncate(bomb.len() - 250);
    let mut side = Side::server(options());
    side.feed(&frame(HEADERS, ENDS, 1, &bomb));
    assert_eq!((side.log.len(), side.ended()), (0, None));
    assert!(side.written.iter().any(|(kind, stream, _)| (*kind, *stream) == (HEADERS, 1)));
    check("budget-cancelled 429", 11, &[], |number| vec![frame(HEADERS, ENDS, odd(number), &bomb)]);
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
    check("budget-cancelled 429", 11, &[], |number| vec![get(odd(number), ENDS, &[])]);
}

#[test]
fn an_origin_floods_as_little() {
    let mut side = Side::client(options(), vec![request(Method::GET, "/")]);
    let mut frames = 0;
    while side.ended().is_none() {
        side.feed(&frame(PING, 0, 0, b"12345678"));
        frames += 1;
        assert!(frames < FRAMES_MAX);
    }
    assert_eq!(side.ended(), Some(Some(11)));
    assert_eq!(side.told(u64::MAX), ["budget-ping 502"]);
    assert_eq!(side.told(0), ["reset Unanswered"]);
    assert_eq!(side.written.last().map(|(kind, _, _)| *kind), Some(GOAWAY));
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
