//! Host and port, as in `Host`, CONNECT and absolute targets (RFC 3986 §3.2). Not a resolver: whether an
//! address may be dialled is decided elsewhere.

use std::fmt;
use std::net::Ipv6Addr;

use bytes::Bytes;

use crate::TargetError;

/// A host in lower case and an optional port. Never a user name.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Authority {
    host: Bytes,
    port: Option<u16>,
}

/// Why a text is no authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The host is empty, longer than 255 bytes, or has a byte that host names do not have.
    #[error("the host is invalid")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("the port is not a number from 1 to 65535")]
    Port,
    /// There is a user name.
    #[error("an authority must not have a user name")]
    UserInfo,
}

impl From<AuthorityError> for TargetError {
    fn from(error: AuthorityError) -> Self {
        match error {
            AuthorityError::Host | AuthorityError::Port => Self::Authority,
            AuthorityError::UserInfo => Self::UserInfo,
        }
    }
}

const HOST_BYTES_MAX: usize = 255;

/// The bytes of host names.
const HOST_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        table[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        byte += 1;
    }
    table
};

impl Authority {
    /// Reads `host` or `host:port`.
    ///
    /// Names consist of letters, digits and `-._~`: the escapes and delimiters that RFC 3986
    /// allows besides occur in no host that can be resolved, only in attempts to be read in two
    /// ways. An IPv6 address stands in brackets, without zone. An empty port is none.
    ///
    /// # Errors
    /// See [`AuthorityError`].
    pub fn parse(text: impl Into<Bytes>) -> Result<Self, AuthorityError> {
        let mut host = text.into();
        let (host_bytes, port) = split(&host)?;
        host.truncate(host_bytes);
        if host.iter().any(u8::is_ascii_uppercase) {
            host = host.to_ascii_lowercase().into();
        }
        Ok(Self { host, port })
    }

    /// The host in lower case; an IPv6 address keeps its brackets.
    pub fn host(&self) -> &str {
        std::str::from_utf8(&self.host).unwrap_or_default()
    }

    /// The port, if one is named.
    pub const fn port(&self) -> Option<u16> {
        self.port
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host()),
            None => f.write_str(self.host()),
        }
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Checks an authority without keeping it: how many bytes the host has, and the port.
pub(crate) fn split(text: &[u8]) -> Result<(usize, Option<u16>), AuthorityError> {
    let host_bytes = match text {
        [b'[', address @ ..] => {
            let end = memchr::memchr(b']', address).ok_or(AuthorityError::Host)?;
            let address = std::str::from_utf8(address.get(..end).unwrap_or_default());
            if address.map(|address| address.parse::<Ipv6Addr>().is_err()) != Ok(false) {
                return Err(no_host(text));
            }
            end + 2
        }
        _ => text.iter().position(|byte| !HOST_BYTES[*byte as usize]).unwrap_or(text.len()),
    };
    if host_bytes == 0 || host_bytes > HOST_BYTES_MAX {
        return Err(no_host(text));
    }
    match text.split_at(host_bytes).1 {
        [] => Ok((host_bytes, None)),
        [b':', rest @ ..] if !rest.contains(&b'@') => Ok((host_bytes, parse_port(rest)?)),
        [..] => Err(no_host(text)),
    }
}

fn no_host(text: &[u8]) -> AuthorityError {
    if text.contains(&b'@') { AuthorityError::UserInfo } else { AuthorityError::Host }
}

fn parse_port(digits: &[u8]) -> Result<Option<u16>, AuthorityError> {
    if digits.is_empty() {
        return Ok(None);
    }
    if digits.len() > 5 || !digits.iter().all(u8::is_ascii_digit) {
        return Err(AuthorityError::Port);
    }
    let port = digits.iter().fold(0_u32, |port, digit| port * 10 + u32::from(digit - b'0'));
    match u16::try_from(port) {
        Ok(0) | Err(_) => Err(AuthorityError::Port),
        Ok(port) => Ok(Some(port)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(&str, Option<u16>), AuthorityError>) {
        let parsed = Authority::parse(text.to_owned());
        let seen = parsed.as_ref().map(|authority| (authority.host(), authority.port()));
        assert_eq!(seen.map_err(|error| *error), expected, "{text}");
    }

    #[test]
    fn hosts_and_ports() {
        check("a.Example", Ok(("a.example", None)));
        check("a.example.", Ok(("a.example.", None)));
        check("my_host-1~:8080", Ok(("my_host-1~", Some(8080))));
        check("192.0.2.1:80", Ok(("192.0.2.1", Some(80))));
        check("[2001:DB8::1]:443", Ok(("[2001:db8::1]", Some(443))));
        check("[::1]", Ok(("[::1]", None)));
        check("a:", Ok(("a", None)));
        check("a:00080", Ok(("a", Some(80))));
    }

    #[test]
    fn what_is_no_authority() {
        use AuthorityError::{Host, Port, UserInfo};
        for text in [
            "",
            ":80",
            "a b",
            "a/b",
            "a\\b",
            "a%2eb",
            "a,b",
            "a=b",
            "a\0",
            "[::1",
            "[::1]x",
            "[]",
            "[fe80::1%25eth0]",
            "[v1.a]",
            "::1]",
            "[a]:80",
            "\u{e9}.example",
            "a#b",
            "a?b",
        ] {
            check(text, Err(Host));
        }
        check(&"a".repeat(256), Err(Host));
        for text in ["a:0", "a:65536", "a:-1", "a:+1", "a: 80", "a:8 0", "a:000080", "::1"] {
            check(text, Err(if text == "::1" { Host } else { Port }));
        }
        for text in ["u@a", "u:p@a:80", "@", "a@b@c"] {
            check(text, Err(UserInfo));
        }
    }

    #[test]
    fn it_is_written_as_it_reads() {
        for text in ["a.example", "a:80", "[::1]:8", "[::1]"] {
            let authority = Authority::parse(text).expect("an authority");
            assert_eq!(
                (authority.to_string(), format!("{authority:?}")),
                (text.into(), text.into())
            );
        }
    }
}
