//! HTTP/1.1 requests: how they are cut does not change what is read, and what was read means the
//! same behind another wire, or is not sent.

use gateway_h1h2::h1::{Connection, Options, replay_requests};

use crate::h1::{messages, options, options_behind, piece_bytes};

/// The first byte chooses pieces and checks, the rest is what a client sends.
pub fn h1_request(data: &[u8]) {
    let Some((&mode, wire)) = data.split_first() else { return };
    let whole = replay_requests(options(mode), [wire]);
    let pieces = replay_requests(options(mode), wire.chunks(piece_bytes(mode)));
    assert_eq!(pieces, whole, "the pieces changed what was read");
    for message in messages(&whole) {
        let mut client = Connection::client(Options::default());
        let stream = client.open();
        let Some(written) = message.written(&mut client, stream) else { continue };
        let again = replay_requests(options_behind(mode), [&*written]);
        let shown = written.escape_ascii();
        assert_eq!(again.error, None, "{shown}");
        let again: Vec<_> = messages(&again).into_iter().map(|message| message.normal()).collect();
        assert_eq!(again, [message.normal()], "{shown}");
    }
}
