//! HTTP/2 at a client that has asked for four things: how bytes are cut does not change what is
//! read.

use gateway_h1h2::h2::replay_responses;

use crate::h2::{generous, piece_bytes};

/// The first byte chooses the pieces, the rest is what a server sends.
pub fn h2_client(data: &[u8]) {
    let Some((&mode, wire)) = data.split_first() else { return };
    let whole = replay_responses(generous(), [wire]);
    let pieces = replay_responses(generous(), wire.chunks(piece_bytes(mode)));
    assert!(pieces.agrees_with(&whole), "the pieces changed it: {pieces:?} {whole:?}");
}
