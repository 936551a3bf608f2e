//! The service's side of ICAP: what clients such as Squid offer comes out as events, and what becomes of
//! it goes in. One connection, one request after the other.
//!
//! ```
//! use gateway_h1h2::icap::{Ask, Said, Server};
//!
//! let mut server = Server::new();
//! server.receive(b"RESPMOD icap://a.test/scan ICAP/1.0\r\nHost: a.test\r\nAllow: 204\r\n\
//!     Encapsulated: res-hdr=0, res-body=19\r\n\r\nHTTP/1.1 200 OK\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
//! let Some(Ask::Message(message)) = server.poll() else { panic!() };
//! assert_eq!((&*message.service, message.has_body), ("scan", true));
//! assert_eq!(server.poll(), Some(Ask::Data("abc".into())));
//! assert_eq!(server.poll(), Some(Ask::End));
//! assert!(server.may_leave_unmodified());
//! server.unmodified(&Said::new("1"));
//! assert!(server.poll_output().unwrap().starts_with(b"ICAP/1.0 204 "));
//! ```

use std::collections::VecDeque;
use std::net::IpAddr;

use bytes::{Buf, Bytes, BytesMut};

use super::chunks::{Chunk, Chunks};
use super::encapsulated::Offered;
use super::{HEAD_BYTES_MAX, IcapError, head};
use crate::fields::members;
use crate::{BodySize, Fields, RequestHead, ResponseHead};

/// Bytes that may wait here before no more are to be read.
const WAITING_BYTES_MAX: usize = 64 << 10;

/// What a client wants.
///
/// `Options`; or `Message`, `Data`*, perhaps `Preview` and more `Data`*, then `End`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ask {
    /// To know of the service of this name: [`Server::options`].
    Options(String),
    /// What becomes of this message?
    Message(Box<Message>),
    /// The next bytes of its body.
    Data(Bytes),
    /// There is more than the preview has shown: [`Server::go_on`], or an answer.
    Preview,
    /// Its end: an answer is waited for.
    End,
}

/// A message that is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// The name of the service: the path without the slash before it and without a query.
    pub service: String,
    /// Whether the request or the response may be changed.
    pub kind: Kind,
    /// The request; of a response, the one that it answers, if that is told.
    pub request: Option<RequestHead>,
    /// The response, if it is one.
    pub response: Option<ResponseHead>,
    /// Whether a body follows.
    pub has_body: bool,
    /// Whether the client keeps the body, so that [`Server::unmodified`] may be said at any time.
    pub allow_204: bool,
    /// The address of the client of the client, if it is told (`X-Client-IP`).
    pub client: Option<IpAddr>,
}

/// Which message a client offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `REQMOD`.
    Request,
    /// `RESPMOD`.
    Response,
}

/// What is said beside an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Said {
    /// The state of the service (RFC 3507 §4.7), without quotes, at most 32 bytes: another one makes
    /// what was said before void.
    pub istag: String,
    /// What was found, by name: `X-Infection-Found`.
    pub finding: Option<String>,
}

impl Said {
    /// Says the state alone.
    #[must_use]
    pub fn new(istag: &str) -> Self {
        Self { istag: istag.to_owned(), finding: None }
    }

    /// Says what was found too.
    #[must_use]
    pub fn found(mut self, name: &str) -> Self {
        self.finding = Some(name.to_owned());
        self
    }

    fn write(&self, out: &mut String) {
        let tag: String =
            self.istag.chars().filter(|c| is_plain(*c) && *c != '"').take(32).collect();
        out.push_str(&format!("ISTag: \"{tag}\"\r\n"));
        if let Some(name) = &self.finding {
            let plain = |c: char| if is_plain(c) && c != ';' { c } else { '_' };
            let name: String = name.chars().map(plain).take(256).collect();
            out.push_str(&format!("X-Infection-Found: Type=0; Resolution=2; Threat={name};\r\n"));
        }
    }
}

const fn is_plain(c: char) -> bool {
    c.is_ascii_graphic()
}

/// What a service says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct About {
    /// What it is, for people.
    pub service: String,
    /// Bytes of a body that it wants to see first.
    pub preview: u32,
    /// Seconds for which this is true.
    pub ttl_s: u32,
    /// Connections that it wants to have at most.
    pub connections_max: u32,
}

impl Default for About {
    fn default() -> Self {
        Self { service: "gateway".into(), preview: 4_096, ttl_s: 3_600, connections_max: 64 }
    }
}

/// What takes the place of a message, or goes on in its own.
#[derive(Clone, Copy, Debug)]
pub enum Head<'a> {
    /// The head that was offered, byte by byte.
    Original,
    /// This response.
    Response(&'a ResponseHead),
}

/// How far the request of a client is.
#[derive(Debug)]
enum Reading {
    Command,
    Http(Box<Offer>),
    Body {
        chunks: Chunks,
        in_preview: bool,
    },
    /// The preview is over, and there is more.
    AtPreview,
    /// The body has ended.
    Ended,
    /// All has come, and an answer is waited for.
    Asked,
    /// Nothing is taken any more.
    Over,
}

/// What reading a head gave.
enum Read {
    Ask(Ask),
    /// What follows can be read.
    Next,
    NeedInput,
}

#[derive(Debug)]
struct Offer {
    offered: Offered,
    message: Message,
    preview: bool,
}

/// One connection of a client.
#[derive(Debug)]
pub struct Server {
    reading: Reading,
    input: BytesMut,
    /// Bytes of a head that is not complete in which its end was looked for.
    looked_at: usize,
    /// The head that was offered.
    original: Bytes,
    kind: Kind,
    allow_204: bool,
    /// The preview has not been left.
    within_preview: bool,
    closes: bool,
    output: VecDeque<Bytes>,
    fault: Option<IcapError>,
}

impl Default for Server {
    fn default() -> Self {
        Self::new()
    }
}

impl Server {
    /// A connection that was just accepted.
    #[must_use]
    pub fn new() -> Self {
        Self {
            reading: Reading::Command,
            input: BytesMut::new(),
            looked_at: 0,
            original: Bytes::new(),
            kind: Kind::Request,
            allow_204: false,
            within_preview: false,
            closes: false,
            output: VecDeque::new(),
            fault: None,
        }
    }

    /// Whether more bytes are to be read.
    #[must_use]
    pub fn wants_input(&self) -> bool {
        let waits = matches!(
            self.reading,
            Reading::AtPreview | Reading::Ended | Reading::Asked | Reading::Over
        );
        !waits && self.input.len() < WAITING_BYTES_MAX + HEAD_BYTES_MAX
    }

    /// Whether nothing of a request has come.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        matches!(self.reading, Reading::Command) && self.input.is_empty()
    }

    /// Whether the connection is to be closed once all output is out.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.reading, Reading::Over)
    }

    /// What was wrong with what the client sent, if that ended the connection.
    #[must_use]
    pub const fn fault(&self) -> Option<&IcapError> {
        self.fault.as_ref()
    }

    /// Takes bytes from the client.
    pub fn receive(&mut self, bytes: &[u8]) {
        if !self.is_over() {
            self.input.extend_from_slice(bytes);
        }
    }

    /// The next bytes for the client.
    pub fn poll_output(&mut self) -> Option<Bytes> {
        self.output.pop_front()
    }

    /// What the client wants next, as far as it has come. What makes no sense is answered here, and ends
    /// the connection.
    pub fn poll(&mut self) -> Option<Ask> {
        match self.next() {
            Ok(ask) => ask,
            Err(error) => {
                let status = match error {
                    IcapError::Refused(status) => status,
                    _ => 400,
                };
                self.refuse(status);
                self.fault = Some(error);
                None
            }
        }
    }

    fn next(&mut self) -> Result<Option<Ask>, IcapError> {
        loop {
            match &mut self.reading {
                Reading::Command => match self.read_command()? {
                    Read::Ask(ask) => return Ok(Some(ask)),
                    Read::Next => {}
                    Read::NeedInput => return Ok(None),
                },
                Reading::Http(offer) => {
                    if self.input.len() < offer.offered.length() {
                        return Ok(None);
                    }
                    return self.read_http().map(Some);
                }
                Reading::Body { chunks, in_preview } => match chunks.step(&mut self.input)? {
                    Chunk::Data(bytes) => return Ok(Some(Ask::Data(bytes))),
                    Chunk::NeedInput => return Ok(None),
                    Chunk::End if *in_preview && !chunks.was_all() => {
                        self.reading = Reading::AtPreview;
                        return Ok(Some(Ask::Preview));
                    }
                    Chunk::End => {
                        self.reading = Reading::Asked;
                        return Ok(Some(Ask::End));
                    }
                },
                Reading::Ended => {
                    self.reading = Reading::Asked;
                    return Ok(Some(Ask::End));
                }
                Reading::AtPreview | Reading::Asked | Reading::Over => return Ok(None),
            }
        }
    }

    /// Reads the head of ICAP.
    fn read_command(&mut self) -> Result<Read, IcapError> {
        // Some clients end a request with an empty line more.
        while self.input.starts_with(b"\r\n") {
            self.input.advance(2);
            self.looked_at = self.looked_at.saturating_sub(2);
        }
        let unseen = self.input.get(self.looked_at.saturating_sub(3)..).unwrap_or_default();
        if !unseen.windows(4).any(|four| four == b"\r\n\r\n") {
            self.looked_at = self.input.len();
            let fits = self.looked_at < HEAD_BYTES_MAX;
            return if fits { Ok(Read::NeedInput) } else { Err(IcapError::HeadTooLong) };
        }
        self.looked_at = 0;
        let Some((line, fields)) = head::take(&mut self.input)? else { return Ok(Read::NeedInput) };
        let (method, service) = command(&line)?;
        let mut options = fields.all("connection").flat_map(members);
        self.closes |= options.any(|option| option.eq_ignore_ascii_case(b"close"));
        let kind = match &method[..] {
            b"OPTIONS" => {
                let has_body =
                    fields.get("encapsulated").is_some_and(|value| value.starts_with(b"opt-body"));
                if has_body {
                    return Err(IcapError::Refused(501));
                }
                self.reading = Reading::Asked;
                return Ok(Read::Ask(Ask::Options(service)));
            }
            b"REQMOD" => Kind::Request,
            b"RESPMOD" => Kind::Response,
            _ => return Err(IcapError::Refused(405)),
        };
        let offer = offer(kind, service, &fields)?;
        (self.kind, self.allow_204) = (kind, offer.message.allow_204);
        self.within_preview = offer.preview;
        self.reading = Reading::Http(Box::new(offer));
        Ok(Read::Next)
    }

    fn read_http(&mut self) -> Result<Ask, IcapError> {
        let Reading::Http(offer) = std::mem::replace(&mut self.reading, Reading::Over) else {
            return Err(IcapError::Encapsulated);
        };
        let Offer { offered, mut message, preview } = *offer;
        let mut take = |length: Option<usize>| match length {
            None => Ok(None),
            Some(length) => {
                let bytes = self.input.split_to(length).freeze();
                if bytes.ends_with(b"\r\n\r\n") { Ok(Some(bytes)) } else { Err(IcapError::Http) }
            }
        };
        let (request, response) = (take(offered.request)?, take(offered.response)?);
        let original = match message.kind {
            Kind::Request => request.clone(),
            Kind::Response => response.clone(),
        };
        self.original = original.ok_or(IcapError::Encapsulated)?;
        let of_request = offered.body && message.kind == Kind::Request;
        message.request = request
            .map(|bytes| head::request(bytes, of_request, head::as_offered()))
            .transpose()?;
        message.response = response
            .map(|bytes| head::response(bytes, offered.body, head::as_offered()))
            .transpose()?;
        self.reading = match offered.body {
            true => Reading::Body { chunks: Chunks::default(), in_preview: preview },
            false => Reading::Ended,
        };
        Ok(Ask::Message(Box::new(message)))
    }

    /// Whether the message may be left as it is without sending it back: the client keeps it, or it is
    /// within its preview still.
    #[must_use]
    pub const fn may_leave_unmodified(&self) -> bool {
        self.allow_204 || self.within_preview
    }

    /// Wants what is behind the preview.
    pub fn go_on(&mut self) {
        if matches!(self.reading, Reading::AtPreview) {
            self.within_preview = false;
            self.output.push_back(Bytes::from_static(b"ICAP/1.0 100 Continue\r\n\r\n"));
            self.reading = Reading::Body { chunks: Chunks::default(), in_preview: false };
        }
    }

    /// Says what the service is.
    pub fn options(&mut self, about: &About, said: &Said) {
        let mut out = self.start(200, said);
        out.push_str(&format!(
            "Service: {}\r\nMethods: REQMOD, RESPMOD\r\nAllow: 204\r\nPreview: {}\r\n\
             Transfer-Preview: *\r\nMax-Connections: {}\r\nOptions-TTL: {}\r\n\
             Encapsulated: null-body=0\r\n\r\n",
            about.service, about.preview, about.connections_max, about.ttl_s
        ));
        self.output.push_back(out.into());
        self.answered();
    }

    /// The message goes on as it is, and is not sent back. Only where it
    /// [may](Self::may_leave_unmodified); otherwise that is an error of the service, and is told so.
    pub fn unmodified(&mut self, said: &Said) {
        if !self.may_leave_unmodified() {
            return self.refuse(500);
        }
        let mut out = self.start(204, said);
        out.push_str("Encapsulated: null-body=0\r\n\r\n");
        self.output.push_back(out.into());
        self.answered();
    }

    /// Begins an answer with `head`; its body follows by [`push`](Self::push), if it has one, and it ends
    /// with [`finish`](Self::finish).
    pub fn begin(&mut self, said: &Said, head: Head<'_>, body: BodySize) {
        let (mut http, is_response) = (BytesMut::new(), self.kind == Kind::Response);
        let of = match head {
            Head::Original => {
                http.extend_from_slice(&self.original);
                if is_response { "res" } else { "req" }
            }
            Head::Response(response) => {
                head::write_response(response, &mut http);
                "res"
            }
        };
        let kind = if body == BodySize::Empty { "null".to_owned() } else { of.to_owned() };
        let mut out = self.start(200, said);
        out.push_str(&format!("Encapsulated: {of}-hdr=0, {kind}-body={}\r\n\r\n", http.len()));
        self.output.push_back(out.into());
        self.output.push_back(http.freeze());
    }

    /// The next bytes of the body of an answer.
    pub fn push(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.output.push_back(format!("{:x}\r\n", bytes.len()).into());
            self.output.push_back(bytes);
            self.output.push_back(Bytes::from_static(b"\r\n"));
        }
    }

    /// Ends an answer that has a body, or none.
    pub fn finish(&mut self, body: BodySize) {
        if body != BodySize::Empty {
            self.output.push_back(Bytes::from_static(b"0\r\n\r\n"));
        }
        self.answered();
    }

    /// Refuses what was asked with a status of ICAP, and ends the connection. Not after
    /// [`begin`](Self::begin).
    pub fn refuse(&mut self, status: u16) {
        let reason = match status {
            400 => "Bad request",
            404 => "Service not found",
            405 => "Method not allowed for service",
            408 => "Request timeout",
            501 => "Method not implemented",
            503 => "Service overloaded",
            _ => "Server error",
        };
        self.end();
        self.output.push_back(
            format!(
                "ICAP/1.0 {status} {reason}\r\nConnection: close\r\nEncapsulated: null-body=0\r\n\r\n"
            )
            .into(),
        );
    }

    /// Ends the connection without a word more: an answer that has begun stays without its end.
    pub fn end(&mut self) {
        self.reading = Reading::Over;
        self.input.clear();
    }

    fn start(&mut self, status: u16, said: &Said) -> String {
        // What has not been read of a request would be taken for the next.
        self.closes |= matches!(self.reading, Reading::Body { .. } | Reading::Http(_));
        let reason = if status == 204 { "No Content" } else { "OK" };
        let mut out = format!("ICAP/1.0 {status} {reason}\r\n");
        said.write(&mut out);
        out.push_str(if self.closes {
            "Connection: close\r\n"
        } else {
            "Connection: keep-alive\r\n"
        });
        out
    }

    fn answered(&mut self) {
        self.original = Bytes::new();
        (self.allow_204, self.within_preview) = (false, false);
        if self.closes {
            self.end();
        } else {
            self.reading = Reading::Command;
        }
    }
}

/// Method and service in `REQMOD icap://host/service ICAP/1.0`.
fn command(line: &[u8]) -> Result<(Vec<u8>, String), IcapError> {
    let mut words = line.split(|byte| *byte == b' ');
    let (method, uri) = (words.next().unwrap_or_default(), words.next().ok_or(IcapError::Head)?);
    let version = words.next().ok_or(IcapError::Head)?;
    if words.next().is_some() || !version.starts_with(b"ICAP/") || method.is_empty() {
        return Err(IcapError::Head);
    }
    if version != b"ICAP/1.0" {
        return Err(IcapError::Refused(505));
    }
    let uri = std::str::from_utf8(uri).map_err(|_| IcapError::Head)?;
    let path = match uri.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("icap") => {
            rest.split_once('/').map_or("", |(_, path)| path)
        }
        Some(_) => return Err(IcapError::Head),
        None => uri.strip_prefix('/').ok_or(IcapError::Head)?,
    };
    let name = path.split('?').next().unwrap_or_default();
    Ok((method.to_vec(), name.to_owned()))
}

fn offer(kind: Kind, service: String, fields: &Fields) -> Result<Offer, IcapError> {
    let value = fields.get("encapsulated").ok_or(IcapError::Encapsulated)?;
    let offered = Offered::parse(value, kind)?;
    let number = |name: &str| {
        let text = std::str::from_utf8(fields.get(name)?).ok()?;
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok())?
    };
    let preview = match fields.get("preview") {
        None => false,
        Some(_) => number("preview").map(|_| true).ok_or(IcapError::Head)?,
    };
    let client = fields.get("x-client-ip").and_then(|value| std::str::from_utf8(value).ok());
    let message = Message {
        service,
        kind,
        request: None,
        response: None,
        has_body: offered.body,
        allow_204: fields.all("allow").flat_map(members).any(|one| one == b"204"),
        client: client.and_then(|text| text.trim().parse().ok()),
    };
    Ok(Offer { preview: preview && offered.body, offered, message })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::icap::{Event, Exchange, Modify, Service};
    use crate::{RequestHead, Target};
    use http::{Method, StatusCode};

    const RESPONSE: &str = "HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n";

    fn respmod(more: &str, body: &str) -> String {
        format!(
            "RESPMOD icap://a.test/scan?x=y ICAP/1.0\r\nHost: a.test\r\n{more}\
             Encapsulated: res-hdr=0, res-body={}\r\n\r\n{RESPONSE}{body}",
            RESPONSE.len()
        )
    }

    fn output(server: &mut Server) -> String {
        let bytes: Vec<u8> = std::iter::from_fn(|| server.poll_output()).flatten().collect();
        String::from_utf8(bytes).unwrap()
    }

    /// What is asked when `wire` comes in pieces of `size`, data joined, up to where an answer is due.
    fn asked(server: &mut Server, wire: &[u8], size: usize) -> Vec<Ask> {
        let mut asks = Vec::new();
        for piece in wire.chunks(size) {
            server.receive(piece);
            while let Some(ask) = server.poll() {
                match (asks.last_mut(), ask) {
                    (Some(Ask::Data(last)), Ask::Data(next)) => {
                        *last = [&last[..], &next[..]].concat().into();
                    }
                    (_, ask) => asks.push(ask),
                }
            }
        }
        asks
    }

    #[test]
    fn a_message_comes_in_any_pieces() {
        let wire = respmod(
            "Allow: 204, 206\r\nX-Client-IP: 10.0.0.1\r\n",
            "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        );
        for size in [1, 2, 7, 4096] {
            let mut server = Server::new();
            let asks = asked(&mut server, wire.as_bytes(), size);
            let [Ask::Message(message), Ask::Data(data), Ask::End] = &asks[..] else {
                panic!("{asks:?}")
            };
            assert_eq!((&*message.service, message.kind), ("scan", Kind::Response));
            assert!(message.allow_204 && message.has_body && message.request.is_none());
            assert_eq!(message.client, Some([10, 0, 0, 1].into()));
            let head = message.response.as_ref().unwrap();
            assert_eq!((head.status.as_u16(), head.fields.get("x-a")), (200, Some(&b"b"[..])));
            assert_eq!(data, "abcde");
            assert!(!server.wants_input() && server.may_leave_unmodified());
            server.unmodified(&Said::new("t"));
            assert_eq!(
                output(&mut server),
                "ICAP/1.0 204 No Content\r\nISTag: \"t\"\r\nConnection: keep-alive\r\n\
                 Encapsulated: null-body=0\r\n\r\n"
            );
            assert!(server.is_idle() && server.wants_input());
        }
    }

    #[test]
    fn a_preview_is_gone_beyond_or_answered() {
        for (end, whole) in [("0\r\n\r\n", false), ("0; ieof\r\n\r\n", true)] {
            let wire = respmod("Preview: 3\r\n", &format!("3\r\nabc\r\n{end}"));
            let mut server = Server::new();
            let asks = asked(&mut server, wire.as_bytes(), 5);
            assert_eq!(asks.last(), Some(if whole { &Ask::End } else { &Ask::Preview }));
            assert!(server.may_leave_unmodified() && !server.is_over());
            if whole {
                server.unmodified(&Said::default());
                assert!(server.is_idle());
                continue;
            }
            server.go_on();
            assert_eq!(output(&mut server), "ICAP/1.0 100 Continue\r\n\r\n");
            assert!(!server.may_leave_unmodified());
            let asks = asked(&mut server, b"2\r\nde\r\n0\r\n\r\n", 3);
            assert_eq!(asks, [Ask::Data("de".into()), Ask::End]);
            server.begin(&Said::new("t"), Head::Original, BodySize::Unknown);
            server.push("abcde".into());
            server.finish(BodySize::Unknown);
            let said = output(&mut server);
            let (head, rest) = said.split_once("\r\n\r\n").unwrap();
            assert!(
                head.ends_with(&format!("Encapsulated: res-hdr=0, res-body={}", RESPONSE.len()))
            );
            assert_eq!(rest, format!("{RESPONSE}5\r\nabcde\r\n0\r\n\r\n"));
            assert!(server.is_idle());
        }
    }

    #[test]
    fn a_length_that_is_said_twice_is_no_fault() {
        let request =
            "GET http://a.test/up HTTP/1.0\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n";
        let wire = format!(
            "REQMOD /av ICAP/1.0\r\nEncapsulated: req-hdr=0, req-body={}\r\n\r\n{request}\
             1\r\nx\r\n0\r\n\r\n",
            request.len()
        );
        let mut server = Server::new();
        let asks = asked(&mut server, wire.as_bytes(), 11);
        assert_eq!((asks.len(), server.fault()), (3, None), "{asks:?}");
        server.begin(&Said::default(), Head::Original, BodySize::Empty);
        server.finish(BodySize::Empty);
        assert!(output(&mut server).ends_with(request), "byte by byte");
    }

    #[test]
    fn a_refusal_is_a_response_in_the_place_of_either() {
        let request = "POST http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n";
        let wire = format!(
            "REQMOD /dlp ICAP/1.0\r\nHost: a\r\nEncapsulated: req-hdr=0, req-body={}\r\n\r\n{request}\
             2\r\nno\r\n",
            request.len()
        );
        let mut server = Server::new();
        let asks = asked(&mut server, wire.as_bytes(), 9);
        assert_eq!(asks.len(), 2, "{asks:?}");
        let head = ResponseHead::new(StatusCode::FORBIDDEN);
        server.begin(
            &Said::new("t").found("Own Worm;1"),
            Head::Response(&head),
            BodySize::Length(2),
        );
        server.push("no".into());
        server.finish(BodySize::Length(2));
        let said = output(&mut server);
        assert!(said.contains("Threat=Own_Worm_1;\r\nConnection: close\r\n"), "{said}");
        assert!(said.contains("Encapsulated: res-hdr=0, res-body="), "{said}");
        assert!(said.ends_with("2\r\nno\r\n0\r\n\r\n") && server.is_over());
    }

    #[test]
    fn what_makes_no_sense_is_refused_and_ends_the_connection() {
        let offer = |sections: &str| {
            format!(
                "RESPMOD /a ICAP/1.0\r\nEncapsulated: {sections}\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
            )
        };
        for (wire, status, error) in [
            ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400, IcapError::Head),
            ("REQMOD icap://a/ ICAP/2.0\r\n\r\n".to_owned(), 505, IcapError::Refused(505)),
            ("PURGE icap://a/ ICAP/1.0\r\n\r\n".to_owned(), 405, IcapError::Refused(405)),
            ("RESPMOD http://a/ ICAP/1.0\r\n\r\n".to_owned(), 400, IcapError::Head),
            ("RESPMOD /a ICAP/1.0\r\n\r\n".to_owned(), 400, IcapError::Encapsulated),
            (offer("res-body=0"), 400, IcapError::Encapsulated),
            (offer("req-hdr=0, req-body=19"), 400, IcapError::Encapsulated),
            (offer("res-hdr=0, res-body=0"), 400, IcapError::Encapsulated),
            (offer("res-hdr=0, res-body=17"), 400, IcapError::Http),
            (offer("req-hdr=19, res-hdr=0, res-body=38"), 400, IcapError::Encapsulated),
            (offer("res-hdr=0, null-body=99999"), 400, IcapError::HeadTooLong),
            (respmod("Preview: x\r\n", ""), 400, IcapError::Head),
            (respmod("", "zz\r\n"), 400, IcapError::Chunk),
        ] {
            let mut server = Server::new();
            asked(&mut server, wire.as_bytes(), 4096);
            assert_eq!(server.fault(), Some(&error), "{wire}");
            let said = output(&mut server);
            assert!(said.starts_with(&format!("ICAP/1.0 {status} ")), "{said}");
            assert!(server.is_over() && !server.wants_input());
        }
        let mut server = Server::new();
        asked(&mut server, &vec![b'a'; 70_000], 1_000);
        assert_eq!(server.fault(), Some(&IcapError::HeadTooLong));
    }

    #[test]
    fn our_own_client_understands_what_the_service_is() {
        let service = Service::parse("icap://a.test/scan").unwrap();
        let mut client = Exchange::options(&service);
        let mut server = Server::new();
        let wire: Vec<u8> = std::iter::from_fn(|| client.poll_output()).flatten().collect();
        assert_eq!(asked(&mut server, &wire, 7), [Ask::Options("scan".into())]);
        server.options(&About::default(), &Said::new("tag"));
        client.receive(output(&mut server).as_bytes()).unwrap();
        let Some(Event::Options(options)) = client.poll_event() else { panic!() };
        assert!(options.reqmod && options.respmod && options.allow_204);
        assert_eq!((options.preview, &options.istag[..]), (Some(4_096), &b"\"tag\""[..]));
        assert!(client.is_reusable());
    }

    /// What the client has in the end: the original, or what was sent back.
    fn exchange(body: &[u8], modify: &Modify, size: usize) -> Vec<u8> {
        let service = Service::parse("icap://a.test/scan").unwrap();
        let target = Target::parse(&Method::POST, Bytes::from_static(b"http://a.test/x")).unwrap();
        let mut head = RequestHead::new(Method::POST, target);
        head.fields.append("Host", "a.test").unwrap();
        head.body = BodySize::Length(body.len() as u64);
        let mut client = Exchange::reqmod(&service, modify, &head);
        for piece in body.chunks(size) {
            client.push(Bytes::copy_from_slice(piece));
        }
        client.finish();
        let (mut server, mut kept, mut back) = (Server::new(), Vec::new(), Vec::new());
        for _ in 0..8 {
            let wire: Vec<u8> = std::iter::from_fn(|| client.poll_output()).flatten().collect();
            for ask in asked(&mut server, &wire, size) {
                match ask {
                    Ask::Data(bytes) => kept.extend_from_slice(&bytes),
                    Ask::Preview => server.go_on(),
                    Ask::End if server.may_leave_unmodified() => {
                        server.unmodified(&Said::default());
                    }
                    Ask::End => {
                        server.begin(&Said::default(), Head::Original, BodySize::Unknown);
                        server.push(Bytes::from(kept.clone()));
                        server.finish(BodySize::Unknown);
                    }
                    _ => {}
                }
            }
            client.receive(output(&mut server).as_bytes()).unwrap();
            while let Some(event) = client.poll_event() {
                match event {
                    Event::Unmodified => back = body.to_vec(),
                    Event::Data(bytes) => back.extend_from_slice(&bytes),
                    _ => {}
                }
            }
        }
        assert!(client.is_reusable() && server.is_idle());
        assert_eq!(kept, body);
        back
    }

    proptest! {
        #[test]
        fn our_own_client_gets_back_what_it_offers(
            body in proptest::collection::vec(b'a'..=b'z', 1..200),
            preview in proptest::option::of(0..250u32),
            allow_204: bool,
            size in 1..60usize,
        ) {
            let modify = Modify { preview, allow_204, ..Modify::default() };
            prop_assert_eq!(exchange(&body, &modify, size), body);
        }

        #[test]
        fn any_bytes_in_any_pieces_ask_for_the_same(
            flip in 0..150usize,
            byte: u8,
            size in 1..40usize,
        ) {
            let mut wire = respmod("Preview: 4\r\n", "3\r\nabc\r\n0; ieof\r\n\r\n").into_bytes();
            if let Some(at) = wire.get_mut(flip) {
                *at = byte;
            }
            let (mut one, mut other) = (Server::new(), Server::new());
            let whole = asked(&mut one, &wire, usize::MAX);
            let pieces = asked(&mut other, &wire, size);
            prop_assert_eq!(one.fault(), other.fault());
            if one.fault().is_none() {
                prop_assert_eq!(whole, pieces);
            }
        }
    }
}
