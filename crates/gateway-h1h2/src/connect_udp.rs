//! Requests to relay UDP (CONNECT-UDP, RFC 9298) for the proxy's role: the forms that they have in
//! HTTP/1.1 and HTTP/2, and the heads that answer them. What follows is
//! [capsules](crate::capsule).
//!
//! ```
//! use gateway_h1h2::connect_udp::ConnectUdp;
//! use gateway_h1h2::h1::{Connection, Options};
//! use gateway_h1h2::Event;
//!
//! let mut server = Connection::server(Options::default());
//! server.receive(
//!     "GET /.well-known/masque/udp/dns.example/53/ HTTP/1.1\r\nHost: proxy.example\r\n\
//!      Connection: Upgrade\r\nUpgrade: connect-udp\r\nCapsule-Protocol: ?1\r\n\r\n"
//!         .into(),
//! );
//! let Some((_, Event::RequestHead(head))) = server.poll_event()? else { panic!("no head") };
//! let asked = ConnectUdp::of_request(&head)?.expect("a request to relay UDP");
//! assert_eq!(asked.destination.host.to_string(), "dns.example");
//! assert_eq!(asked.destination.port, 53);
//! assert_eq!(asked.answer().status, 101);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use http::{Method, StatusCode};

use crate::fields::members;
use crate::socks::{Destination, Host, HostError};
use crate::{BodySize, RequestHead, ResponseHead, Target, Version};

/// The name of the protocol (RFC 9298 §8.1).
pub const PROTOCOL: &str = "connect-udp";
/// What stands before host and port in the path (RFC 9298 §3.4: the default template).
const PREFIX: &str = "/.well-known/masque/udp/";
/// The field that says that capsules follow (RFC 9297 §3.4), and its value.
const CAPSULES: (&str, &str) = ("Capsule-Protocol", "?1");

/// A request to relay datagrams of UDP to one destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectUdp {
    /// Where they are to go.
    pub destination: Destination,
    version: Version,
}

/// Why a request to relay UDP cannot be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectUdpError {
    /// In HTTP/1.1 it is a GET, in HTTP/2 an extended CONNECT (RFC 9298 §3.2, §3.4).
    #[error("a request to relay UDP does not have the form that its version asks for")]
    Form,
    /// It has a body (RFC 9298 §3.2).
    #[error("a request to relay UDP has a body")]
    Body,
    /// The path is not that of the default template.
    #[error("the path is not /.well-known/masque/udp/HOST/PORT/")]
    Path,
    /// The port is not one from 1 to 65,535.
    #[error("the port is none")]
    Port,
    /// The host is none.
    #[error(transparent)]
    Host(#[from] HostError),
}

impl ConnectUdp {
    /// Reads what `head` asks for; `None` if it is something else.
    ///
    /// # Errors
    /// [`ConnectUdpError`] if it asks for this, and not as it should; to be answered with 400.
    pub fn of_request(head: &RequestHead) -> Result<Option<Self>, ConnectUdpError> {
        let by_connect = head.protocol.as_deref().is_some_and(|name| name == PROTOCOL.as_bytes());
        let by_upgrade = head.protocol.is_none() && offers_upgrade(head);
        if !by_connect && !by_upgrade {
            return Ok(None);
        }
        if by_upgrade && (head.method != Method::GET || head.version != Version::Http11) {
            return Err(ConnectUdpError::Form);
        }
        if by_upgrade && !matches!(head.body, BodySize::Empty | BodySize::Length(0)) {
            return Err(ConnectUdpError::Body);
        }
        let path = match &head.target {
            Target::Origin(path) | Target::Absolute { path_and_query: path, .. } => path,
            Target::Authority(_) | Target::Asterisk => return Err(ConnectUdpError::Form),
        };
        let rest = path.path().strip_prefix(PREFIX).ok_or(ConnectUdpError::Path)?;
        let rest = rest.strip_suffix('/').ok_or(ConnectUdpError::Path)?;
        let (host, port) = rest.split_once('/').ok_or(ConnectUdpError::Path)?;
        let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
        let port = port.parse::<u16>().ok().filter(|port| *port > 0 && is_number);
        let port = port.ok_or(ConnectUdpError::Port)?;
        let host = unescape(host).ok_or(ConnectUdpError::Path)?;
        let destination = Destination { host: Host::parse(&host)?, port };
        Ok(Some(Self { destination, version: head.version }))
    }

    /// The head that says that the relay stands: 101 in HTTP/1.1, 200 in HTTP/2
    /// (RFC 9298 §3.3, §3.5).
    #[must_use]
    pub fn answer(&self) -> ResponseHead {
        let mut fields = vec![CAPSULES];
        let status = match self.version {
            Version::Http2 => StatusCode::OK,
            Version::Http10 | Version::Http11 => {
                fields.extend([("Connection", "Upgrade"), ("Upgrade", PROTOCOL)]);
                StatusCode::SWITCHING_PROTOCOLS
            }
        };
        let mut head = ResponseHead::new(status);
        for (name, value) in fields {
            // Names and values are fixed, and valid.
            let _ = head.fields.append(name, value);
        }
        head
    }
}

/// Whether `Upgrade` and `Connection` offer this protocol.
fn offers_upgrade(head: &RequestHead) -> bool {
    let named = |field: &str, wanted: &str| {
        head.fields
            .all(field)
            .flat_map(members)
            .any(|member| member.eq_ignore_ascii_case(wanted.as_bytes()))
    };
    named("upgrade", PROTOCOL) && named("connection", "upgrade")
}

/// Takes percent-encoding out of a host (RFC 9298 §3: colons of IPv6 addresses are encoded).
fn unescape(host: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(host.len());
    let mut rest = host.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        out.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = after;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{Authority, PathAndQuery, Scheme};

    const UDP: &str = "/.well-known/masque/udp/";

    fn by_upgrade(path: &str) -> RequestHead {
        let path = PathAndQuery::parse(path.to_owned()).unwrap();
        let mut head = RequestHead::new(Method::GET, Target::Origin(path));
        head.fields.append("Connection", "keep-alive, upgrade").unwrap();
        head.fields.append("Upgrade", "CONNECT-UDP").unwrap();
        head
    }

    #[track_caller]
    fn check(path: &str, expected: Result<(&str, u16), ConnectUdpError>) {
        let found = ConnectUdp::of_request(&by_upgrade(path));
        let found = found.map(|asked| asked.unwrap().destination);
        let found = found.map(|destination| (destination.host.to_string(), destination.port));
        assert_eq!(found, expected.map(|(host, port)| (host.to_owned(), port)), "{path}");
    }

    #[test]
    fn hosts_and_ports_stand_in_the_path() {
        use ConnectUdpError::{Host, Path, Port};
        check(&format!("{UDP}192.0.2.6/443/"), Ok(("192.0.2.6", 443)));
        check(&format!("{UDP}2001%3Adb8%3A%3A42/443/"), Ok(("2001:db8::42", 443)));
        check(&format!("{UDP}A.Example/1/?x=1"), Ok(("a.example", 1)));
        check(&format!("{UDP}a.example/0/"), Err(Port));
        check(&format!("{UDP}a.example/+53/"), Err(Port));
        check(&format!("{UDP}a.example/65536/"), Err(Port));
        check(&format!("{UDP}a.example/53"), Err(Path));
        check(&format!("{UDP}a.example/"), Err(Path));
        check(&format!("{UDP}a%2/53/"), Err(Path));
        check(&format!("{UDP}a%3/53/"), Err(Path));
        check(&format!("{UDP}/53/"), Err(Host(HostError::Name)));
        check(&format!("{UDP}a%00b/53/"), Err(Host(HostError::Name)));
        check("/other", Err(Path));
    }

    #[test]
    fn each_version_has_its_form() {
        let path = format!("{UDP}a.example/53/");
        let asked = ConnectUdp::of_request(&by_upgrade(&path)).unwrap().unwrap();
        let answer = asked.answer();
        assert_eq!(answer.status, 101);
        assert_eq!(answer.fields.get("upgrade"), Some(&b"connect-udp"[..]));
        assert_eq!(answer.fields.get("capsule-protocol"), Some(&b"?1"[..]));
        let mut post = by_upgrade(&path);
        post.method = Method::POST;
        assert_eq!(ConnectUdp::of_request(&post), Err(ConnectUdpError::Form));
        let mut old = by_upgrade(&path);
        old.version = Version::Http10;
        assert_eq!(ConnectUdp::of_request(&old), Err(ConnectUdpError::Form));
        let mut with_body = by_upgrade(&path);
        with_body.body = BodySize::Length(1);
        assert_eq!(ConnectUdp::of_request(&with_body), Err(ConnectUdpError::Body));
        let mut other = by_upgrade(&path);
        other.fields.set("Upgrade", "websocket").unwrap();
        assert_eq!(ConnectUdp::of_request(&other), Ok(None));
        let target = Target::Absolute {
            scheme: Scheme::Https,
            authority: Authority::parse("proxy.example").unwrap(),
            path_and_query: PathAndQuery::parse(path).unwrap(),
        };
        let mut extended = RequestHead::new(Method::CONNECT, target);
        extended.version = Version::Http2;
        extended.protocol = Some(Bytes::from_static(b"connect-udp"));
        extended.body = BodySize::Unknown;
        let answer = ConnectUdp::of_request(&extended).unwrap().unwrap().answer();
        assert_eq!((answer.status, answer.fields.contains("upgrade")), (StatusCode::OK, false));
    }
}
