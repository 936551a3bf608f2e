//! The first bytes of a server, of protocols in which it speaks first.

use super::stream::{Fit, literal};
use super::{Protocol, Sniff};

/// A line of a greeting may be so long (RFC 5321 §4.5.3.1.5).
const LINE_BYTES_MAX: usize = 512;

/// Tells the protocol of a server by the first bytes that it sends while the client is silent.
///
/// ```
/// use gateway_h1h2::sniff::{Protocol, Sniff, sniff_greeting};
///
/// assert_eq!(sniff_greeting(b"220 mx.example ESMTP"), Sniff::NeedMore);
/// assert_eq!(sniff_greeting(b"220 mx.example ESMTP\r\n"), Sniff::Is(Protocol::Smtp));
/// assert_eq!(sniff_greeting(b"SSH-2.0-x"), Sniff::Is(Protocol::Ssh));
/// ```
pub fn sniff_greeting(bytes: &[u8]) -> Sniff {
    match literal(bytes, b"SSH-") {
        Fit::Yes => return Sniff::Is(Protocol::Ssh),
        Fit::Open => return Sniff::NeedMore,
        Fit::No => {}
    }
    match literal(bytes, b"220") {
        Fit::Yes => ready(bytes),
        Fit::Open => Sniff::NeedMore,
        Fit::No => Sniff::Unknown,
    }
}

/// A server is ready (220): FTP and SMTP say it alike; what kind it is stands in its words.
fn ready(bytes: &[u8]) -> Sniff {
    let line = bytes.get(..LINE_BYTES_MAX).unwrap_or(bytes);
    let Some(end) = line.iter().position(|byte| *byte == b'\n') else {
        return if line.len() == LINE_BYTES_MAX { Sniff::Unknown } else { Sniff::NeedMore };
    };
    let words = line.get(..end).unwrap_or_default();
    let says = |word: &[u8]| words.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    match words.get(3) {
        Some(b' ' | b'-') if says(b"SMTP") => Sniff::Is(Protocol::Smtp),
        Some(b' ' | b'-') if says(b"FTP") => Sniff::Is(Protocol::Ftp),
        // RFC 5321 §4.3.1 asks for the server's name only; most name a host and no kind.
        Some(_) | None => Sniff::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_what_kind_of_server_it_is() {
        let is = Sniff::Is;
        for (bytes, expected) in [
            (&b""[..], Sniff::NeedMore),
            (b"22", Sniff::NeedMore),
            (b"220-mx.example esmtp here\r\n220 x\r\n", is(Protocol::Smtp)),
            (b"220 ProFTPD ready\r\n", is(Protocol::Ftp)),
            (b"220 ready\r\n", Sniff::Unknown),
            (b"220SMTP\r\n", Sniff::Unknown),
            (b"554 no\r\n", Sniff::Unknown),
            (b"SS", Sniff::NeedMore),
            (b"SSH-1.99-x\r\n", is(Protocol::Ssh)),
        ] {
            assert_eq!(sniff_greeting(bytes), expected, "{bytes:?}");
        }
        assert_eq!(sniff_greeting(&[&b"220 "[..], &[b'a'; 600]].concat()), Sniff::Unknown);
    }
}
