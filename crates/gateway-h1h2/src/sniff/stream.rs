//! The first bytes of a client on a stream.

use super::binary::{bittorrent, mqtt, on_stream, postgres, rdp, socks, tls};
use super::fit::Fit;
use super::text::{ftp, http1, http2, imap, pop3, smtp, ssh};
use super::{Protocol, Sniff, dns};
use crate::stun;

/// Looks at a prefix.
type Fits = fn(&[u8]) -> Fit;
type Candidate = (Protocol, Fits);

const TURN: Candidate = (Protocol::Turn, |bytes| on_stream(bytes, stun::Method::is_relay));
const STUN: Candidate = (Protocol::Stun, |bytes| on_stream(bytes, |method| !method.is_relay()));
const DNS: Candidate = (Protocol::Dns, dns::on_stream);

/// What may begin with a byte. They are asked in order; one that is still open keeps those behind
/// it from being asked, so that an answer never changes.
const fn candidates(first: u8) -> &'static [Candidate] {
    match first {
        0 => &[(Protocol::Postgres, postgres), TURN, STUN, DNS],
        3 => &[(Protocol::Rdp, rdp), TURN, STUN, DNS],
        4 | 5 => &[(Protocol::Socks, socks), TURN, STUN, DNS],
        0x10 => &[(Protocol::Mqtt, mqtt), TURN, STUN, DNS],
        0x13 => &[(Protocol::BitTorrent, bittorrent), TURN, STUN],
        0x16 => &[(Protocol::Tls, tls), TURN, STUN],
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => &[
            (Protocol::Http2, http2),
            (Protocol::Ssh, ssh),
            (Protocol::Smtp, smtp),
            (Protocol::Pop3, pop3),
            (Protocol::Ftp, ftp),
            (Protocol::Http1, http1),
            (Protocol::Imap, imap),
            TURN,
            STUN,
        ],
        _ => &[TURN, STUN, DNS],
    }
}

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
    let Some(&first) = bytes.first() else { return Sniff::NeedMore };
    for (protocol, fits) in candidates(first) {
        match fits(bytes) {
            Fit::Yes => return Sniff::Is(*protocol),
            Fit::Open => return Sniff::NeedMore,
            Fit::No => {}
        }
    }
    Sniff::Unknown
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
        check(b"GET / HTTP/1.1", is(Protocol::Http1), 5);
        check(b"GET http://a/ HTTP/1.1", is(Protocol::Http1), 5);
        check(b"M-SEARCH * HTTP/1.1", is(Protocol::Http1), 18);
        check(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0", is(Protocol::Http2), 24);
        check(b"PRI * HTTP/1.1\r\n", is(Protocol::Http1), 13);
        check(b"SSH-2.0-OpenSSH_9.2", is(Protocol::Ssh), 8);
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
            "(GET|FOO|USER|a1|OPTIONS) (/|http:|rtsp:|sip:|\\*|LOGIN|x) ?(HTTP/1.|RTSP/|\r\n)?[A-Z ]{0,9}"
                .prop_map(String::into_bytes),
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
