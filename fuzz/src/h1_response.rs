//! HTTP/1.1 responses, chunked ones included: how they are cut does not change what is read, and
//! what was read means the same behind another wire, or is not sent.

use bytes::Bytes;
use gateway_h1h2::h1::{Connection, Options, replay_responses};
use http::Method;

use crate::h1::{Message, messages, options, options_behind, piece_bytes};

/// The methods that were asked with, by two bits of the second byte each.
const METHODS: [Method; 4] = [Method::GET, Method::HEAD, Method::CONNECT, Method::POST];

/// The first byte chooses pieces and checks, the second what was asked, the rest is what an
/// origin sends.
pub fn h1_response(data: &[u8]) {
    let Some((&[mode, asked], wire)) = data.split_first_chunk() else { return };
    let methods: Vec<_> =
        (0..4).map(|n| METHODS[usize::from(asked >> (2 * n) & 3)].clone()).collect();
    let whole = replay_responses(options(mode), &methods, [wire]);
    let pieces = replay_responses(options(mode), &methods, wire.chunks(piece_bytes(mode)));
    assert_eq!(pieces, whole, "the pieces changed what was read");
    for (message, method) in messages(&whole).into_iter().zip(methods) {
        pass_on(message, &method, options_behind(mode));
    }
}

/// Sends a message to a client of our own, which must read the same.
fn pass_on(message: Message, method: &Method, behind: Options) {
    if method == Method::CONNECT {
        return;
    }
    let mut server = Connection::server(Options::default());
    let request = format!("{method} / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\r\n");
    server.receive(Bytes::from(request));
    let (stream, _) = server.poll_event().expect("a request").expect("its head");
    while server.poll_event().expect("a request").is_some() {}
    let Some(written) = message.written(&mut server, stream) else { return };
    let again = replay_responses(behind, std::slice::from_ref(method), [&*written]);
    let shown = written.escape_ascii();
    assert_eq!(again.error, None, "{shown}");
    let again: Vec<_> = messages(&again).into_iter().map(Message::normal).collect();
    assert_eq!(again, [message.normal()], "{shown}");
}
