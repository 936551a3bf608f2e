//! Budgets of frames: how many of each kind a peer may send that move no message on. Not flow
//! control, and not a rate: without a clock, work done is the measure.

/// How many frames of each kind may come on top of what is normal for the work that is done.
///
/// Each frame of a kind takes one from its budget. Work gives back, never beyond the figure here:
/// a head received or sent, a body frame, a response that ends in order; and
/// [`Connection::advance`](super::Connection::advance) gives back with time. What is used up ends
/// the connection with `ENHANCE_YOUR_CALM`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// All kinds together, but for CONTINUATION; what gives back to one of them gives back here.
    /// Default 900.
    pub all: u32,
    /// SETTINGS, acknowledgements included. Default 64.
    pub settings: u32,
    /// PING, answers included. Default 256.
    pub ping: u32,
    /// PRIORITY, PRIORITY_UPDATE (RFC 9218), GOAWAY and frames of unknown type. Default 256.
    pub ignored: u32,
    /// WINDOW_UPDATE. Each body frame sent gives back four. Default 512.
    pub window_update: u32,
    /// Streams that come to nothing: reset by the peer, malformed, or refused. Each response that
    /// ends in order gives back one. Default 200.
    pub cancelled: u32,
    /// DATA without a byte, padding not counted, that does not end its stream. Default 100.
    pub data_empty: u32,
    /// DATA of less than 16 bytes, padding not counted, that does not end its stream. Each body frame sent or of more
    /// bytes gives back one, each head four. Default 400.
    pub data_small: u32,
    /// CONTINUATION of one header block. Default 32.
    pub continuation: u32,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            all: 900,
            settings: 64,
            ping: 256,
            ignored: 256,
            window_update: 512,
            cancelled: 200,
            data_empty: 100,
            data_small: 400,
            continuation: 32,
        }
    }
}
