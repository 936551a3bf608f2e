//! HTTP/1.1 against another parser: every message that is read here is read there too, and as the
//! same; what the other one cannot read is no message here either.

use bytes::Bytes;
use gateway_h1h2::h1::{Options, Transcript, replay_requests, replay_responses};
use gateway_h1h2::{Event, Fields};
use http::Method;
use httparse::{Header, Status};

const FIELDS_MAX: usize = 300;

/// The first byte chooses the side, the rest is what is sent.
pub fn h1_differential(data: &[u8]) {
    let Some((&mode, wire)) = data.split_first() else { return };
    let side = if mode & 1 == 0 { Side::Requests } else { Side::Responses };
    let ours = messages(&match side {
        Side::Requests => replay_requests(Options::default(), [wire]),
        Side::Responses => replay_responses(Options::default(), &vec![Method::GET; 8], [wire]),
    });
    let mut at = 0;
    for message in ours {
        let shown = wire.escape_ascii();
        let theirs = read(&wire[at..], side, &message);
        at += theirs.unwrap_or_else(|why| panic!("{why}, but we read {message:?}: {shown}"));
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Requests,
    Responses,
}

/// One whole message as we read it.
#[derive(Debug, Default)]
struct Read {
    /// The method, or the status.
    start: String,
    target: String,
    lines: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    trailers: Vec<(String, Vec<u8>)>,
}

fn lines(fields: &Fields) -> Vec<(String, Vec<u8>)> {
    fields.iter().map(|(name, value)| (name.to_owned(), value.to_vec())).collect()
}

/// The messages that have an end, interim responses among them.
fn messages(transcript: &Transcript) -> Vec<Read> {
    let mut all = Vec::new();
    let mut current = Read::default();
    for (_, event) in &transcript.events {
        match event {
            Event::RequestHead(head) => {
                current.start = head.method.to_string();
                current.target = head.target.to_string();
                current.lines = lines(&head.fields);
            }
            Event::Informational(head) => {
                let start = head.status.as_str().to_owned();
                all.push(Read { start, lines: lines(&head.fields), ..Read::default() });
            }
            Event::ResponseHead(head) => {
                current.start = head.status.as_str().to_owned();
                current.lines = lines(&head.fields);
            }
            Event::Data(data) => current.body.extend_from_slice(data),
            Event::Trailers(fields) => current.trailers = lines(fields),
            Event::End => all.push(std::mem::take(&mut current)),
            _ => {}
        }
    }
    all
}

/// Reads one message by the other parser and compares it with ours; how many bytes it had.
fn read(wire: &[u8], side: Side, ours: &Read) -> Result<usize, &'static str> {
    // Before a message there may be one empty line.
    let leading = if wire.starts_with(b"\r\n") { 2 } else { 0 };
    let wire = &wire[leading..];
    let mut headers = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let (start, target, head_bytes, headers) = match side {
        Side::Requests => {
            let mut parsed = httparse::Request::new(&mut headers);
            let Ok(Status::Complete(bytes)) = parsed.parse(wire) else { return Err("no head") };
            let method = parsed.method.unwrap_or_default().to_owned();
            (method, parsed.path.unwrap_or_default().to_owned(), bytes, parsed.headers)
        }
        Side::Responses => {
            let mut parsed = httparse::Response::new(&mut headers);
            let Ok(Status::Complete(bytes)) = parsed.parse(wire) else { return Err("no head") };
            let status = parsed.code.unwrap_or_default().to_string();
            (status, String::new(), bytes, parsed.headers)
        }
    };
    assert_eq!(start, ours.start);
    if target.starts_with('/') {
        assert_eq!(target, ours.target);
    }
    compare_lines(headers, ours, side);
    let rest = &wire[head_bytes..];
    let bodiless =
        matches!(&*start, "204" | "304") || (side == Side::Responses && start.starts_with('1'));
    let (body, bytes) = match framing(headers) {
        _ if bodiless => (Vec::new(), 0),
        Framing::Length(length) => (rest.get(..length).ok_or("a short body")?.to_vec(), length),
        Framing::Chunks => chunks(rest, ours)?,
        Framing::Nothing if side == Side::Responses => (rest.to_vec(), rest.len()),
        Framing::Nothing => (Vec::new(), 0),
    };
    assert_eq!(body, ours.body);
    Ok(leading + head_bytes + bytes)
}

fn is_named(header: &Header<'_>, name: &str) -> bool {
    header.name.eq_ignore_ascii_case(name)
}

/// The same fields in the same order, but for framing fields and for a `Host` made from the target.
fn compare_lines(headers: &[Header<'_>], ours: &Read, side: Side) {
    let framing = |header: &&Header<'_>| {
        is_named(header, "content-length") || is_named(header, "transfer-encoding")
    };
    let theirs = headers.iter().filter(|header| !framing(header));
    let is_host = |name: &str| side == Side::Requests && name.eq_ignore_ascii_case("host");
    let theirs: Vec<(&str, &[u8])> =
        theirs.map(|h| (h.name, h.value)).filter(|(name, _)| !is_host(name)).collect();
    let ours = ours.lines.iter().map(|(name, value)| (&**name, &**value));
    let ours: Vec<(&str, &[u8])> = ours.filter(|(name, _)| !is_host(name)).collect();
    assert_eq!(theirs, ours);
}

enum Framing {
    Nothing,
    Length(usize),
    Chunks,
}

/// What the other parser's fields say, of a message that we have taken: nothing in two ways.
fn framing(headers: &[Header<'_>]) -> Framing {
    let all = |name: &str| -> Vec<Bytes> {
        let of_it = headers.iter().filter(|header| is_named(header, name));
        of_it.map(|header| Bytes::copy_from_slice(header.value)).collect()
    };
    match (&all("content-length")[..], &all("transfer-encoding")[..]) {
        ([], []) => Framing::Nothing,
        ([length], []) => {
            let text = std::str::from_utf8(length).expect("digits");
            assert!(text.bytes().all(|byte| byte.is_ascii_digit()), "{text}");
            Framing::Length(text.parse().unwrap_or(usize::MAX))
        }
        ([], [coding]) => {
            assert!(coding.eq_ignore_ascii_case(b"chunked"), "{coding:?}");
            Framing::Chunks
        }
        both => panic!("ambiguous: {both:?}"),
    }
}

fn chunks(wire: &[u8], ours: &Read) -> Result<(Vec<u8>, usize), &'static str> {
    let (mut at, mut body) = (0, Vec::new());
    loop {
        let Ok(Status::Complete((line, size))) = httparse::parse_chunk_size(&wire[at..]) else {
            return Err("no chunk");
        };
        at += line;
        if size == 0 {
            break;
        }
        let size = usize::try_from(size).map_err(|_| "a chunk too large")?;
        let end = at.checked_add(size).ok_or("a chunk too large")?;
        body.extend_from_slice(wire.get(at..end).ok_or("a short chunk")?);
        if wire.get(end..end + 2) != Some(b"\r\n") {
            return Err("a chunk without its end");
        }
        at = end + 2;
    }
    let mut headers = [httparse::EMPTY_HEADER; FIELDS_MAX];
    match httparse::parse_headers(&wire[at..], &mut headers) {
        Ok(Status::Complete((bytes, headers))) => {
            let theirs: Vec<_> =
                headers.iter().map(|h| (h.name.to_owned(), h.value.to_vec())).collect();
            assert_eq!(theirs, ours.trailers);
            Ok((body, at + bytes))
        }
        _ => Err("no trailers"),
    }
}
