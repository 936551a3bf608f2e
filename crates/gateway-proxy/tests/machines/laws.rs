//! The laws of the machines: the same inputs give the same outputs, chunks make no difference, and
//! every flow has exactly one record.

use gateway_log::CloseReason;
use gateway_proxy::Input;
use proptest::prelude::*;

use crate::scene::Scene;
use crate::script::{self, Event, texts, told};

const CLIENT: &[&[u8]] = &[
    b"GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n",
    b"POST http://a.test/y HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\n0123456789",
    b"PUT http://b.test/y HTTP/1.1\r\nHost: b.test\r\nTransfer-Encoding: chunked\r\n\r\n\
     6\r\nSECRET\r\n0\r\n\r\n",
    b"GET http://a.test/blocked HTTP/1.1\r\nHost: a.test\r\n\r\n",
    b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a.test:443\r\n\r\n",
    b"HEAD http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n",
    b"\r\n\r\nnonsense",
    b"GET http://a.test/ws HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
     Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    b"\x81\x85\0\0\0\0hello\x01\x82\0\0\0\0ab\x89\x80\0\0\0\0\x80\x82\0\0\0\0cd",
    b"\x81\x86\0\0\0\0SECRET",
    b"\x88\x80\0\0\0\0",
    b"\x05\x01\0\x05\x01\0\x03\x06a.test\0\x50GET / HTTP/1.1\r\nHost: a.test\r\n\r\n",
    b"\x05\x01\0\x05\x03\0\x01\0\0\0\0\0\0",
];

const ORIGIN: &[&[u8]] = &[
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\nuntil the end SECRET",
    b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 999 What\r\nContent-Length: x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x0b..",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
     Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    b"\x82\x05hello\x01\x03SEC",
    b"\x80\x03RET",
    b"\x88\x02\x03\xe8",
];

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => texts(CLIENT, 1).prop_map(Event::Client),
        6 => texts(ORIGIN, 1).prop_map(Event::Origin),
        1 => Just(Event::ClientEnds),
        2 => Just(Event::OriginEnds),
        1 => Just(Event::OriginGone),
        2 => (0..100_000u64).prop_map(Event::Wait),
        1 => Just(Event::Superseded),
        1 => Just(Event::Drain),
    ]
}

/// Plays events; bytes come in pieces of `piece` bytes.
fn play(events: &[Event], piece: usize) -> Scene {
    script::play(Scene::usual(), events, piece)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_same_inputs_give_the_same_outputs(events in prop::collection::vec(event(), 0..12)) {
        prop_assert_eq!(told(&play(&events, usize::MAX)), told(&play(&events, usize::MAX)));
    }

    #[test]
    fn any_prefix_and_an_abort_give_exactly_one_record_each(
        events in prop::collection::vec(event(), 0..12),
        piece in 1..64usize,
    ) {
        let mut scene = play(&events, piece);
        scene.give(Input::Abort(CloseReason::ClientClosed));
        prop_assert!(scene.session.is_done());
        prop_assert_eq!(scene.sessions(), 1);
        let number = |id: &gateway_log::Text| -> usize {
            let id = String::from_utf8_lossy(id.as_bytes());
            id.strip_prefix("s-").and_then(|number| number.parse().ok()).expect("a number")
        };
        let mut numbers: Vec<usize> =
            scene.requests().iter().map(|record| number(&record.request_id)).collect();
        numbers.sort_unstable();
        let all: Vec<usize> = (1..=numbers.len()).collect();
        prop_assert_eq!(numbers, all, "a request has no record, or two");
        // Nothing comes after the end.
        let before = told(&scene);
        scene.client("GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n");
        scene.give(Input::Abort(CloseReason::ClientClosed));
        prop_assert_eq!(before, told(&scene));
    }

    /// Exchanges that end by themselves read the same whatever pieces they come in. What is found
    /// in a response is left out: whether that is a page or a cut depends on what had left.
    #[test]
    fn chunks_make_no_difference(
        exchanges in prop::collection::vec((0..4usize, prop::sample::select(vec![0, 1, 3])), 1..4),
        piece in 1..40usize,
    ) {
        let events: Vec<Event> = exchanges
            .iter()
            .flat_map(|(request, response)| {
                let request = Event::Client(CLIENT[*request].into());
                [request, Event::Origin(ORIGIN[*response].into())]
            })
            .collect();
        let (whole, pieces) = (play(&events, usize::MAX), play(&events, piece));
        let bodies = |scene: &Scene| unchunked(&scene.at_client());
        prop_assert_eq!(bodies(&whole), bodies(&pieces));
        prop_assert_eq!(whole.log().lines().count(), pieces.log().lines().count());
    }
}

/// One exchange, cut off after each byte: from its complete head on a request has a record, and
/// every session has one from its first byte on.
#[test]
fn from_its_head_on_a_request_has_a_record_wherever_it_is_cut_off() {
    let request = CLIENT[2];
    let head = request.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    let response = ORIGIN[1];
    for sent in 0..=request.len() + response.len() {
        let mut scene = Scene::usual();
        scene.client(&request[..sent.min(request.len())]);
        if sent > request.len() && !scene.to_origin.is_empty() {
            scene.origin(&response[..sent - request.len()]);
        }
        scene.give(Input::Abort(CloseReason::ClientClosed));
        let expected = (usize::from(sent >= head), 1);
        assert_eq!((scene.requests().len(), scene.sessions()), expected, "{sent} bytes");
    }
}

/// What a client was sent, sizes of chunks left out: how bytes are grouped may differ.
fn unchunked(text: &str) -> String {
    let is_size = |line: &str| !line.is_empty() && line.bytes().all(|b| b.is_ascii_hexdigit());
    text.split("\r\n").filter(|line| !is_size(line)).collect()
}
