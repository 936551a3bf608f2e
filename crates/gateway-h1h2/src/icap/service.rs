//! The address of a service: `icap://host[:port]/path` (RFC 3507 §4.2), or `icaps://` where TLS comes
//! first, from the first byte on, as Squid and others have it. What is said within TLS is the same.

use std::fmt;

use crate::{Authority, PathAndQuery};

/// The port of ICAP (§4.2).
const PORT: u16 = 1344;
/// The port of ICAP in TLS, which nobody has registered and everybody takes.
const TLS_PORT: u16 = 11344;

/// Where a service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    scheme: ServiceScheme,
    host: String,
    port: u16,
    path: String,
}

/// How a service is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceScheme {
    /// `icap`: in the clear.
    Icap,
    /// `icaps`: within TLS.
    Icaps,
}

/// The text is no address of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected icap://host[:port]/path or icaps://host[:port]/path")]
pub struct ServiceError;

impl ServiceScheme {
    /// What an address begins with.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Icap => "icap",
            Self::Icaps => "icaps",
        }
    }

    const fn port(self) -> u16 {
        match self {
            Self::Icap => PORT,
            Self::Icaps => TLS_PORT,
        }
    }
}

impl Service {
    /// Reads an address.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn parse(text: &str) -> Result<Self, ServiceError> {
        let (scheme, rest) = text.split_once("://").ok_or(ServiceError)?;
        let schemes = [ServiceScheme::Icap, ServiceScheme::Icaps];
        let known = schemes.into_iter().find(|known| known.name() == scheme);
        let scheme = known.ok_or(ServiceError)?;
        let (authority, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
        let parsed = Authority::parse(authority.as_bytes().to_vec()).map_err(|_| ServiceError)?;
        PathAndQuery::parse(path.as_bytes().to_vec()).map_err(|_| ServiceError)?;
        let host = parsed.host().to_owned();
        let port = parsed.port().unwrap_or_else(|| scheme.port());
        Ok(Self { scheme, host, port, path: path.to_owned() })
    }

    /// Whether it is spoken to within TLS.
    #[must_use]
    pub const fn scheme(&self) -> ServiceScheme {
        self.scheme
    }

    /// The host, a name or an address, the latter of IPv6 in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; 1344 where none is named, and 11344 within TLS.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}{}", self.scheme.name(), self.host, self.port, self.path)
    }
}
