//! What client and server say to one another before a relay stands, and why they cannot. How it is
//! written, and in which order, is in `server` and `version4`.

use bytes::Bytes;

use super::address::{Destination, HostError};

/// How clients prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Auth {
    /// Not at all (method 0).
    None,
    /// With user name and password (method 2, RFC 1929).
    Password,
    /// With user name and password where the client offers it, else not at all.
    Either,
}

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// A connection (TCP).
    Connect,
    /// To be connected to.
    Bind,
    /// A relay for datagrams.
    UdpAssociate,
}

/// A client's request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it asks for.
    pub command: Command,
    /// Where to; for [`Command::UdpAssociate`] where its datagrams will come from, all zero if it
    /// does not know.
    pub destination: Destination,
}

/// How a request is answered (RFC 1928 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reply {
    /// The relay stands.
    Succeeded,
    /// None of the others.
    GeneralFailure,
    /// A rule forbids it.
    NotAllowed,
    /// There is no way to the network.
    NetworkUnreachable,
    /// The host does not answer, or its name does not resolve.
    HostUnreachable,
    /// The host refuses the connection.
    ConnectionRefused,
    /// It took too long.
    TtlExpired,
    /// The command is not offered.
    CommandNotSupported,
    /// The type of the address is not known.
    AddressTypeNotSupported,
}

impl Reply {
    /// The code of version 5.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Succeeded => 0,
            Self::GeneralFailure => 1,
            Self::NotAllowed => 2,
            Self::NetworkUnreachable => 3,
            Self::HostUnreachable => 4,
            Self::ConnectionRefused => 5,
            Self::TtlExpired => 6,
            Self::CommandNotSupported => 7,
            Self::AddressTypeNotSupported => 8,
        }
    }
}

/// What a client has said.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Who it says it is; to be answered with [`Server::admit`](super::Server::admit) or [`Server::turn_away`](super::Server::turn_away).
    Credentials {
        /// The name, as bytes.
        user: Bytes,
        /// The password, as bytes.
        password: Bytes,
    },
    /// What it asks for; to be answered with [`Server::reply`](super::Server::reply).
    Request(Request),
}

/// Why a client cannot be served. What it is to be told is in the output; then close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SocksError {
    /// A message begins with another version.
    #[error("version {version} of SOCKS is not spoken")]
    Version {
        /// The version.
        version: u8,
    },
    /// The client offers no method that this server takes.
    #[error("the client offers no authentication method that is taken here")]
    Method,
    /// The command is not known.
    #[error("command {command} is not known")]
    Command {
        /// The command.
        command: u8,
    },
    /// The host of the request cannot be read.
    #[error(transparent)]
    Host(#[from] HostError),
}
