//! How a connection or an exchange comes to an end, and whose fault that is, in whatever version.

use std::fmt;

use http::StatusCode;

use crate::h1::H1Error;
use crate::h2::H2Error;
use crate::{Blame, StreamId};

/// How the connection is to be closed once all output is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Close {
    /// In order: end the stream (close_notify, FIN), and read what comes for a short while so
    /// that the peer can read the last response.
    Graceful,
    /// A message was cut that the peer cannot tell from a complete one otherwise: break the
    /// connection off (RST, no close_notify).
    Abort,
}

/// What an error puts an end to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The connection: every exchange on it.
    Connection,
    /// One exchange; the others go on.
    Stream(StreamId),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection => f.write_str("connection"),
            Self::Stream(stream) => write!(f, "stream {stream}"),
        }
    }
}

/// The peer sent something that is refused, in whatever version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// On HTTP/1.
    #[error(transparent)]
    H1(#[from] H1Error),
    /// On HTTP/2.
    #[error(transparent)]
    H2(#[from] H2Error),
}

impl CodecError {
    /// What is at an end: on HTTP/1 always the connection.
    pub const fn scope(&self) -> Scope {
        match self {
            Self::H1(_) => Scope::Connection,
            Self::H2(error) => error.scope,
        }
    }

    /// The exchange that failed, if one did. A server may still send one response under this id
    /// if it has not begun one.
    pub const fn stream(&self) -> Option<StreamId> {
        match self {
            Self::H1(error) => Some(error.stream),
            Self::H2(error) => error.stream(),
        }
    }

    /// Who is at fault.
    pub const fn blame(&self) -> Blame {
        match self {
            Self::H1(error) => error.blame(),
            Self::H2(error) => error.blame(),
        }
    }

    /// The status that the client must be answered.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::H1(error) => error.status(),
            Self::H2(error) => error.status(),
        }
    }

    /// The name of what was refused, for logs and counters.
    pub fn id(&self) -> &'static str {
        match self {
            Self::H1(error) => error.check.id(),
            Self::H2(error) => error.fault.id(),
        }
    }
}
