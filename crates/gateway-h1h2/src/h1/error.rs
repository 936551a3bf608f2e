//! What a peer can do wrong on a connection. What the caller can is [`SendError`](crate::SendError).

use http::StatusCode;

use super::Check;
use crate::{Blame, StreamId};

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
