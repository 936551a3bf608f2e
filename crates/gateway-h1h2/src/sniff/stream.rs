//! The first bytes of a client on a stream.

use super::{Protocol, Sniff, dns};
use crate::stun;

/// Whether a prefix is the beginning of one protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    Yes,
    /// It may still become one.
    Open,
    No,
}

/// Looks at a prefix.
type Fits = fn(&[u8]) -> Fit;

/// Bytes within which the method of a request ends.
const METHOD_BYTES_MAX: usize = 33;
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// In the order in which they are asked; one that is still open keeps those behind it from being
/// asked, so that an answer never changes.
const CANDIDATES: &[(Protocol, Fits)] = &[
    (Protocol::Tls, tls),
    (Protocol::Http2, |bytes| literal(bytes, HTTP2_PREFACE)),
    (Protocol::Ssh, |bytes| literal(bytes, b"SSH-")),
    (Protocol::Smtp, smtp),
    (Protocol::Http1, method),
    (Protocol::Turn, |bytes| on_stream(bytes, stun::Method::is_relay)),
    (Protocol::Stun, |bytes| on_stream(bytes, |method| !method.is_relay())),
    (Protocol::Dns, dns::on_stream),
];

/// Tells the protocol of a client by the first bytes that it sends.
///
/// ```
/// use gateway_h1h2::sniff::{Protocol, Sniff, sniff_stream};
///
/// assert_eq!(sniff_stream(b"GE"), Sniff::NeedMore);
/// assert_eq!(sniff_stream(b"GET /"), Sniff::Is(Protocol::Http1));
/// assert_eq!(sniff_stream(b"SSH-2.0-x"), Sniff::Is(Protocol::Ssh));
/// assert_eq!(sniff_stream(&[22, 3, 1, 2, 0, 1]), Sniff::Is(Protocol::Tls));
/// assert_eq!(sniff_stream(&[0xff; 40]), Sniff::Unknown);
/// ```
pub fn sniff_stream(bytes: &[u8]) -> Sniff {
    for (protocol, fits) in CANDIDATES {
        match fits(bytes) {
            Fit::Yes => return Sniff::Is(*protocol),
            Fit::Open => return Sniff::NeedMore,
            Fit::No => {}
        }
    }
    Sniff::Unknown
}

pub(super) fn literal(bytes: &[u8], expected: &[u8]) -> Fit {
    if bytes.starts_with(expected) {
        Fit::Yes
    } else if expected.starts_with(bytes) {
        Fit::Open
    } else {
        Fit::No
    }
}

/// A handshake record whose first message is a ClientHello: type, major version, any minor one,
/// length, type of the message.
fn tls(bytes: &[u8]) -> Fit {
    match *bytes {
        [] | [22] | [22, 3] | [22, 3, _] | [22, 3, _, _] | [22, 3, _, _, _] => Fit::Open,
        [22, 3, _, _, _, 1, ..] => Fit::Yes,
        _ => Fit::No,
    }
}

fn smtp(bytes: &[u8]) -> Fit {
    let known = [literal(bytes, b"EHLO "), literal(bytes, b"HELO "), literal(bytes, b"LHLO ")];
    match known {
        _ if known.contains(&Fit::Yes) => Fit::Yes,
        _ if known.contains(&Fit::Open) => Fit::Open,
        _ => Fit::No,
    }
}

/// A method (RFC 9110 §9.1: a token, here in capitals) and a space.
fn method(bytes: &[u8]) -> Fit {
    let window = bytes.get(..METHOD_BYTES_MAX).unwrap_or(bytes);
    match window.iter().position(|byte| !byte.is_ascii_uppercase() && *byte != b'-') {
        Some(end) if end > 0 && window.get(end) == Some(&b' ') => Fit::Yes,
        Some(_) => Fit::No,
        None if window.len() == METHOD_BYTES_MAX => Fit::No,
        None => Fit::Open,
    }
}

/// A STUN message as it stands on a stream: bare (RFC 8489 §6.2.2), or behind its length in two
/// bytes (RFC 4571, which ICE uses).
fn on_stream(bytes: &[u8], wanted: fn(stun::Method) -> bool) -> Fit {
    let fit = |message: &[u8]| match stun::Header::read(message) {
        stun::Reading::NeedMore => Fit::Open,
        stun::Reading::Is(header) if wanted(header.method) => Fit::Yes,
        stun::Reading::Is(_) | stun::Reading::Not => Fit::No,
    };
    let framed = match bytes {
        [] | [_] => Fit::Open,
        [_, _, message @ ..] => fit(message),
    };
    match (fit(bytes), framed) {
        (Fit::Yes, _) | (_, Fit::Yes) => Fit::Yes,
        (Fit::Open, _) | (_, Fit::Open) => Fit::Open,
        (Fit::No, Fit::No) => Fit::No,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const QUERY: &[u8] = b"\0\x1d\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01";
    const BINDING: &[u8] = b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl";

    /// What `bytes` are, decided on so many of them.
    #[track_caller]
    fn check(bytes: &[u8], expected: Sniff, decided_on: usize) {
        let first = (0..=bytes.len()).find(|end| sniff_stream(&bytes[..*end]) != Sniff::NeedMore);
        assert_eq!((sniff_stream(bytes), first), (expected, Some(decided_on)), "{bytes:?}");
    }

    #[test]
    fn protocols_are_told_by_complete_prefixes() {
        let is = Sniff::Is;
        check(b"GET / HTTP/1.1", is(Protocol::Http1), 4);
        check(b"M-SEARCH * HTTP/1.1", is(Protocol::Http1), 9);
        check(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0", is(Protocol::Http2), 24);
        check(b"PRI * HTTP/1.1\r\n", is(Protocol::Http1), 12);
        check(b"SSH-2.0-OpenSSH_9.2", is(Protocol::Ssh), 4);
        check(b"EHLO client.example\r\n", is(Protocol::Smtp), 5);
        check(&[22, 3, 1, 2, 0, 1, 0], is(Protocol::Tls), 6);
        check(QUERY, is(Protocol::Dns), QUERY.len());
        check(BINDING, is(Protocol::Stun), 8);
        check(&[&[0, 20], BINDING].concat(), is(Protocol::Stun), 10);
        check(b"\0\x03\0\0\x21\x12\xa4\x42abcdefghijkl", is(Protocol::Turn), 8);
        check(
            &[&[0, 20], &b"\0\x03\0\0\x21\x12\xa4\x42abcdefghijkl"[..]].concat(),
            is(Protocol::Turn),
            10,
        );
    }

    #[test]
    fn what_is_nothing_is_told_early() {
        check(b" GET / HTTP", Sniff::Unknown, 5);
        check(b"get /", Sniff::Unknown, 3);
        check(&[0xff; 20], Sniff::Unknown, 3);
        check(&[b'A'; 40], Sniff::Unknown, 33);
        check(&[22, 3, 1, 2, 0, 2], Sniff::Unknown, 6);
    }

    proptest! {
        #[test]
        fn an_answer_holds(bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..80),
            (0..QUERY.len(), any::<u8>()).prop_map(|(at, byte)| {
                let mut query = QUERY.to_vec();
                query[at] = byte;
                query
            }),
            (0..BINDING.len(), any::<u8>()).prop_map(|(at, byte)| {
                let mut binding = BINDING.to_vec();
                binding[at] = byte;
                binding
            }),
            "[A-Z -]{0,12}".prop_map(String::into_bytes),
        ]) {
            let mut decided = Sniff::NeedMore;
            for end in 0..=bytes.len() {
                let now = sniff_stream(&bytes[..end]);
                if decided != Sniff::NeedMore {
                    prop_assert_eq!(now, decided, "at {} of {:?}", end, bytes);
                }
                decided = now;
            }
        }
    }
}
