//! Host names and addresses in one canonical form. No resolution, no IDNA: a name that is not
//! ASCII must have been turned into A-labels (RFC 5890) before it comes here.

use std::fmt;
use std::net::IpAddr;

use thiserror::Error;

/// Longest name in its textual form, without the trailing dot (RFC 1035 §2.3.4).
const NAME_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;

/// Why a text is no host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HostError {
    /// There is nothing, or nothing between two dots.
    #[error("empty host name or label")]
    Empty,
    /// The name is longer than 253 bytes.
    #[error("host name of {bytes} bytes, at most 253 are allowed")]
    NameTooLong {
        /// Length of the name.
        bytes: usize,
    },
    /// A label is longer than 63 bytes.
    #[error("label of {bytes} bytes in a host name, at most 63 are allowed")]
    LabelTooLong {
        /// Length of the label.
        bytes: usize,
    },
    /// A byte other than a letter, digit, hyphen or underscore; a name outside ASCII is not in
    /// A-labels.
    #[error("byte {byte:#04x} in a host name")]
    Byte {
        /// The offending byte.
        byte: u8,
    },
    /// The last label is a number: some readers take such a name for an IPv4 address.
    #[error("host name ends in a number but is no IPv4 address")]
    EndsInNumber,
}

/// A host in canonical form: a lower-case name without trailing dot, or an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Host {
    Name(String),
    Ip(IpAddr),
}

impl Host {
    /// Reads a name or an address; IPv6 with or without brackets.
    pub(crate) fn parse(text: &str) -> Result<Self, HostError> {
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        match bare.unwrap_or(text).parse::<IpAddr>() {
            // Brackets hold IPv6 only (RFC 3986 §3.2.2).
            Ok(ip) if bare.is_none() || ip.is_ipv6() => Ok(Self::Ip(ip)),
            Ok(_) | Err(_) => name(text).map(Self::Name),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Ip(ip) => fmt::Display::fmt(ip, f),
        }
    }
}

/// The canonical form of a name that a certificate carries: a wildcard may stand for its first
/// label (RFC 6125 §6.4.3).
pub(crate) fn certificate_name(text: &str) -> Result<String, HostError> {
    match text.strip_prefix("*.") {
        Some(parent) => Ok(format!("*.{}", name(parent)?)),
        None => name(text),
    }
}

fn name(text: &str) -> Result<String, HostError> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.len() > NAME_BYTES_MAX {
        return Err(HostError::NameTooLong { bytes: text.len() });
    }
    for label in text.split('.') {
        match label.len() {
            0 => return Err(HostError::Empty),
            bytes if bytes > LABEL_BYTES_MAX => return Err(HostError::LabelTooLong { bytes }),
            _ => {}
        }
        let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if let Some(byte) = label.bytes().find(|byte| !allowed(byte)) {
            return Err(HostError::Byte { byte });
        }
    }
    let name = text.to_ascii_lowercase();
    if name.rsplit('.').next().is_some_and(is_number) {
        Err(HostError::EndsInNumber)
    } else {
        Ok(name)
    }
}

/// Whether a lower-case label reads as a number in the URL Standard (§3.5, ends-in-a-number).
fn is_number(label: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits(label) || label.strip_prefix("0x").is_some_and(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, HostError>) {
        assert_eq!(Host::parse(text).map(|host| host.to_string()), expected.map(str::to_owned));
    }

    #[test]
    fn hosts() {
        check("Example.COM", Ok("example.com"));
        check("example.com.", Ok("example.com"));
        check("_dmarc.a-b.xn--bcher-kva.example", Ok("_dmarc.a-b.xn--bcher-kva.example"));
        check("localhost", Ok("localhost"));
        check("192.0.2.1", Ok("192.0.2.1"));
        check("2001:DB8::0:1", Ok("2001:db8::1"));
        check("[2001:db8::1]", Ok("2001:db8::1"));
        check("", Err(HostError::Empty));
        check(".", Err(HostError::Empty));
        check("a..b", Err(HostError::Empty));
        check("example.com..", Err(HostError::Empty));
        check("bücher.example", Err(HostError::Byte { byte: 0xc3 }));
        check("a b", Err(HostError::Byte { byte: b' ' }));
        check("a\0b", Err(HostError::Byte { byte: 0 }));
        check("*.example.com", Err(HostError::Byte { byte: b'*' }));
        check("[192.0.2.1]", Err(HostError::Byte { byte: b'[' }));
        check("127.1", Err(HostError::EndsInNumber));
        check("2130706433", Err(HostError::EndsInNumber));
        check("0x7f.0x1", Err(HostError::EndsInNumber));
        check("192.0.2.1.", Err(HostError::EndsInNumber));
        check(&"a".repeat(64), Err(HostError::LabelTooLong { bytes: 64 }));
        check(&"a.".repeat(127), Ok(&"a.".repeat(127)[..253]));
        check(&"a.".repeat(128), Err(HostError::NameTooLong { bytes: 255 }));
    }

    #[test]
    fn wildcards_stand_for_the_first_label_only() {
        assert_eq!(certificate_name("*.Example.com").as_deref(), Ok("*.example.com"));
        assert_eq!(certificate_name("www.*.com"), Err(HostError::Byte { byte: b'*' }));
        assert_eq!(certificate_name("w*.example.com"), Err(HostError::Byte { byte: b'*' }));
        assert_eq!(certificate_name("*."), Err(HostError::Empty));
    }
}
