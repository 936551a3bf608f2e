//! Protocols whose clients begin with words. A word that several protocols know is no answer.

use super::fit::{Fit, any_word, literal};

const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Bytes within which the method of a request ends.
const METHOD_BYTES_MAX: usize = 33;
/// Bytes of a request line that are looked through for what follows its target.
const LINE_BYTES_MAX: usize = 2_048;
/// The longest tag of a command of IMAP that is taken for one.
const TAG_BYTES_MAX: usize = 32;

/// Whether it is a method of the registry (RFC 9110 §16.1.1), or one of UPnP.
const fn is_method(word: &[u8]) -> bool {
    matches!(
        word,
        b"ACL"
            | b"BASELINE-CONTROL"
            | b"BIND"
            | b"CHECKIN"
            | b"CHECKOUT"
            | b"CONNECT"
            | b"COPY"
            | b"DELETE"
            | b"GET"
            | b"HEAD"
            | b"LABEL"
            | b"LINK"
            | b"LOCK"
            | b"MERGE"
            | b"MKACTIVITY"
            | b"MKCALENDAR"
            | b"MKCOL"
            | b"MKREDIRECTREF"
            | b"MKWORKSPACE"
            | b"MOVE"
            | b"OPTIONS"
            | b"ORDERPATCH"
            | b"PATCH"
            | b"POST"
            | b"PRI"
            | b"PROPFIND"
            | b"PROPPATCH"
            | b"PUT"
            | b"QUERY"
            | b"REBIND"
            | b"REPORT"
            | b"SEARCH"
            | b"TRACE"
            | b"UNBIND"
            | b"UNCHECKOUT"
            | b"UNLINK"
            | b"UNLOCK"
            | b"UPDATE"
            | b"UPDATEREDIRECTREF"
            | b"VERSION-CONTROL"
            | b"M-SEARCH"
            | b"NOTIFY"
            | b"SUBSCRIBE"
            | b"UNSUBSCRIBE"
    )
}

/// Whether it is a command of FTP, POP3, SMTP, NNTP or IRC that may be followed by a path.
const fn is_command(word: &[u8]) -> bool {
    matches!(
        word,
        b"ACCT"
            | b"APPE"
            | b"AUTH"
            | b"CWD"
            | b"DELE"
            | b"GROUP"
            | b"HELP"
            | b"JOIN"
            | b"LIST"
            | b"MAIL"
            | b"MDTM"
            | b"MKD"
            | b"NICK"
            | b"NLST"
            | b"NOOP"
            | b"PASS"
            | b"QUIT"
            | b"RCPT"
            | b"RETR"
            | b"RMD"
            | b"SITE"
            | b"SIZE"
            | b"STAT"
            | b"STOR"
            | b"TYPE"
            | b"USER"
    )
}

/// The preface of HTTP/2, whole (RFC 9113 §3.4).
pub(super) fn http2(bytes: &[u8]) -> Fit {
    literal(bytes, HTTP2_PREFACE)
}

/// The identification of a client (RFC 4253 §4.2; 1.x for what came before).
pub(super) fn ssh(bytes: &[u8]) -> Fit {
    match (literal(bytes, b"SSH-2.0-"), literal(bytes, b"SSH-1.")) {
        (Fit::Yes, _) | (_, Fit::Yes) => Fit::Yes,
        (Fit::Open, _) | (_, Fit::Open) => Fit::Open,
        (Fit::No, Fit::No) => Fit::No,
    }
}

/// A greeting (RFC 5321 §4.1.1.1, RFC 2033 §4.1).
pub(super) fn smtp(bytes: &[u8]) -> Fit {
    any_word(bytes, &[b"EHLO ", b"HELO ", b"LHLO "])
}

/// What POP3 alone knows (RFC 1939, RFC 2449, RFC 2595). `USER` is FTP's too.
pub(super) fn pop3(bytes: &[u8]) -> Fit {
    any_word(bytes, &[b"APOP ", b"CAPA\r\n", b"STLS\r\n"])
}

/// What FTP alone knows as a beginning (RFC 2389, RFC 4217).
pub(super) fn ftp(bytes: &[u8]) -> Fit {
    any_word(bytes, &[b"AUTH TLS\r\n", b"AUTH SSL\r\n", b"FEAT\r\n"])
}

/// A tag and a command that may stand before the login (RFC 9051 §6.1, §6.2; RFC 2971).
pub(super) fn imap(bytes: &[u8]) -> Fit {
    const COMMANDS: &[&[u8]] = &[
        b"AUTHENTICATE ",
        b"CAPABILITY\r\n",
        b"ID (",
        b"ID NIL\r\n",
        b"LOGIN ",
        b"LOGOUT\r\n",
        b"NOOP\r\n",
        b"STARTTLS\r\n",
    ];
    let window = bytes.get(..=TAG_BYTES_MAX).unwrap_or(bytes);
    match window.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'.') {
        Some(end) if end > 0 && window.get(end) == Some(&b' ') => {
            any_word(bytes.get(end + 1..).unwrap_or_default(), COMMANDS)
        }
        None if window.len() <= TAG_BYTES_MAX => Fit::Open,
        Some(_) | None => Fit::No,
    }
}

/// A request line of HTTP/1 (RFC 9112 §3): by its method, where that is a known one and what
/// follows is not known to be another protocol's; else by what its target or its end shows.
pub(super) fn http1(bytes: &[u8]) -> Fit {
    let window = bytes.get(..METHOD_BYTES_MAX).unwrap_or(bytes);
    let end = match window.iter().position(|byte| !byte.is_ascii_uppercase() && *byte != b'-') {
        Some(end) if end > 0 && window.get(end) == Some(&b' ') => end,
        None if window.len() < METHOD_BYTES_MAX => return Fit::Open,
        Some(_) | None => return Fit::No,
    };
    let (Some(method), Some(target)) = (bytes.get(..end), bytes.get(end + 1..)) else {
        return Fit::No;
    };
    let is_known = is_method(method);
    match target.first() {
        None => Fit::Open,
        Some(b'/') if is_known || !is_command(method) => Fit::Yes,
        Some(b'h' | b'H') if is_known => Fit::Yes,
        Some(_) if is_known => match any_word(target, OTHERS) {
            Fit::Yes => Fit::No,
            Fit::Open => Fit::Open,
            // A target that no other protocol has: what is wrong with it is for HTTP to say.
            Fit::No if !matches!(target.first(), Some(b'*' | b'0'..=b'9')) => Fit::Yes,
            Fit::No => version(target, Fit::Yes),
        },
        Some(_) => version(target, Fit::No),
    }
}

/// What RTSP, SIP, ICAP and NNTP have for a target.
const OTHERS: &[&[u8]] = &[b"rtsp", b"sip:", b"sips:", b"icap:", b"icaps:", b"<"];

/// Whether the version behind a target is HTTP's; `too_long` where the target has no end.
fn version(target: &[u8], too_long: Fit) -> Fit {
    let window = target.get(..LINE_BYTES_MAX).unwrap_or(target);
    match memchr::memchr2(b' ', b'\n', window) {
        Some(end) if window.get(end) == Some(&b' ') && end > 0 => {
            literal(target.get(end + 1..).unwrap_or_default(), b"HTTP/1.")
        }
        Some(_) => Fit::No,
        None if window.len() == LINE_BYTES_MAX => too_long,
        None => Fit::Open,
    }
}
