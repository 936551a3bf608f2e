//! HTTP/2 at a server: how bytes are cut does not change what is read, and answering them never
//! writes without end.

use gateway_h1h2::h2::{Answer, Options, replay_requests};

use crate::h2::{generous, piece_bytes};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// For each byte that is read: an empty frame of nine may be answered with a reset of thirteen, a
/// request of a few with a page.
const WRITTEN_MAX: usize = 100;

/// The first byte chooses the pieces, the rest is what a client sends behind its preface.
pub fn h2_server(data: &[u8]) {
    let Some((&mode, frames)) = data.split_first() else { return };
    let wire = [PREFACE, frames].concat();
    let whole = replay_requests(generous(), Answer::None, [&*wire]);
    let pieces = replay_requests(generous(), Answer::None, wire.chunks(piece_bytes(mode)));
    assert!(pieces.agrees_with(&whole), "the pieces changed it: {pieces:?} {whole:?}");
    for answer in [Answer::Page, Answer::Early] {
        let answered = replay_requests(Options::default(), answer, wire.chunks(4_096));
        assert!(answered.written_bytes < 1_000 + WRITTEN_MAX * wire.len());
    }
}
