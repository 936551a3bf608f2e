//! What can go wrong on a connection: by the peer ([`H1Error`]) and by the caller ([`SendError`]).

use http::StatusCode;

use super::Check;
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

/// The peer sent something that a check refuses. Nothing more is read from the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{check} at byte {offset}: {}", .check.doc())]
#[non_exhaustive]
pub struct H1Error {
    /// The check that refused.
    pub check: Check,
    /// Where in the stream of received bytes the message was found wrong: the offending byte,
    /// or the first byte of the head if the head as a whole is at fault.
    pub offset: u64,
    /// The exchange that failed. To a failed request one response may still be sent under this
    /// id, unless it has begun already.
    pub stream: StreamId,
    pub(super) blame: Blame,
}

impl H1Error {
    /// Who is at fault: the client for a server-role connection, else the origin.
    pub const fn blame(&self) -> Blame {
        self.blame
    }

    /// The status that the client must be answered: by the table of checks when the client is at
    /// fault, 502 when the origin is.
    pub fn status(&self) -> StatusCode {
        match self.blame {
            Blame::Client => self.check.status(),
            Blame::Origin => StatusCode::BAD_GATEWAY,
            Blame::Gateway => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
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
    /// A request has an origin-form target and not exactly one `Host`.
    #[error("a request needs exactly one Host")]
    Host,
    /// `host:port` goes with CONNECT and with no other method, `*` with OPTIONS only.
    #[error("the form of the target does not suit the method")]
    Target,
    /// A 101 for a request that asked for no upgrade, or before that request has ended.
    #[error("the request did not ask for an upgrade")]
    UpgradeUnasked,
}

impl SendError {
    /// Who is at fault: the caller, always.
    pub const fn blame(&self) -> Blame {
        Blame::Gateway
    }
}
