//! Faults that all versions of HTTP share: whose they are, and what a caller can do wrong.

use crate::StreamId;

/// Who is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blame {
    /// The client sent something invalid.
    Client,
    /// The origin sent something invalid.
    Origin,
    /// The caller of this crate gave a command that does not fit.
    Gateway,
}

/// An event cannot be sent now. Nothing was written and the connection is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The stream is not the one whose turn it is: over, or not yet there.
    #[error("stream {stream} is not open for sending")]
    Stream {
        /// The stream of the command.
        stream: StreamId,
    },
    /// The event cannot come at this place of a message, or not from this role.
    #[error("the event does not fit the state of the message")]
    Order,
    /// The connection is closed, failed, or a tunnel.
    #[error("the connection takes no more messages")]
    Closed,
    /// More body bytes than announced.
    #[error("the body is longer than announced, by {excess} bytes")]
    BodyTooLong {
        /// By how much.
        excess: u64,
    },
    /// The message ends before all announced bytes were sent; cut it with `Reset` instead.
    #[error("the body is shorter than announced, by {missing} bytes")]
    BodyTooShort {
        /// How many bytes are missing.
        missing: u64,
    },
    /// The message has no body: by its head, its status or the method of its request.
    #[error("the message has no body")]
    BodyNotAllowed,
    /// A request has an origin-form target and not exactly one valid `Host`.
    #[error("a request needs exactly one valid Host")]
    Host,
    /// `host:port`, both of them, goes with CONNECT and with no other method, `*` with OPTIONS only.
    #[error("the form of the target does not suit the method")]
    Target,
    /// A 101 for a request that asked for no upgrade or for none of those that the 101 names, or
    /// before that request has ended; on HTTP/2 any 101.
    #[error("the request did not ask for this upgrade")]
    UpgradeUnasked,
    /// As many exchanges are in progress as the peer takes at a time; see
    /// [`Codec::can_open`](crate::Codec::can_open).
    #[error("the peer takes no further stream now")]
    StreamsTooMany,
    /// An extended CONNECT (RFC 8441) on HTTP/1.1, or to a peer that has not said that it takes
    /// them.
    #[error("the peer takes no extended CONNECT")]
    ExtendedConnect,
}

impl SendError {
    /// Who is at fault: the caller, always.
    pub const fn blame(&self) -> Blame {
        Blame::Gateway
    }
}
