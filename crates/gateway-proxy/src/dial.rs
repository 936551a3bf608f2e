//! What is asked of the driver to reach an origin, and what it answers.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway_h1h2::{Blame, Codec, Version};
use gateway_log::{CertificateValidation, CloseReason, Record, Text};
use http::StatusCode;

use crate::clock::millis;
use crate::key::{Agreed, OriginKey};

/// Names an origin connection within its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OriginId(pub(crate) u32);

impl OriginId {
    /// The number of the connection, counted from 0 within its session.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// A request to connect to an origin, or to take an idle connection to it from the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// The name under which the answer and all bytes refer to it.
    pub id: OriginId,
    /// Where to.
    pub key: OriginKey,
    /// The addresses to try, if rules have asked for them already: no others may be used, lest
    /// the name resolves to something else the second time. Empty: resolve the host.
    pub addresses: Vec<IpAddr>,
    /// Whether an idle connection will do.
    pub reuse: Reuse,
    /// Whether a place on a connection that others use too will do.
    pub sharing: Sharing,
}

/// Whether a connection of HTTP/2 may be one that other sessions use at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// It must be this session's alone, as long as it has it: a client of HTTP/2 has many streams of
    /// its own.
    #[default]
    Alone,
    /// It may: a client of HTTP/1.1 asks one thing at a time. Answered with
    /// [`Input::Shared`](crate::Input::Shared) or as any other.
    Shared,
}

/// Whether an idle connection of the pool will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// It will.
    Pooled,
    /// It must be a new one: a pooled one has just turned out to be dead, or the connection is to
    /// become a tunnel.
    Fresh,
}

/// An origin connection that is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialed {
    /// The address of the other end.
    pub peer: SocketAddr,
    /// The address of this end.
    pub local: SocketAddr,
    /// Whether it comes from the pool.
    pub reused: bool,
    /// What TLS agreed on.
    pub tls: Option<Arc<OriginTls>>,
    /// How long resolving and connecting took; zero for a reused one.
    pub connect: Duration,
}

/// What TLS with the origin agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OriginTls {
    /// Version, such as `TLSv1.3`.
    pub version: Text,
    /// Cipher suite by its IANA name.
    pub cipher: Text,
    /// The origin's certificate in DER, for the minted one to mirror.
    pub certificate: Bytes,
    /// Distinguished name of its issuer.
    pub issuer: Text,
    /// What ALPN has chosen.
    pub agreed: Agreed,
    /// How long the handshake took.
    pub handshake: Duration,
}

impl Dialed {
    /// The version of HTTP to speak.
    #[must_use]
    pub fn version(&self) -> Version {
        self.tls.as_ref().map_or(Version::Http11, |tls| tls.agreed.version())
    }

    /// Puts into `record` where it leads, what TLS agreed on, and how long both took, unless that was
    /// on behalf of somebody else before.
    pub(crate) fn fill(&self, record: &mut Record) {
        let (origin, timings) = (&mut record.origin, &mut record.timings);
        origin.addr = Some(self.peer);
        origin.egress = Some(self.local);
        origin.reused = Some(self.reused);
        if !self.reused {
            timings.origin_connect_ms = Some(millis(self.connect));
        }
        if let Some(tls) = &self.tls {
            origin.tls.version = tls.version.clone();
            origin.tls.cipher = tls.cipher.clone();
            origin.certificate_issuer = tls.issuer.clone();
            origin.certificate_validation = Some(CertificateValidation::Valid);
            if !self.reused {
                timings.origin_tls_ms = Some(millis(tls.handshake));
            }
        }
    }
}

/// What a connection that rests in the pool must not lose: the state of an HTTP/2 codec. It comes
/// back with [`Input::Revived`](crate::Input::Revived), or goes with its connection.
///
/// Nobody reads from a connection that rests: one on which something has come must not be used.
#[derive(Debug)]
pub struct Resting(pub(crate) Box<Codec>);

/// Why an origin cannot be reached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    /// The name does not resolve.
    #[error("the name {host} cannot be resolved")]
    Resolve {
        /// The name.
        host: String,
    },
    /// Every address of the host is one that may not be connected to.
    #[error("the address {address} may not be connected to: {reason}")]
    Refused {
        /// One of the addresses.
        address: IpAddr,
        /// Why not, such as `loopback`.
        reason: &'static str,
    },
    /// The connection was refused or there is no way to the host.
    #[error("cannot connect to {address}")]
    Unreachable {
        /// The last address tried.
        address: SocketAddr,
    },
    /// It took too long.
    #[error("connecting took too long")]
    TimedOut,
    /// The client has as many connections to origins as it may have, and none became free in time.
    #[error("the client has too many connections to origins; try again later")]
    Busy,
    /// The TLS handshake failed for another reason than the certificate.
    #[error("the TLS handshake with the origin failed")]
    Tls,
    /// The origin's certificate is not to be trusted.
    #[error("the certificate of the origin is not trusted: {}", reason(*.validation))]
    Certificate {
        /// What is wrong with it.
        validation: CertificateValidation,
    },
}

impl DialError {
    /// Who is at fault.
    #[must_use]
    pub const fn blame(&self) -> Blame {
        match self {
            Self::Refused { .. } | Self::Busy => Blame::Client,
            Self::Resolve { .. }
            | Self::Unreachable { .. }
            | Self::TimedOut
            | Self::Tls
            | Self::Certificate { .. } => Blame::Origin,
        }
    }

    /// The status that the client is answered (RFC 9110 §15.6).
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Refused { .. } => StatusCode::FORBIDDEN,
            Self::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Resolve { .. }
            | Self::Unreachable { .. }
            | Self::Tls
            | Self::Certificate { .. } => StatusCode::BAD_GATEWAY,
        }
    }

    /// How the record names it.
    #[must_use]
    pub const fn close_reason(&self) -> CloseReason {
        match self {
            Self::Refused { .. } | Self::Busy => CloseReason::ProxyConnRefused,
            Self::Resolve { .. } => CloseReason::OriginUnroutable,
            Self::Unreachable { .. } | Self::TimedOut => CloseReason::OriginUnreachable,
            Self::Tls | Self::Certificate { .. } => CloseReason::OriginTlsError,
        }
    }
}

const fn reason(validation: CertificateValidation) -> &'static str {
    match validation {
        CertificateValidation::Expired => "it has expired",
        CertificateValidation::HostnameMismatch => "it names another host",
        CertificateValidation::Revoked => "it has been revoked",
        _ => "no known authority vouches for it",
    }
}

/// How a leg is to be closed once its output is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// In order.
    Graceful,
    /// Broken off (RST), so that a cut message cannot pass as a complete one.
    Abort,
}

impl From<gateway_h1h2::Close> for Close {
    fn from(close: gateway_h1h2::Close) -> Self {
        match close {
            gateway_h1h2::Close::Graceful => Self::Graceful,
            gateway_h1h2::Close::Abort => Self::Abort,
        }
    }
}
