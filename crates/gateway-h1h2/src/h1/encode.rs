//! Writing heads, chunks and trailers. What is written follows from types whose values are valid,
//! so nothing that goes out can be read in two ways.

use bytes::{BufMut, BytesMut};
use http::{Method, StatusCode};

use super::head::is_forbidden_trailer;
use crate::fields::{is_token, is_value_byte, members};
use crate::hop::is_protected;
use crate::{Authority, Declared, Fields, PathAndQuery, RequestHead, ResponseHead, Target};

/// Whether the connection outlives the message, as its `Connection` field has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Persistence {
    Keep,
    Close,
}

/// Writes a request head. `Host` must be there, or the target must name an authority.
pub(super) fn request_head(
    out: &mut BytesMut,
    head: &RequestHead,
    declared: Declared,
    persistence: Persistence,
) {
    out.put_slice(head.method.as_str().as_bytes());
    out.put_u8(b' ');
    put_target(out, &head.target);
    out.put_slice(b" HTTP/1.1\r\n");
    match head.target.authority() {
        // RFC 9112 §3.2: Host says what the target says, and comes first when it has to be made.
        Some(authority) => {
            out.put_slice(b"Host: ");
            put_authority(out, authority);
            out.put_slice(b"\r\n");
            head.fields.put_lines(out, &["connection", "host"]);
        }
        None => head.fields.put_lines(out, &["connection"]),
    }
    let declared = match declared {
        // RFC 9110 §8.6: these are expected to have content, so say that there is none.
        Declared::Nothing if matches!(head.method, Method::POST | Method::PUT | Method::PATCH) => {
            Declared::Length(0)
        }
        Declared::Nothing | Declared::Length(_) | Declared::Chunked => declared,
    };
    put_declared(out, declared);
    put_connection(out, &head.fields, persistence);
    out.put_slice(b"\r\n");
}

/// Writes a response head.
pub(super) fn response_head(
    out: &mut BytesMut,
    head: &ResponseHead,
    declared: Declared,
    persistence: Persistence,
) {
    out.put_slice(b"HTTP/1.1 ");
    out.put_slice(head.status.as_str().as_bytes());
    out.put_u8(b' ');
    out.put_slice(reason(head));
    out.put_slice(b"\r\n");
    head.fields.put_lines(out, &["connection"]);
    put_declared(out, declared);
    put_connection(out, &head.fields, persistence);
    out.put_slice(b"\r\n");
}

/// Writes the line before the data of a chunk.
pub(super) fn chunk_line(out: &mut BytesMut, bytes: usize) {
    let digits = bytes.checked_ilog2().unwrap_or(0) / 4;
    for place in (0..=digits).rev() {
        let digit = (bytes >> (place * 4)) & 0xf;
        out.put_u8(b"0123456789abcdef"[digit]);
    }
    out.put_slice(b"\r\n");
}

/// Writes the last chunk and the trailers that may be sent.
pub(super) fn last_chunk(out: &mut BytesMut, trailers: Option<&Fields>) {
    out.put_slice(b"0\r\n");
    for (name, value) in trailers.iter().flat_map(|trailers| trailers.iter()) {
        if !is_forbidden_trailer(name) {
            put_field(out, name.as_bytes(), value);
        }
    }
    out.put_slice(b"\r\n");
}

/// The phrase of the head if it can be sent, or else the registered one.
fn reason(head: &ResponseHead) -> &[u8] {
    let valid = head.reason.iter().all(|byte| is_value_byte(*byte));
    match head.reason.as_ref() {
        given @ [_, ..] if valid => given,
        [..] => registered(head.status),
    }
}

fn registered(status: StatusCode) -> &'static [u8] {
    status.canonical_reason().unwrap_or_default().as_bytes()
}

fn put_declared(out: &mut BytesMut, declared: Declared) {
    match declared {
        Declared::Nothing => {}
        Declared::Length(bytes) => {
            out.put_slice(b"Content-Length: ");
            put_number(out, bytes);
            out.put_slice(b"\r\n");
        }
        Declared::Chunked => out.put_slice(b"Transfer-Encoding: chunked\r\n"),
    }
}

/// The codec owns `close` and `keep-alive`; other options of the caller pass if they may be one, and
/// `Upgrade` gets the option that it needs (RFC 9110 §7.8).
fn put_connection(out: &mut BytesMut, fields: &Fields, persistence: Persistence) {
    let mut separator: &[u8] = b"Connection: ";
    let mut put = |option: &[u8]| {
        out.put_slice(separator);
        out.put_slice(option);
        separator = b", ";
    };
    let mut upgrade = !fields.contains("upgrade");
    for option in fields.all("connection").flat_map(members) {
        let state = is_option(option, "close") || is_option(option, "keep-alive");
        // Naming a field that is for the other end would have it taken out on the way.
        if !state && is_token(option) && !is_protected(option) {
            upgrade |= is_option(option, "upgrade");
            put(option);
        }
    }
    if !upgrade {
        put(b"Upgrade");
    }
    if persistence == Persistence::Close {
        put(b"close");
    }
    if separator == b", " {
        out.put_slice(b"\r\n");
    }
}

/// Whether the caller asks by `Connection: close` for the connection to end after this message.
pub(super) fn asks_close(fields: &Fields) -> bool {
    fields.all("connection").flat_map(members).any(|option| is_option(option, "close"))
}

fn is_option(option: &[u8], name: &str) -> bool {
    option.eq_ignore_ascii_case(name.as_bytes())
}

fn put_field(out: &mut BytesMut, name: &[u8], value: &[u8]) {
    out.reserve(name.len() + value.len() + 4);
    out.put_slice(name);
    out.put_slice(b": ");
    out.put_slice(value);
    out.put_slice(b"\r\n");
}

fn put_target(out: &mut BytesMut, target: &Target) {
    match target {
        Target::Origin(path_and_query) => out.put_slice(path_and_query.as_bytes()),
        Target::Absolute { scheme, authority, path_and_query } => {
            out.put_slice(scheme.as_str().as_bytes());
            out.put_slice(b"://");
            put_authority(out, authority);
            if *path_and_query != PathAndQuery::ASTERISK {
                out.put_slice(path_and_query.as_bytes());
            }
        }
        Target::Authority(authority) => put_authority(out, authority),
        Target::Asterisk => out.put_u8(b'*'),
    }
}

fn put_authority(out: &mut BytesMut, authority: &Authority) {
    out.put_slice(authority.host().as_bytes());
    if let Some(port) = authority.port() {
        out.put_u8(b':');
        put_number(out, u64::from(port));
    }
}

fn put_number(out: &mut BytesMut, number: u64) {
    let digits = number.checked_ilog10().unwrap_or(0);
    for place in (0..=digits).rev() {
        let digit = number / 10_u64.pow(place) % 10;
        out.put_u8(b"0123456789"[digit as usize]);
    }
}

#[cfg(test)]
mod tests {
    use bytes::{Bytes, BytesMut};
    use http::Method;

    use super::{put_number, put_target};
    use crate::Target;

    #[test]
    fn numbers_and_targets_are_written_as_they_are_shown() {
        for number in [0, 7, 9, 10, 99, 100, 1_024, 65_535, u64::MAX - 1, u64::MAX] {
            let mut out = BytesMut::new();
            put_number(&mut out, number);
            assert_eq!(out, number.to_string());
        }
        for (method, text) in [
            (Method::GET, "/a?b"),
            (Method::GET, "http://a.example:8080/x"),
            (Method::GET, "https://[::1]/"),
            (Method::OPTIONS, "http://a"),
            (Method::OPTIONS, "*"),
            (Method::CONNECT, "a.example:443"),
        ] {
            let target = Target::parse(&method, Bytes::from(text)).expect("a target");
            let mut out = BytesMut::new();
            put_target(&mut out, &target);
            assert_eq!(out, target.to_string());
            assert_eq!(out, text);
        }
    }
}
