//! The ClientHello of datagram TLS (RFC 6347 §4.2, RFC 9147 §5.2), put together from its fragments.

use bytes::Bytes;

use crate::assembly::Assembly;
use crate::hello::ClientHello;
use crate::ja4::Carrier;

const CONTENT_TYPE_HANDSHAKE: u8 = 22;
const HANDSHAKE_TYPE_CLIENT_HELLO: u8 = 1;
const RECORD_HEADER_BYTES: usize = 13;
const FRAGMENT_HEADER_BYTES: usize = 12;
/// Version, random value: what stands before the session identifier.
const BEFORE_SESSION_BYTES: usize = 34;
const HELLO_BYTES_MAX: usize = 64 * 1024;
/// Datagrams over which it may be spread.
const DATAGRAMS_MAX: usize = 16;

/// What is known about a DTLS client after its datagrams so far.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum DtlsPeek {
    /// The ClientHello is not complete. A time-out here is a refusal.
    NeedMore,
    /// The client opens DTLS with this message.
    Hello(Box<ClientHello>),
    /// It is no client that opens DTLS: it answers, or goes on.
    NoHello,
    /// There is no ClientHello to rely on.
    Malformed,
}

/// Reads the ClientHello that opens a DTLS connection from a copy of its client's datagrams.
///
/// Once decided, it answers the same for ever.
#[derive(Clone, Debug)]
pub struct DtlsHelloPeek {
    message: Assembly,
    /// Length of the message's body and its number, once known.
    of: Option<(usize, [u8; 2])>,
    datagrams: usize,
    decided: DtlsPeek,
}

impl Default for DtlsHelloPeek {
    fn default() -> Self {
        Self { message: Assembly::default(), of: None, datagrams: 0, decided: DtlsPeek::NeedMore }
    }
}

impl DtlsHelloPeek {
    /// Takes the next datagram of the client.
    pub fn push(&mut self, datagram: &[u8]) -> DtlsPeek {
        if self.decided == DtlsPeek::NeedMore {
            self.datagrams += 1;
            self.decided = match self.take(datagram) {
                DtlsPeek::NeedMore if self.datagrams >= DATAGRAMS_MAX => DtlsPeek::Malformed,
                seen => seen,
            };
            if self.decided != DtlsPeek::NeedMore {
                self.message = Assembly::default();
            }
        }
        self.decided.clone()
    }

    fn take(&mut self, datagram: &[u8]) -> DtlsPeek {
        let mut rest = datagram;
        while let Some((header, after)) = rest.split_first_chunk::<RECORD_HEADER_BYTES>() {
            let [kind, _, _, e0, e1, .., high, low] = *header;
            let length = usize::from(u16::from_be_bytes([high, low]));
            let Some((record, tail)) = after.split_at_checked(length) else {
                return DtlsPeek::Malformed;
            };
            // From the second epoch on records are sealed: this is not the beginning.
            if kind != CONTENT_TYPE_HANDSHAKE || [e0, e1] != [0, 0] {
                return if self.of.is_some() { DtlsPeek::Malformed } else { DtlsPeek::NoHello };
            }
            match self.take_record(record) {
                DtlsPeek::NeedMore => rest = tail,
                seen => return seen,
            }
        }
        if rest.is_empty() { DtlsPeek::NeedMore } else { DtlsPeek::Malformed }
    }

    /// The fragments of one record.
    fn take_record(&mut self, record: &[u8]) -> DtlsPeek {
        let mut rest = record;
        while let Some((header, after)) = rest.split_first_chunk::<FRAGMENT_HEADER_BYTES>() {
            let [kind, l0, l1, l2, s0, s1, o0, o1, o2, f0, f1, f2] = *header;
            let wide = |a, b, c| u32::from_be_bytes([0, a, b, c]) as usize;
            if kind != HANDSHAKE_TYPE_CLIENT_HELLO {
                return DtlsPeek::NoHello;
            }
            let (body_bytes, offset, length) =
                (wide(l0, l1, l2), wide(o0, o1, o2), wide(f0, f1, f2));
            let Some((piece, tail)) = after.split_at_checked(length) else {
                return DtlsPeek::Malformed;
            };
            let of = *self.of.get_or_insert((body_bytes, [s0, s1]));
            let fits = of == (body_bytes, [s0, s1]) && body_bytes <= HELLO_BYTES_MAX;
            if !fits || self.message.put(offset, piece, body_bytes).is_err() {
                return DtlsPeek::Malformed;
            }
            rest = tail;
        }
        if !rest.is_empty() {
            return DtlsPeek::Malformed;
        }
        self.hello()
    }

    fn hello(&self) -> DtlsPeek {
        let body = self.message.beginning();
        match self.of {
            Some((body_bytes, _)) if body.len() == body_bytes => {}
            Some(_) | None => return DtlsPeek::NeedMore,
        }
        let hello = without_cookie(body)
            .and_then(|body| ClientHello::parse(&Bytes::from(body), Carrier::Dtls).ok());
        hello.map_or(DtlsPeek::Malformed, |hello| DtlsPeek::Hello(Box::new(hello)))
    }
}

/// The body as TLS has it: DTLS puts a cookie behind the session identifier.
fn without_cookie(body: &[u8]) -> Option<Vec<u8>> {
    let session_bytes = usize::from(*body.get(BEFORE_SESSION_BYTES)?);
    let cookie_at = BEFORE_SESSION_BYTES + 1 + session_bytes;
    let cookie_bytes = usize::from(*body.get(cookie_at)?);
    let (before, after) = (body.get(..cookie_at)?, body.get(cookie_at + 1 + cookie_bytes..)?);
    Some([before, after].concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample::Sample;

    /// The body of a ClientHello with a cookie.
    fn body(host: &str, cookie: &[u8]) -> Vec<u8> {
        let mut sample = Sample::browser(host).with(43, vec![2, 0xfe, 0xfd]);
        sample.legacy_version = 0xfefd;
        let tls = sample.message().split_off(4);
        let (before, after) = tls.split_at(BEFORE_SESSION_BYTES + 1 + 32);
        [before, &[cookie.len() as u8], cookie, after].concat()
    }

    fn fragment(body: &[u8], from: usize, to: usize) -> Vec<u8> {
        let wide = |n: usize| (n as u32).to_be_bytes()[1..].to_vec();
        let sizes = [wide(body.len()), vec![0, 0], wide(from), wide(to - from)].concat();
        [&[1][..], &sizes, &body[from..to]].concat()
    }

    fn record(fragments: &[u8]) -> Vec<u8> {
        let length = (fragments.len() as u16).to_be_bytes();
        [&[22, 0xfe, 0xfd][..], &[0; 8], &length, fragments].concat()
    }

    fn sni(seen: &DtlsPeek) -> Option<&str> {
        match seen {
            DtlsPeek::Hello(hello) => hello.sni.as_deref(),
            DtlsPeek::NeedMore | DtlsPeek::NoHello | DtlsPeek::Malformed => None,
        }
    }

    #[test]
    fn a_client_is_read_with_and_without_cookie() {
        for cookie in [&b""[..], b"cookie"] {
            let body = body("A.Example", cookie);
            let seen = DtlsHelloPeek::default().push(&record(&fragment(&body, 0, body.len())));
            assert_eq!(sni(&seen), Some("a.example"));
            let DtlsPeek::Hello(hello) = seen else { panic!("no hello") };
            assert!(hello.ja4.starts_with("dd2d"), "{}", hello.ja4);
        }
    }

    #[test]
    fn what_does_not_open_dtls_is_told() {
        let check = |datagram: &[u8], expected| {
            assert_eq!(DtlsHelloPeek::default().push(datagram), expected, "{datagram:?}");
        };
        let body = body("a.example", b"");
        let whole = record(&fragment(&body, 0, body.len()));
        check(b"", DtlsPeek::NeedMore);
        check(&whole[..whole.len() - 1], DtlsPeek::Malformed);
        check(&record(&[2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), DtlsPeek::NoHello);
        let mut later = whole.clone();
        later[4] = 1;
        check(&later, DtlsPeek::NoHello);
        let mut data = whole;
        data[0] = 23;
        check(&data, DtlsPeek::NoHello);
        let contradiction = [fragment(&body, 0, 20), fragment(&[9; 400], 0, 20)].concat();
        check(&record(&contradiction), DtlsPeek::Malformed);
    }

    proptest! {
        #[test]
        fn fragments_make_no_difference(cuts in proptest::collection::vec(1_usize..120, 1..6)) {
            let body = body("a.example", b"c");
            let mut peek = DtlsHelloPeek::default();
            let (mut at, mut seen) = (0, DtlsPeek::NeedMore);
            for cut in cuts.into_iter().chain([body.len()]) {
                let end = (at + cut).min(body.len());
                seen = peek.push(&record(&fragment(&body, at, end)));
                at = end;
            }
            prop_assert_eq!(sni(&seen), Some("a.example"));
        }
    }
}
