//! What a peer can do wrong on an HTTP/2 connection: each fault with its code on the wire and the
//! status that a client is answered. What the caller can is [`SendError`](crate::SendError).

use http::StatusCode;

use super::Fault;
use crate::{Blame, Scope, StreamId};

/// The peer sent something that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} ({scope})", .fault.doc())]
#[non_exhaustive]
pub struct H2Error {
    /// What was wrong.
    pub fault: Fault,
    /// Whether the connection or one stream is at an end.
    pub scope: Scope,
    pub(super) blame: Blame,
}

impl H2Error {
    /// Who is at fault: the client for a server-role connection, else the origin.
    pub const fn blame(&self) -> Blame {
        self.blame
    }

    /// The status that the client must be answered: by the table of faults when the client is at
    /// fault, 502 when the origin is.
    pub fn status(&self) -> StatusCode {
        match self.blame {
            Blame::Client => self.fault.status(),
            Blame::Origin => StatusCode::BAD_GATEWAY,
            Blame::Gateway => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stream that has failed, if it was one alone.
    pub const fn stream(&self) -> Option<StreamId> {
        match self.scope {
            Scope::Stream(stream) => Some(stream),
            Scope::Connection => None,
        }
    }
}
