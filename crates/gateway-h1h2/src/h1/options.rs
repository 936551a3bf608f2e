//! Limits and options of a connection, all with safe defaults.

use super::Checks;

/// Bounds on what a peer can make a connection hold or do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a head, start line and empty line included. Default 64 KiB; more than
    /// 1 GiB counts as 1 GiB.
    pub head_bytes_max: usize,
    /// Fields of a head, and of a trailer section. Default 128; more than 256 count as 256.
    pub fields_max: usize,
    /// Bytes of a method. Default 32.
    pub method_bytes_max: usize,
    /// Bytes of a request target. Default 16 KiB.
    pub target_bytes_max: usize,
    /// Bytes of all chunk extensions of a message. Default 4 KiB.
    pub chunk_extension_bytes_max: usize,
    /// Bytes of a trailer section. Default 8 KiB.
    pub trailer_bytes_max: usize,
    /// Interim responses before the final one. Default 8.
    pub informational_max: usize,
    /// Unread request bytes that are read and thrown away when the response is complete, to keep
    /// the connection. Default 64 KiB; if more is left, the connection closes.
    pub drain_bytes_max: u64,
    /// Received bytes not yet delivered, beyond which [`Connection::wants_input`] is false.
    /// Default 64 KiB. A head in parts is held besides.
    ///
    /// [`Connection::wants_input`]: super::Connection::wants_input
    pub unread_bytes_max: usize,
    /// Output not yet taken, beyond which [`Connection::send_capacity`] is 0. Default 64 KiB.
    ///
    /// [`Connection::send_capacity`]: super::Connection::send_capacity
    pub output_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes_max: 64 * 1024,
            fields_max: 128,
            method_bytes_max: 32,
            target_bytes_max: 16 * 1024,
            chunk_extension_bytes_max: 4 * 1024,
            trailer_bytes_max: 8 * 1024,
            informational_max: 8,
            drain_bytes_max: 64 * 1024,
            unread_bytes_max: 64 * 1024,
            output_bytes_max: 64 * 1024,
        }
    }
}

/// How a connection behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Bounds on the peer.
    pub limits: Limits,
    /// The severity of each check.
    pub checks: Checks,
    /// Body bytes that each message may deliver before [`Connection::credit`] gives more.
    /// Default 64 KiB.
    ///
    /// [`Connection::credit`]: super::Connection::credit
    pub credit_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { limits: Limits::default(), checks: Checks::default(), credit_bytes: 64 * 1024 }
    }
}
