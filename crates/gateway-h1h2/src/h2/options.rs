//! Limits and options of an HTTP/2 connection, all with safe defaults. Budgets of frames have a
//! file of their own.

use std::time::Duration;

use super::{Budgets, Timeouts};
use crate::Scheme;

/// Bounds on what a peer can make a connection hold or do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a header list or of trailers, counted as RFC 9113 §6.5.2 does: 32 more for each
    /// field. Default 64 KiB.
    pub header_list_bytes_max: u32,
    /// Fields of a head and of a trailer section, pseudo-fields not counted, each crumb of a
    /// cookie counted. Default 128.
    pub fields_max: usize,
    /// Bytes of a method. Default 32.
    pub method_bytes_max: usize,
    /// Bytes of a path with its query. Default 16 KiB.
    pub target_bytes_max: usize,
    /// Streams that the peer may have open at a time; a server refuses more with
    /// `REFUSED_STREAM`. Default 128.
    pub streams_max: u32,
    /// Interim responses before the final one. Default 8.
    pub informational_max: usize,
    /// Bytes that a client may send beyond its window, once the response is complete, so that it
    /// can come to the end of its request. Default 64 KiB.
    pub drain_bytes_max: u64,
    /// How long the end of a request is awaited once the response is complete, in milliseconds;
    /// then the stream is reset with `NO_ERROR`. With 0 that is done at once. Default 2,000.
    pub drain_ms_max: u64,
    /// Received bytes that the frame layer has not taken, beyond which
    /// [`Connection::wants_input`](super::Connection::wants_input) is false. Default 64 KiB.
    pub unread_bytes_max: usize,
    /// Output that is ready to be taken, beyond which nothing more is framed, nor anything read
    /// that would have to be answered. Default 64 KiB.
    pub output_bytes_max: usize,
    /// Bytes of one stream that wait for the peer's window, beyond which
    /// [`Connection::wants_data`](super::Connection::wants_data) is false. Default 48 KiB: with a piece
    /// more and what the engine keeps of the stream, that is 64 KiB.
    pub pending_bytes_max: usize,
    /// How many frames of each kind a peer may send that move nothing on.
    pub budgets: Budgets,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_list_bytes_max: 64 * 1024,
            fields_max: 128,
            method_bytes_max: 32,
            target_bytes_max: 16 * 1024,
            streams_max: 128,
            informational_max: 8,
            drain_bytes_max: 64 * 1024,
            drain_ms_max: 2_000,
            unread_bytes_max: 64 * 1024,
            output_bytes_max: 64 * 1024,
            pending_bytes_max: 48 * 1024,
            budgets: Budgets::default(),
        }
    }
}

/// How a connection behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Bounds on the peer.
    pub limits: Limits,
    /// How long the peer may take.
    pub timeouts: Timeouts,
    /// Body bytes that each stream may deliver before
    /// [`Connection::credit`](super::Connection::credit) gives more: the window that the peer is
    /// told. Default 63 KiB, which is 64 KiB with what is kept of a stream besides; less than 1
    /// counts as 1, more than 16 MiB as 16 MiB. The window of
    /// the connection is this for each of [`Limits::streams_max`], so that streams without credit
    /// leave the others theirs.
    pub credit_bytes: u32,
    /// The scheme of requests that have none: sent ones whose target is a path, received ones
    /// without `:authority`. Default `https`.
    pub scheme: Scheme,
    /// Whether a server says that it takes extended CONNECT (RFC 8441 §3). Default true.
    pub extended_connect: bool,
    /// How long the engine remembers a stream that it has reset, at most 50 at a time, so that
    /// frames on their way are ignored in silence; later ones are answered with another reset.
    /// Default 1 s by the clock of the machine, the one clock in this crate: with
    /// [`Duration::MAX`] it is never looked at in vain, and equal input gives equal output.
    pub reset_memory: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            credit_bytes: 63 * 1024,
            scheme: Scheme::Https,
            extended_connect: true,
            reset_memory: Duration::from_secs(1),
        }
    }
}
