//! Whole messages by `httparse`: it reads heads, sizes of chunks and trailers; where a body ends
//! follows here from RFC 9112 §6.3.

use http::Method;
use httparse::{Header, Status};

use crate::meaning::{Asked, Lines, Meaning, Rest, Seen, Start};

const FIELDS_MAX: usize = 64;

enum Body {
    None,
    Length(usize),
    Chunks,
    Close,
}

pub(crate) fn read(wire: &[u8], asked: &[Asked]) -> Result<Seen, String> {
    let (mut at, mut messages) = (0, Vec::new());
    let mut asked = asked.iter();
    let mut current = asked.next();
    while at < wire.len() {
        let Some((meaning, length, last)) = message(&wire[at..], current)? else {
            return Ok(Seen { messages, rest: Rest::Part });
        };
        at += length;
        if !matches!(meaning.start, Start::Response { status: 100 | 102..=199, .. }) {
            current = asked.next();
        }
        messages.push(meaning);
        if last && at < wire.len() {
            return Err("bytes behind the change of protocols".into());
        }
    }
    Ok(Seen { messages, rest: Rest::Nothing })
}

type Read = (Meaning, usize, bool);

fn message(wire: &[u8], asked: Option<&Asked>) -> Result<Option<Read>, String> {
    let mut headers = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let is_request = !wire.starts_with(b"HTTP/1.");
    let (start, head_bytes, headers) = if is_request {
        let mut parsed = httparse::Request::new(&mut headers);
        match parsed.parse(wire).map_err(|error| error.to_string())? {
            Status::Partial => return Ok(None),
            Status::Complete(bytes) => {
                let method = parsed.method.unwrap_or_default().to_owned();
                let target = parsed.path.unwrap_or_default().to_owned();
                (Start::Request { method, target, host: Vec::new() }, bytes, parsed.headers)
            }
        }
    } else {
        let mut parsed = httparse::Response::new(&mut headers);
        match parsed.parse(wire).map_err(|error| error.to_string())? {
            Status::Partial => return Ok(None),
            Status::Complete(bytes) => {
                let status = parsed.code.unwrap_or_default();
                // It gives no text for a phrase that is not ASCII.
                let line = wire.split(|byte| *byte == b'\r').next().unwrap_or_default();
                let reason = line.get(13..).unwrap_or_default().to_vec();
                (Start::Response { status, reason }, bytes, parsed.headers)
            }
        }
    };
    let fields = lines(headers);
    let all = |wanted: &str| -> Vec<&Vec<u8>> {
        fields.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value).collect()
    };
    let (lengths, codings) = (all("content-length"), all("transfer-encoding"));
    let chunked = match (lengths.len(), &codings[..]) {
        (0 | 1, []) => false,
        (0, [coding]) if *coding == b"chunked" => true,
        _ => return Err("ambiguous framing".into()),
    };
    let length = lengths.first().map(|text| -> Result<usize, String> {
        std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| "no length".into())
    });
    let length = length.transpose()?;
    let (body, last) = match (&start, asked) {
        (Start::Response { status, .. }, Some(asked)) => {
            let tunnel = asked.method == Method::CONNECT && matches!(status, 200..=299);
            match status {
                101 => (Body::None, true),
                100..=199 | 204 | 304 => (Body::None, tunnel),
                _ if tunnel => (Body::None, true),
                _ if asked.method == Method::HEAD => (Body::None, false),
                _ => (framed(chunked, length, Body::Close), false),
            }
        }
        (Start::Response { .. }, None) => return Err("a response that nobody asked for".into()),
        (Start::Request { .. }, _) => (framed(chunked, length, Body::None), false),
    };
    let mut meaning = Meaning {
        start,
        closes: options(&fields).iter().any(|option| option == "close"),
        fields: Lines::new(),
        body: Vec::new(),
        trailers: Lines::new(),
    };
    if let Start::Request { host, .. } = &mut meaning.start {
        let [one] = all("host")[..] else { return Err("not one Host".into()) };
        one.clone_into(host);
    }
    let rest = &wire[head_bytes..];
    let body_bytes = match body {
        Body::None => 0,
        Body::Length(bytes) if rest.len() < bytes => return Ok(None),
        Body::Length(bytes) => {
            meaning.body = rest[..bytes].to_vec();
            bytes
        }
        Body::Chunks => match chunks(rest)? {
            None => return Ok(None),
            Some((body, trailers, bytes)) => {
                (meaning.body, meaning.trailers) = (body, trailers);
                bytes
            }
        },
        Body::Close => {
            meaning.body = rest.to_vec();
            meaning.closes = true;
            rest.len()
        }
    };
    meaning.fields = fields;
    let apart = |name: &str| match name {
        "content-length" | "transfer-encoding" | "connection" => true,
        "host" => is_request,
        _ => false,
    };
    meaning.fields.retain(|(name, _)| !apart(name));
    Ok(Some((meaning, head_bytes + body_bytes, last)))
}

fn framed(chunked: bool, length: Option<usize>, otherwise: Body) -> Body {
    match (chunked, length) {
        (true, _) => Body::Chunks,
        (false, Some(bytes)) => Body::Length(bytes),
        (false, None) => otherwise,
    }
}

fn lines(headers: &[Header<'_>]) -> Lines {
    headers.iter().map(|h| (h.name.to_ascii_lowercase(), h.value.to_vec())).collect()
}

fn options(fields: &Lines) -> Vec<String> {
    let of_connection = fields.iter().filter(|(name, _)| name == "connection");
    of_connection
        .flat_map(|(_, value)| value.split(|byte| *byte == b','))
        .map(|option| String::from_utf8_lossy(option.trim_ascii()).to_ascii_lowercase())
        .collect()
}

fn chunks(wire: &[u8]) -> Result<Option<(Vec<u8>, Lines, usize)>, String> {
    let (mut at, mut body) = (0, Vec::new());
    loop {
        let Status::Complete((line, size)) =
            httparse::parse_chunk_size(&wire[at..]).map_err(|_| "no size of a chunk")?
        else {
            return Ok(None);
        };
        at += line;
        if size == 0 {
            break;
        }
        let size = usize::try_from(size).map_err(|_| "a chunk too large")?;
        let Some(data) = wire.get(at..at + size + 2) else { return Ok(None) };
        let Some(data) = data.strip_suffix(b"\r\n") else {
            return Err("a chunk without its end".into());
        };
        body.extend_from_slice(data);
        at += size + 2;
    }
    let mut headers = [httparse::EMPTY_HEADER; FIELDS_MAX];
    match httparse::parse_headers(&wire[at..], &mut headers).map_err(|error| error.to_string())? {
        Status::Partial => Ok(None),
        Status::Complete((bytes, headers)) => Ok(Some((body, lines(headers), at + bytes))),
    }
}
