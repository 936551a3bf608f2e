//! What a message means, apart from how it is written, and what a script has sent.

use gateway_h1h2::{BodySize, Fields, RequestHead, ResponseHead};
use http::Method;

/// Names in lower case with their values, in order.
pub(crate) type Lines = Vec<(String, Vec<u8>)>;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    Request { method: String, target: String, host: Vec<u8> },
    Response { status: u16, reason: Vec<u8> },
}

/// What a reader makes of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) start: Start,
    /// Fields that are neither framing nor `Connection`, nor the `Host` of a request.
    pub(crate) fields: Lines,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Lines,
    /// Nothing comes behind it.
    pub(crate) closes: bool,
}

/// What a reader makes of all that was written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) messages: Vec<Meaning>,
    pub(crate) rest: Rest,
}

/// What stands behind the last whole message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    Nothing,
    /// The beginning of a message.
    Part,
}

/// The request that a response is for, as far as a reader has to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// It was made in HTTP/1.1.
    pub(crate) modern: bool,
}

/// How the end of a body shows, as the sender knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    WithHead,
    Length(u64),
    Chunks,
    Close,
}

/// A message that was sent, as far as it was.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) start: Start,
    fields: Lines,
    pub(crate) end: End,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Lines,
    pub(crate) closes: bool,
    pub(crate) ended: bool,
    /// Its trailers were sent: nothing but its end can follow.
    trailed: bool,
}

/// What was sent altogether.
#[derive(Default)]
pub(crate) struct Expected {
    pub(crate) complete: Vec<Message>,
    pub(crate) unfinished: Option<Message>,
    /// The requests that were answered, where responses were sent.
    pub(crate) asked: Vec<Asked>,
}

/// Names that must not stand behind a body.
const NEVER_BEHIND: &str = " authorization connection content-encoding content-length content-range \
    content-type cookie expect host keep-alive max-forwards proxy-authenticate \
    proxy-authorization proxy-connection set-cookie te trailer transfer-encoding upgrade \
    www-authenticate ";

pub(crate) fn lines(fields: &Fields) -> Lines {
    fields.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.to_vec())).collect()
}

impl Message {
    pub(crate) fn request(head: &RequestHead) -> Self {
        let host = head.target.authority().map_or_else(
            || head.fields.get("host").expect("a host, or it was not to be sent").to_vec(),
            |authority| authority.to_string().into_bytes(),
        );
        let end = match head.body {
            BodySize::Empty | BodySize::Length(0) => End::WithHead,
            BodySize::Length(bytes) => End::Length(bytes),
            BodySize::Unknown => End::Chunks,
        };
        let start = Start::Request {
            method: head.method.to_string(),
            target: head.target.to_string(),
            host,
        };
        Self::new(start, &head.fields, end)
    }

    pub(crate) fn response(head: &ResponseHead, asked: &Asked) -> Self {
        let status = head.status.as_u16();
        let without = matches!(status, 100..=199 | 204 | 304)
            || asked.method == Method::HEAD
            || (asked.method == Method::CONNECT && matches!(status, 200..=299));
        let end = match head.body {
            _ if without => End::WithHead,
            BodySize::Empty | BodySize::Length(0) => End::WithHead,
            BodySize::Length(bytes) => End::Length(bytes),
            BodySize::Unknown if asked.modern => End::Chunks,
            BodySize::Unknown => End::Close,
        };
        let valid = head
            .reason
            .iter()
            .all(|byte| *byte == b'\t' || (b' '..0x7f).contains(byte) || *byte > 0x7f);
        let reason = match head.reason.is_empty() || !valid {
            true => head.status.canonical_reason().unwrap_or_default().as_bytes().to_vec(),
            false => head.reason.to_vec(),
        };
        Self::new(Start::Response { status, reason }, &head.fields, end)
    }

    fn new(start: Start, fields: &Fields, end: End) -> Self {
        let mut fields = lines(fields);
        let asks_close = fields.iter().any(|(name, value)| {
            name == "connection"
                && value
                    .split(|b| *b == b',')
                    .any(|o| o.trim_ascii().eq_ignore_ascii_case(b"close"))
        });
        let is_request = matches!(start, Start::Request { .. });
        fields.retain(|(name, _)| name != "connection" && !(is_request && name == "host"));
        let closes = asks_close || end == End::Close;
        Self {
            start,
            fields,
            end,
            body: Vec::new(),
            trailers: Vec::new(),
            closes,
            ended: false,
            trailed: false,
        }
    }

    pub(crate) fn trail(&mut self, fields: &Fields) {
        self.trailed = true;
        if self.end == End::Chunks {
            self.trailers = lines(fields);
            self.trailers.retain(|(name, _)| !NEVER_BEHIND.contains(&format!(" {name} ")));
        }
    }

    /// Whether a reader can take it for whole although its end was not sent.
    pub(crate) fn looks_whole(&self) -> bool {
        match self.end {
            End::WithHead => true,
            End::Length(bytes) => self.body.len() as u64 == bytes,
            // The end of the connection would tell, and is none in order.
            End::Close => true,
            End::Chunks => self.trailed,
        }
    }

    pub(crate) fn meant(&self) -> Meaning {
        Meaning {
            start: self.start.clone(),
            fields: self.fields.clone(),
            body: self.body.clone(),
            trailers: self.trailers.clone(),
            closes: self.closes,
        }
    }
}
