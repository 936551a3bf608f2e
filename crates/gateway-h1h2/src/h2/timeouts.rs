//! How long a peer may take for what it owes: the settings of this. Time itself comes in by
//! [`Connection::advance`](super::Connection::advance).

/// Time-outs of a connection, in milliseconds of the time that
/// [`Connection::advance`](super::Connection::advance) tells; 0 for none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// From the begin of the connection until the peer has acknowledged our SETTINGS (RFC 9113
    /// §6.5.3); a server has the preface of its client by then, too. Default 10,000.
    pub settings_ack_ms: u64,
    /// From the first byte of a header block, or of any frame but DATA, to its last one. Default
    /// 10,000.
    pub head_ms: u64,
    /// Without a stream in progress; then the peer is told GOAWAY. Frames that belong to no stream,
    /// such as PING, do not count. Default 300,000.
    pub idle_ms: u64,
    /// Without one byte of a body sent, though some wait for the window of the peer: the stream is
    /// reset with `CANCEL`. Default 120,000.
    pub stall_ms: u64,
    /// From the begin of the connection until the peer is told GOAWAY; streams that are in
    /// progress then go on to their ends. Default 3,600,000.
    pub age_ms: u64,
    /// From GOAWAY, once no stream is in progress, until the connection ends without an answer to
    /// it. Default 5,000.
    pub farewell_ms: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            settings_ack_ms: 10_000,
            head_ms: 10_000,
            idle_ms: 300_000,
            stall_ms: 120_000,
            age_ms: 3_600_000,
            farewell_ms: 5_000,
        }
    }
}
