//! The first bytes of a server, of protocols in which it speaks first.

use super::fit::{Fit, any_word, literal};
use super::text::ssh;
use super::{Protocol, Sniff};

/// Lines of a greeting may be so long together: a line has 512 bytes (RFC 5321 §4.5.3.1.5), and a
/// few stand before the last one.
const GREETING_BYTES_MAX: usize = 4_096;
/// The longest version of a MySQL server that is waited for.
const VERSION_BYTES_MAX: usize = 64;

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
    let told = [
        (Protocol::Ssh, ssh as fn(&[u8]) -> Fit),
        (Protocol::Imap, imap),
        (Protocol::Pop3, pop3),
        (Protocol::MySql, mysql),
    ];
    for (protocol, fits) in told {
        match fits(bytes) {
            Fit::Yes => return Sniff::Is(protocol),
            Fit::Open => return Sniff::NeedMore,
            Fit::No => {}
        }
    }
    ready(bytes)
}

/// An untagged status (RFC 9051 §7.1), to the end of its line.
fn imap(bytes: &[u8]) -> Fit {
    match any_word(bytes, &[b"* OK ", b"* PREAUTH ", b"* BYE "]) {
        Fit::Yes => line_end(bytes),
        fit => fit,
    }
}

/// A status (RFC 1939 §3), to the end of its line.
fn pop3(bytes: &[u8]) -> Fit {
    match any_word(bytes, &[b"+OK ", b"+OK\r"]) {
        Fit::Yes => line_end(bytes),
        fit => fit,
    }
}

fn line_end(bytes: &[u8]) -> Fit {
    let window = bytes.get(..GREETING_BYTES_MAX).unwrap_or(bytes);
    match memchr::memchr(b'\n', window) {
        Some(end) if window.get(..end).is_some_and(|line| line.ends_with(b"\r")) => Fit::Yes,
        None if window.len() < GREETING_BYTES_MAX => Fit::Open,
        Some(_) | None => Fit::No,
    }
}

/// A server is ready (220): FTP and SMTP say it alike, in one line or several; what kind it is
/// stands in the words of the first line that has one.
fn ready(bytes: &[u8]) -> Sniff {
    let window = bytes.get(..GREETING_BYTES_MAX).unwrap_or(bytes);
    let mut rest = window;
    loop {
        match literal(rest, b"220") {
            Fit::Yes => {}
            Fit::Open => return Sniff::NeedMore,
            Fit::No => return Sniff::Unknown,
        }
        let Some(end) = memchr::memchr(b'\n', rest) else {
            let is_full = window.len() == GREETING_BYTES_MAX;
            return if is_full { Sniff::Unknown } else { Sniff::NeedMore };
        };
        let line = rest.get(..end).unwrap_or_default();
        let words = line.get(4..).unwrap_or_default();
        match line.get(3) {
            Some(b' ' | b'-') if says_smtp(words) => return Sniff::Is(Protocol::Smtp),
            Some(b' ' | b'-') if says_ftp(words) => return Sniff::Is(Protocol::Ftp),
            Some(b'-') => rest = rest.get(end + 1..).unwrap_or_default(),
            // RFC 5321 §4.3.1 asks for the server's name only; most name a host and a kind.
            Some(_) | None => return Sniff::Unknown,
        }
    }
}

/// The words of a line, without what surrounds them.
fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace).map(|word| {
        let edge = |byte: &u8| !byte.is_ascii_alphanumeric();
        let start = word.iter().position(|byte| !edge(byte)).unwrap_or(word.len());
        let end = word.iter().rposition(|byte| !edge(byte)).map_or(start, |at| at + 1);
        word.get(start..end).unwrap_or_default()
    })
}

fn says_smtp(line: &[u8]) -> bool {
    let kinds: [&[u8]; 3] = [b"ESMTP", b"SMTP", b"LMTP"];
    words(line).any(|word| kinds.iter().any(|kind| word.eq_ignore_ascii_case(kind)))
}

/// A word with FTP in it, which is no host name.
fn says_ftp(line: &[u8]) -> bool {
    let has = |word: &[u8]| word.windows(3).any(|part| part.eq_ignore_ascii_case(b"FTP"));
    words(line).any(|word| has(word) && !word.contains(&b'.'))
}

/// The first packet of a server: length, number 0, protocol 10 and a version that begins with a
/// digit, to its end; or that this client is not served (MySQL, "Connection Phase").
fn mysql(bytes: &[u8]) -> Fit {
    let Some((&[l0, l1, l2, number], rest)) = bytes.split_first_chunk() else {
        // The second byte is zero in all but the longest of greetings.
        return match bytes {
            [] | [_] | [_, 0 | 1] | [_, 0 | 1, 0] => Fit::Open,
            _ => Fit::No,
        };
    };
    let length = u32::from_le_bytes([l0, l1, l2, 0]);
    if number != 0 || !(7..512).contains(&length) {
        return Fit::No;
    }
    match rest {
        [] | [0xff] | [0xff, _] => Fit::Open,
        // Too many connections, a host that is blocked or not let in, a user with too many.
        [0xff, low, high, ..] => match u16::from_le_bytes([*low, *high]) {
            1040 | 1129 | 1130 | 1203 => Fit::Yes,
            _ => Fit::No,
        },
        [10, version @ ..] => {
            let window = version.get(..=VERSION_BYTES_MAX).unwrap_or(version);
            match window.iter().position(|byte| !byte.is_ascii_graphic()) {
                _ if window.first().is_some_and(|byte| !byte.is_ascii_digit()) => Fit::No,
                Some(end) if window.get(end) == Some(&0) => Fit::Yes,
                None if window.len() <= VERSION_BYTES_MAX => Fit::Open,
                Some(_) | None => Fit::No,
            }
        }
        _ => Fit::No,
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
            (b"220-welcome\r\n220 mx.example ESMTP\r\n", is(Protocol::Smtp)),
            (b"220-welcome\r\n22", Sniff::NeedMore),
            (b"220-welcome\r\n220 all\r\n", Sniff::Unknown),
            (b"220 ProFTPD ready\r\n", is(Protocol::Ftp)),
            (b"220 (vsFTPd 3.0.3)\r\n", is(Protocol::Ftp)),
            (b"220 ftp.example ESMTP\r\n", is(Protocol::Smtp)),
            (b"220 ftp.example ready\r\n", Sniff::Unknown),
            (b"220 ready\r\n", Sniff::Unknown),
            (b"220SMTP\r\n", Sniff::Unknown),
            (b"554 no\r\n", Sniff::Unknown),
            (b"SS", Sniff::NeedMore),
            (b"SSH-1.99-x\r\n", is(Protocol::Ssh)),
        ] {
            assert_eq!(sniff_greeting(bytes), expected, "{bytes:?}");
        }
        assert_eq!(sniff_greeting(&[&b"220 "[..], &[b'a'; 5_000]].concat()), Sniff::Unknown);
    }
}
