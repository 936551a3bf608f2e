//! Heads: of ICAP, and HTTP heads inside, both ways.

use bytes::{Bytes, BytesMut};
use http::Method;

use super::{HEAD_BYTES_MAX, IcapError};
use crate::h1::{Check, Connection, Look, Options, Severity, alone};
use crate::{BodySize, Event, Fields, RequestHead, ResponseHead, Target};

/// Fields of a head of ICAP, at most.
const FIELDS_MAX: usize = 64;

/// Takes a head of ICAP off `input`, once it is complete: its first line and its fields.
pub(super) fn take(input: &mut BytesMut) -> Result<Option<(Bytes, Fields)>, IcapError> {
    let end = input.windows(4).take(HEAD_BYTES_MAX).position(|four| four == b"\r\n\r\n");
    let Some(end) = end else {
        return if input.len() < HEAD_BYTES_MAX { Ok(None) } else { Err(IcapError::HeadTooLong) };
    };
    let head = unfolded(input.split_to(end + 4)).freeze();
    let line_end = head.iter().position(|byte| *byte == b'\r').ok_or(IcapError::Head)?;
    let lines = head.slice(line_end + 2..);
    let Look::Whole(section) = alone(&lines, FIELDS_MAX) else {
        return Err(IcapError::Head);
    };
    let fields = section.whole(&lines).ok_or(IcapError::Head)?;
    Ok(Some((head.slice(..line_end), fields)))
}

/// The same head with every field on one line. Some still break long fields into several lines
/// (RFC 7230 §3.2.4 calls that obsolete, and has spaces put in the place of the break).
fn unfolded(mut head: BytesMut) -> BytesMut {
    let breaks = |at: &usize| match head.get(*at..*at + 3) {
        Some(b"\r\n\t" | b"\r\n ") => true,
        Some(_) | None => false,
    };
    let folds: Vec<usize> = (0..head.len()).filter(breaks).collect();
    for at in folds {
        if let Some(fold) = head.get_mut(at..at + 2) {
            fold.fill(b' ');
        }
    }
    head
}

/// The status in `ICAP/1.0 204 No Content`.
pub(super) fn status(line: &[u8]) -> Result<u16, IcapError> {
    let rest = line.strip_prefix(b"ICAP/1.0 ").ok_or(IcapError::Head)?;
    let (digits, reason) = rest.split_at_checked(3).ok_or(IcapError::Head)?;
    if !digits.iter().all(u8::is_ascii_digit) || reason.first().is_some_and(|byte| *byte != b' ') {
        return Err(IcapError::Head);
    }
    std::str::from_utf8(digits).ok().and_then(|d| d.parse().ok()).ok_or(IcapError::Head)
}

/// How heads are read that are offered to a service: a length is no framing there, and one that is said
/// more than once goes back as it came.
pub(super) fn as_offered() -> Options {
    let mut options = Options::default();
    for check in [Check::ContentLengthList, Check::ContentLengthRepeated] {
        // Both can be mended.
        let _ = options.checks.set(check, Severity::Repair);
    }
    options
}

/// Reads the head of a request, as strictly as the head of a client.
pub(super) fn request(
    bytes: Bytes,
    has_body: bool,
    options: Options,
) -> Result<RequestHead, IcapError> {
    let mut codec = Connection::server(options);
    codec.receive(bytes);
    match codec.poll_event() {
        Ok(Some((_, Event::RequestHead(mut head)))) => {
            head.body = size(has_body);
            Ok(*head)
        }
        _ => Err(IcapError::Http),
    }
}

/// Reads the head of a response, as strictly as the head of an origin.
pub(super) fn response(
    bytes: Bytes,
    has_body: bool,
    options: Options,
) -> Result<ResponseHead, IcapError> {
    let mut codec = Connection::client(options);
    let stream = codec.open();
    // The answer to HEAD is a head alone, whatever it says of a body.
    let target =
        Target::parse(&Method::HEAD, Bytes::from_static(b"/")).map_err(|_| IcapError::Http)?;
    let mut asked = RequestHead::new(Method::HEAD, target);
    asked.fields.append("Host", "icap").map_err(|_| IcapError::Http)?;
    let sent = codec.send(stream, Event::RequestHead(Box::new(asked)));
    if sent.and_then(|()| codec.send(stream, Event::End)).is_err() {
        return Err(IcapError::Http);
    }
    codec.receive(bytes);
    match codec.poll_event() {
        Ok(Some((_, Event::ResponseHead(mut head)))) => {
            head.body = size(has_body);
            Ok(*head)
        }
        _ => Err(IcapError::Http),
    }
}

/// How long a body is that comes in chunks.
const fn size(has_body: bool) -> BodySize {
    if has_body { BodySize::Unknown } else { BodySize::Empty }
}

/// Writes the head of a request as it goes into ICAP: without framing but a known length.
pub(super) fn write_request(head: &RequestHead, out: &mut BytesMut) {
    out.extend_from_slice(format!("{} {} HTTP/1.1\r\n", head.method, head.target).as_bytes());
    write_fields(&head.fields, head.body, out);
}

/// Writes the head of a response as it goes into ICAP.
pub(super) fn write_response(head: &ResponseHead, out: &mut BytesMut) {
    let reason = head.status.canonical_reason().unwrap_or_default();
    out.extend_from_slice(format!("HTTP/1.1 {} {reason}\r\n", head.status.as_str()).as_bytes());
    write_fields(&head.fields, head.body, out);
}

fn write_fields(fields: &Fields, body: BodySize, out: &mut BytesMut) {
    for (name, value) in fields.iter() {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value);
        out.extend_from_slice(b"\r\n");
    }
    if let BodySize::Length(length) = body {
        out.extend_from_slice(format!("Content-Length: {length}\r\n").as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}
