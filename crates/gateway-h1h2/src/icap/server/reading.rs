//! What a client of ICAP offers: its request, the HTTP heads inside, and the chunks of the body. What is
//! made of it is not decided here, and nothing is answered.

use std::net::IpAddr;

use bytes::{Buf, Bytes};

use super::super::chunks::{Chunk, Chunks};
use super::super::encapsulated::Offered;
use super::super::{HEAD_BYTES_MAX, IcapError, head};
use super::Server;
use crate::fields::members;
use crate::{Fields, RequestHead, ResponseHead};

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

/// How far the request of a client is.
#[derive(Debug)]
pub(super) enum Reading {
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
pub(super) struct Offer {
    pub(super) offered: Offered,
    message: Message,
    preview: bool,
}

impl Server {
    /// What the client wants next.
    pub(super) fn next(&mut self) -> Result<Option<Ask>, IcapError> {
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
        // Within TLS some name the one, some the other.
        Some((scheme, rest))
            if ["icap", "icaps"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) =>
        {
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
