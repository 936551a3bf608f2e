//! What makes two origin connections interchangeable.

use std::net::IpAddr;

use gateway_h1h2::{Scheme, Version};

/// The identity of an origin connection: one may serve in place of another only if all of this is
/// equal. It is also the key of TLS sessions.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OriginKey {
    /// The tenant; connections of two tenants never mix.
    pub tenant: TenantId,
    /// Whether TLS is spoken, and how it is verified.
    pub security: Security,
    /// Host name, lower-case, or IP literal without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// Whether and how TLS is spoken with the origin.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Security {
    /// No TLS.
    Plain,
    /// No TLS, and no origin either: a Worker of the gateway's own; the host is its name.
    Worker,
    /// TLS.
    Tls {
        /// The name that is sent as SNI and verified against the certificate; the host when the
        /// client named none.
        server_name: String,
        /// The protocols offered by ALPN, best first.
        alpn: Alpn,
        /// The policy snapshot whose trust anchors verified it.
        verified_by: u64,
    },
}

/// The application protocols offered by ALPN, to an origin or to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Alpn {
    /// `http/1.1` alone.
    Http11,
    /// `h2`, and `http/1.1` after it.
    Http2,
}

impl Alpn {
    /// The protocol identifiers, best first (RFC 7301).
    #[must_use]
    pub const fn ids(self) -> &'static [&'static [u8]] {
        match self {
            Self::Http11 => &[b"http/1.1"],
            Self::Http2 => &[b"h2", b"http/1.1"],
        }
    }
}

/// The version of HTTP that a TLS handshake has agreed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Agreed {
    /// HTTP/1.1, or nothing.
    #[default]
    Http11,
    /// HTTP/2.
    Http2,
}

impl Agreed {
    /// What the identifier chosen by ALPN means; none means HTTP/1.1.
    #[must_use]
    pub fn by_alpn(chosen: Option<&[u8]>) -> Self {
        if chosen == Some(b"h2") { Self::Http2 } else { Self::Http11 }
    }

    /// The version.
    #[must_use]
    pub const fn version(self) -> Version {
        match self {
            Self::Http11 => Version::Http11,
            Self::Http2 => Version::Http2,
        }
    }
}

/// Whose policy applies; 0 where there is but one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantId(pub u32);

/// The address that a host is, if it is one rather than a name.
pub(crate) fn literal(host: &str) -> Option<IpAddr> {
    // Most names are known for names by their last letter.
    let may_be = host.ends_with(|last: char| last.is_ascii_digit()) || host.contains(':');
    may_be.then(|| host.parse().ok()).flatten()
}

/// A host as keys and names hold it: an IPv6 literal without the brackets that it has in URLs
/// (RFC 3986 §3.2.2).
pub(crate) fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

impl OriginKey {
    /// The scheme of what is asked over such a connection.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        match self.security {
            Security::Plain | Security::Worker => Scheme::Http,
            Security::Tls { .. } => Scheme::Https,
        }
    }

    /// The same place, reached over HTTP/1.1 whatever the origin would like best.
    #[must_use]
    pub fn over_http11(&self) -> Self {
        let mut key = self.clone();
        if let Security::Tls { alpn, .. } = &mut key.security {
            *alpn = Alpn::Http11;
        }
        key
    }

    /// `host:port`, an IPv6 literal in brackets.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn addresses_are_told_from_names() {
        for host in ["192.0.2.1", "::1", "2001:db8::beef", "fe80::a", "::ffff:192.0.2.1"] {
            assert_eq!(literal(host), host.parse().ok());
            assert!(literal(host).is_some(), "{host}");
        }
        for host in ["", "a.test", "host1", "192.0.2.1.test", "1.2.3", "a:b", "[::1]", "256.1.1.1"]
        {
            assert_eq!(literal(host), None, "{host}");
        }
    }
}
