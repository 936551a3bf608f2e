//! The taps on both directions: they look at frame headers as bytes pass to and from the engine,
//! keep the budgets, and note what the engine does not tell. They change no byte.

mod inlet;
mod outlet;

use std::collections::VecDeque;

pub(super) use self::inlet::{Inlet, Stop};
pub(super) use self::outlet::Outlet;
use super::halves::Halves;

/// What a head can be that a client receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Response {
    Final,
    /// An interim response too, or trailers.
    Any,
}

/// What was seen; lists are of what was not yet looked at.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// RST_STREAM received: stream and code.
    pub(super) resets: VecDeque<(u32, u32)>,
    /// RST_STREAM sent.
    pub(super) resets_sent: VecDeque<u32>,
    /// Body bytes that were framed: stream and bytes.
    pub(super) framed: Vec<(u32, usize)>,
    /// Heads that a client has received: their streams, and whether they can be interim responses.
    pub(super) heads: Vec<(u32, Response)>,
    /// Complete header blocks that open a stream.
    pub(super) opened: u64,
    /// The peer has sent GOAWAY.
    pub(super) going_away: bool,
    /// The same, and it was not yet looked at whose streams that ends.
    pub(super) parting: bool,
    /// The peer has acknowledged SETTINGS.
    pub(super) acknowledged: bool,
    /// Where the peer may send.
    halves: Halves,
}
