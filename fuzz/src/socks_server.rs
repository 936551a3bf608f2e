//! The talk that opens SOCKS 5: what is understood and answered does not depend on how it comes in
//! pieces, and nothing is lost of what follows it.

use bytes::Bytes;
use gateway_h1h2::socks::{Auth, Event, Reply, Server, SocksError, decode_datagram};

/// The first byte is the methods and the length of the pieces, the rest is what a client sends.
pub fn socks_server(data: &[u8]) {
    let Some((&setting, wire)) = data.split_first() else { return };
    let auth = match (setting & 1, setting & 0x80) {
        (0, 0) => Auth::None,
        (0, _) => Auth::Either,
        _ => Auth::Password,
    };
    let whole = talk(auth, [wire]);
    let pieces = talk(auth, wire.chunks(usize::from(setting >> 1) + 1));
    assert_eq!(pieces, whole, "in pieces");
    if let Ok((_, payload)) = decode_datagram(&Bytes::copy_from_slice(wire)) {
        assert!(wire.ends_with(&payload), "a payload is the end of its datagram");
    }
}

/// What is understood, answered and left over.
type Talk = (Vec<Event>, Option<SocksError>, Vec<u8>, Bytes);

fn talk<'a>(auth: Auth, pieces: impl IntoIterator<Item = &'a [u8]>) -> Talk {
    let mut server = Server::new(auth);
    let (mut events, mut error) = (Vec::new(), None);
    for piece in pieces {
        server.receive(piece);
        while error.is_none() {
            match server.poll_event() {
                Ok(None) => break,
                Ok(Some(event)) => {
                    match event {
                        Event::Credentials { .. } => server.admit(),
                        _ => server.reply(Reply::Succeeded, ([192, 0, 2, 1], 1).into()),
                    }
                    events.push(event);
                }
                Err(found) => error = Some(found),
            }
        }
    }
    let mut output = Vec::new();
    server.poll_output(&mut output);
    (events, error, output.concat(), server.into_unread())
}
