//! The address of a service: `icap://host[:port]/path` (RFC 3507 §4.2).

use std::fmt;

use crate::{Authority, PathAndQuery};

/// The port of ICAP (§4.2).
const PORT: u16 = 1344;

/// Where a service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    host: String,
    port: u16,
    path: String,
}

/// The text is no address of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected icap://host[:port]/path")]
pub struct ServiceError;

impl Service {
    /// Reads an address.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn parse(text: &str) -> Result<Self, ServiceError> {
        let rest = text.strip_prefix("icap://").ok_or(ServiceError)?;
        let (authority, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
        let parsed = Authority::parse(authority.as_bytes().to_vec()).map_err(|_| ServiceError)?;
        PathAndQuery::parse(path.as_bytes().to_vec()).map_err(|_| ServiceError)?;
        let host = parsed.host().to_owned();
        Ok(Self { host, port: parsed.port().unwrap_or(PORT), path: path.to_owned() })
    }

    /// The host, a name or an address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; 1344 where none is named.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "icap://{}:{}{}", self.host, self.port, self.path)
    }
}
