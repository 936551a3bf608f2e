//! What the first bytes of a connection or flow are.
//!
//! A stream is told only by a prefix that is complete for its protocol: until then the answer is
//! [`Sniff::NeedMore`], and an answer once given holds for every longer prefix. A datagram comes
//! whole. Nothing here decides what becomes of it, and nothing is taken out of the bytes.

mod binary;
#[cfg(test)]
mod corpus;
mod datagram;
mod dns;
mod fit;
mod greeting;
mod stream;
mod text;

pub use datagram::sniff_datagram;
pub use greeting::sniff_greeting;
pub use stream::sniff_stream;

/// A protocol that first bytes show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// BitTorrent, by the handshake of peers (BEP 3), or a message between nodes (BEP 5).
    BitTorrent,
    /// DNS (RFC 1035), over UDP or TCP.
    Dns,
    /// Datagram TLS (RFC 6347, RFC 9147).
    Dtls,
    /// FTP (RFC 959), by the greeting of its server, or a command that no other protocol has.
    Ftp,
    /// HTTP/1.x (RFC 9112), by its request line.
    Http1,
    /// HTTP/2 in the clear, by its preface (RFC 9113 §3.4).
    Http2,
    /// IMAP (RFC 9051), by the greeting of its server, or a tagged command.
    Imap,
    /// MQTT, by the packet that opens a connection (versions 3.1, 3.1.1 and 5).
    Mqtt,
    /// MySQL and its kin, by the greeting of the server.
    MySql,
    /// POP3 (RFC 1939), by the greeting of its server, or a command that no other protocol has.
    Pop3,
    /// PostgreSQL, by the message that opens a connection.
    Postgres,
    /// QUIC, by a long header of a known version (RFC 9000, RFC 9369).
    Quic,
    /// RDP, by the connection request of X.224 in a TPKT.
    Rdp,
    /// RTCP (RFC 3550 §6).
    Rtcp,
    /// RTP (RFC 3550 §5). It has no mark of its own: it is what RFC 7983 leaves to it and passes
    /// the checks of RFC 3550 §A.1.
    Rtp,
    /// SMTP (RFC 5321) and LMTP (RFC 2033).
    Smtp,
    /// SOCKS, version 4, 4a or 5 (RFC 1928).
    Socks,
    /// SSH (RFC 4253 §4.2).
    Ssh,
    /// STUN (RFC 8489) with a method of its own: connectivity checks.
    Stun,
    /// TLS, by the record of a ClientHello (RFC 8446 §5.1).
    Tls,
    /// TURN (RFC 8656): STUN with a method of a relay, or channel data.
    Turn,
}

impl Protocol {
    /// The name in rules and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BitTorrent => "bittorrent",
            Self::Dns => "dns",
            Self::Dtls => "dtls",
            Self::Ftp => "ftp",
            Self::Http1 => "http1",
            Self::Http2 => "http2",
            Self::Imap => "imap",
            Self::Mqtt => "mqtt",
            Self::MySql => "mysql",
            Self::Pop3 => "pop3",
            Self::Postgres => "postgresql",
            Self::Quic => "quic",
            Self::Rdp => "rdp",
            Self::Rtcp => "rtcp",
            Self::Rtp => "rtp",
            Self::Smtp => "smtp",
            Self::Socks => "socks",
            Self::Ssh => "ssh",
            Self::Stun => "stun",
            Self::Tls => "tls",
            Self::Turn => "turn",
        }
    }
}

/// What a prefix of a stream shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Sniff {
    /// Nothing yet.
    NeedMore,
    /// It is this protocol, whatever follows.
    Is(Protocol),
    /// It is none of the known ones, whatever follows.
    Unknown,
}
