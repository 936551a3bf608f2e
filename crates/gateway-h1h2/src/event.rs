//! The version-neutral event model: what an HTTP message is once its wire form is gone.
//!
//! Codecs deliver `(StreamId, Event)` and take the same pair to send. Nothing here knows how a
//! message is framed on a wire: that is [`Framing`](crate::Framing) and the codec modules.

use std::fmt;

use bytes::Bytes;
use http::{Method, StatusCode};

use crate::{Fields, Target};

/// Names one request/response exchange on one connection.
///
/// HTTP/1.1 counts the messages of a connection from 0, and so does a client of HTTP/2; a server
/// of HTTP/2 uses the identifiers of the wire. Ids are never reused on a connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId(u64);

impl StreamId {
    /// The id with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number of this id.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One step of one message.
///
/// A message is `RequestHead` or (`Informational`* `ResponseHead`), then `Data`*, then at most one
/// `Trailers`, and ends in exactly one of `End`, `Reset` and `Retry`. A response that turns the
/// connection into a tunnel has no `End`: after it comes `Upgrade`. On HTTP/2 it is the stream that
/// becomes a tunnel: `Data` goes on both ways, and `End` ends one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A request begins.
    RequestHead(Box<RequestHead>),
    /// An interim response (1xx except 101): the final response is still to come.
    Informational(Box<ResponseHead>),
    /// The final response begins; 101 counts as final.
    ResponseHead(Box<ResponseHead>),
    /// Body bytes, never empty when received. As a rule they share the memory of what was read.
    Data(Bytes),
    /// The fields after the body.
    Trailers(Box<Fields>),
    /// The message is complete: everything it announced has come.
    End,
    /// The message was cut and will never be complete.
    Reset(ResetReason),
    /// The peer is known not to have acted on the request, so that it may be sent again whatever
    /// its method. HTTP/1.1 cannot say this and never does: there an unanswered request is
    /// `Reset(Unanswered)`, and repeating it is the caller's judgement.
    Retry,
    /// HTTP is over on this stream: from here on its bytes belong to another protocol (after 101,
    /// or a 2xx answer to CONNECT). On HTTP/1.1 they are what was not read, on HTTP/2 `Data`.
    Upgrade,
}

/// Why a message will never be complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResetReason {
    /// One of the two ends gave the exchange up.
    Cancelled,
    /// The connection ended inside the message: fewer bytes came than were announced.
    Truncated,
    /// The connection ended before the first byte of an answer.
    Unanswered,
}

/// The head of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHead {
    /// The method, case-sensitive as on the wire.
    pub method: Method,
    /// What is asked for, validated, in one normalised form.
    pub target: Target,
    /// The version of the received message. A codec that sends a head writes its own version.
    pub version: Version,
    /// The fields in the order and case of the wire, framing fields taken out. `Host` is there
    /// once and agrees with the target; only an HTTP/1.0 request may have none.
    pub fields: Fields,
    /// What the message says about its body.
    pub body: BodySize,
    /// What an extended CONNECT (RFC 8441) asks for, its `:protocol`: `websocket`,
    /// `connect-udp`. The method is CONNECT then and the target absolute. `None` for all other
    /// requests, and always on HTTP/1.
    pub protocol: Option<Bytes>,
}

/// The head of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseHead {
    /// The status code.
    pub status: StatusCode,
    /// The version of the received message. A codec that sends a head writes its own version.
    pub version: Version,
    /// The reason phrase, often empty. When sent, a phrase that holds control characters is
    /// replaced by the registered one.
    pub reason: Bytes,
    /// The fields in the order and case of the wire, framing fields taken out.
    pub fields: Fields,
    /// What the message says about its body. A response to HEAD and a 304 have no body whatever
    /// they say: there the length is that of the body a GET would have had.
    pub body: BodySize,
}

impl RequestHead {
    /// A request for `target` without fields or body.
    pub fn new(method: Method, target: Target) -> Self {
        Self {
            method,
            target,
            version: Version::Http11,
            fields: Fields::new(),
            body: BodySize::Empty,
            protocol: None,
        }
    }
}

impl ResponseHead {
    /// A response with this status, without reason phrase, fields or body.
    pub fn new(status: StatusCode) -> Self {
        Self {
            status,
            version: Version::Http11,
            reason: Bytes::new(),
            fields: Fields::new(),
            body: BodySize::Empty,
        }
    }
}

/// What a message says about the size of its body, instead of framing fields.
///
/// A codec takes `Content-Length` and `Transfer-Encoding` out of the fields it parses and writes
/// them from this value, so that contradictory framing cannot be expressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodySize {
    /// There is no body.
    Empty,
    /// The body has this many bytes.
    Length(u64),
    /// The size shows only at the end.
    Unknown,
}

/// A version of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Version {
    /// HTTP/1.0 (RFC 1945).
    Http10,
    /// HTTP/1.1 (RFC 9112).
    Http11,
    /// HTTP/2 (RFC 9113).
    Http2,
}

impl Version {
    /// The version as log fields and `Via` write it: `1.0`, `1.1`, `2`.
    pub const fn number(self) -> &'static str {
        match self {
            Self::Http10 => "1.0",
            Self::Http11 => "1.1",
            Self::Http2 => "2",
        }
    }
}
