//! The limits that peers are told and held to, at their edges.

use super::super::frame::{CONTINUATION, HEADERS, RST_STREAM};
use super::wire::{END_HEADERS, END_STREAM, ENDS, GET, Side, block, frame};
use super::*;
use crate::SendError;

/// A server that was sent one request with these fields besides.
fn asked(more: &[(&str, &str)]) -> Side {
    let mut side = Side::server(options());
    let block = block(&[&GET, more].concat());
    let mut parts = block.chunks(16_000);
    let first = parts.next().expect("a block");
    side.feed(&frame(HEADERS, END_STREAM, 1, first));
    for part in parts {
        side.feed(&frame(CONTINUATION, 0, 1, part));
    }
    side.feed(&frame(CONTINUATION, END_HEADERS, 1, &[]));
    side
}

#[test]
fn fields_of_a_head() {
    let side = asked(&[("x", "y"); 128]);
    assert_eq!(side.told(1).len(), 2);
    let side = asked(&[("x", "y"); 129]);
    assert_eq!(side.told(1), ["fields-too-many 431"]);
    // Crumbs count one by one, although they become one field.
    let side = asked(&[("cookie", "a=b"); 128]);
    assert_eq!(side.told(1).len(), 2);
    let side = asked(&[("cookie", "a=b"); 129]);
    assert_eq!(side.told(1), ["fields-too-many 431"]);
}

#[test]
fn bytes_of_a_head() {
    // Each field counts 32 bytes more (RFC 9113 §6.5.2); the pseudo-fields of GET are 173.
    let pseudo: usize = GET.iter().map(|(name, value)| name.len() + value.len() + 32).sum();
    let most = 64 * 1024 - pseudo - 32 - 1;
    let value = "v".repeat(most - 1);
    let side = asked(&[("x", &value)]);
    assert_eq!(side.told(1).len(), 2, "{:?}", side.told(1).len());
    let value = "v".repeat(most + 1);
    let side = asked(&[("x", &value)]);
    assert!(side.log.is_empty() && side.ended().is_none(), "refused without a word to anybody");
    let head = side.written.iter().find(|(kind, stream, _)| (*kind, *stream) == (HEADERS, 1));
    // `:status: 431` by its value in the static name 8.
    assert!(head.is_some_and(|(_, _, block)| block.ends_with(b"431") || block.len() < 10));
}

#[test]
fn trailers_have_the_same_limits() {
    for (count, told) in [(128, true), (129, false)] {
        let mut side = Side::server(options());
        side.feed(&frame(HEADERS, END_HEADERS, 1, &block(&GET)));
        side.feed(&frame(HEADERS, ENDS, 1, &block(&vec![("x", "y"); count])));
        match told {
            true => assert!(side.told(1)[1].starts_with("trailers x=y")),
            false => assert_eq!(side.told(1)[1..], ["trailers-too-many 400"]),
        }
    }
}

#[test]
fn streams_at_a_time_in_both_roles() {
    let mut pair = Pair::new(usize::MAX);
    for _ in 0..128 {
        assert!(pair.client.can_open());
        pair.ask([Event::RequestHead(Box::new(request(Method::GET, "/"))), Event::End]);
    }
    assert!(!pair.client.can_open());
    let stream = pair.client.open();
    let head = Event::RequestHead(Box::new(request(Method::GET, "/")));
    assert_eq!(pair.client.send(stream, head.clone()), Err(SendError::StreamsTooMany));
    let page = response(204, BodySize::Empty);
    pair.answer(StreamId::new(0), [Event::ResponseHead(Box::new(page)), Event::End]);
    assert!(pair.client.can_open());
    assert_eq!(pair.client.send(stream, head), Ok(()));

    let mut side = Side::server(options());
    for number in 0..130 {
        side.feed(&frame(HEADERS, ENDS, 2 * number + 1, &block(&GET)));
    }
    let refused: Vec<_> = side.written.iter().filter(|(kind, _, _)| *kind == RST_STREAM).collect();
    assert_eq!((side.log.len(), refused.len()), (128, 2));
    assert!(refused.iter().all(|(_, stream, code)| *stream > 255 && code == &[0, 0, 0, 7]));
}

#[test]
fn interim_responses() {
    let mut side = Side::client(options(), vec![request(Method::GET, "/")]);
    for _ in 0..8 {
        side.feed(&frame(HEADERS, END_HEADERS, 1, &block(&[(":status", "103")])));
    }
    assert_eq!(side.told(0), ["103 Empty"; 8]);
    side.feed(&frame(HEADERS, END_HEADERS, 1, &block(&[(":status", "103")])));
    assert_eq!(side.told(0).last(), Some(&"informational-too-many 502"));
}
