//! One request of ICAP and its answer.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use super::chunks::{Chunk, Chunks};
use super::encapsulated::Encapsulated;
use super::{IcapError, Service, ServiceOptions, head};
use crate::{BodySize, RequestHead, ResponseHead};

/// How a message is offered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Modify {
    /// Bytes of the body that go out before the service says whether it wants the rest; `None`
    /// for no preview.
    pub preview: Option<u32>,
    /// Whether the caller keeps the whole message, so that 204 may be said at any time.
    pub allow_204: bool,
    /// The client's address, told as `X-Client-IP`.
    pub client: Option<std::net::IpAddr>,
}

/// What a service answers, step by step.
///
/// `Options`; or `Unmodified`; or `Request` or `Response`, then `Data`*, then `End`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// To `OPTIONS`.
    Options(ServiceOptions),
    /// The message goes on as it was.
    Unmodified,
    /// This request takes the place of the one that was offered.
    Request(RequestHead),
    /// This response takes the place of the one that was offered, or of the origin's.
    Response(ResponseHead),
    /// The next bytes of its body.
    Data(Bytes),
    /// Its end.
    End,
}

/// One request to a service.
#[derive(Debug)]
pub struct Exchange {
    kind: Kind,
    allow_204: bool,
    sending: Sending,
    /// Bytes of the preview still to go.
    preview: u32,
    /// The preview showed all of the body.
    ended_in_preview: bool,
    reading: Reading,
    /// What came of the body while nothing could be sent of it.
    waiting: VecDeque<Bytes>,
    finished: bool,
    input: BytesMut,
    output: VecDeque<Bytes>,
    events: VecDeque<Event>,
    closes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Options,
    Reqmod,
    Respmod,
}

/// How far the request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sending {
    Preview,
    /// The preview is out: the service has the word.
    Awaiting,
    Body,
    Done,
    /// The answer came first.
    Stopped,
}

/// How far the answer is.
#[derive(Debug)]
enum Reading {
    Head,
    Http(Encapsulated),
    Body(Chunks),
    Done,
}

impl Exchange {
    /// Asks the service about itself.
    #[must_use]
    pub fn options(service: &Service) -> Self {
        let mut exchange = Self::new(Kind::Options, false, Sending::Done);
        let mut out = start("OPTIONS", service);
        out.extend_from_slice(b"Encapsulated: null-body=0\r\n\r\n");
        exchange.output.push_back(out.freeze());
        exchange
    }

    /// Offers a request.
    #[must_use]
    pub fn reqmod(service: &Service, modify: &Modify, request: &RequestHead) -> Self {
        let mut http = BytesMut::new();
        head::write_request(request, &mut http);
        let sections = format!("req-hdr=0, {}={}", body("req", request.body), http.len());
        Self::offer(Kind::Reqmod, service, modify, &sections, request.body, http)
    }

    /// Offers a response, and the head of the request that it answers if that is known.
    #[must_use]
    pub fn respmod(
        service: &Service,
        modify: &Modify,
        request: Option<&RequestHead>,
        response: &ResponseHead,
    ) -> Self {
        let mut http = BytesMut::new();
        let mut sections = String::new();
        if let Some(request) = request {
            let head = RequestHead { body: BodySize::Empty, ..request.clone() };
            head::write_request(&head, &mut http);
            sections.push_str("req-hdr=0, ");
        }
        sections.push_str(&format!("res-hdr={}, ", http.len()));
        head::write_response(response, &mut http);
        sections.push_str(&format!("{}={}", body("res", response.body), http.len()));
        Self::offer(Kind::Respmod, service, modify, &sections, response.body, http)
    }

    fn offer(
        kind: Kind,
        service: &Service,
        modify: &Modify,
        sections: &str,
        size: BodySize,
        http: BytesMut,
    ) -> Self {
        let has_body = size != BodySize::Empty;
        let preview = modify.preview.filter(|_| has_body);
        let sending = match (has_body, preview) {
            (false, _) => Sending::Done,
            // Nothing is to be seen but the heads: the service has the word at once.
            (true, Some(_)) => Sending::Preview,
            (true, None) => Sending::Body,
        };
        let mut exchange = Self::new(kind, modify.allow_204, sending);
        exchange.preview = preview.unwrap_or(0);
        exchange.finished = !has_body;
        let method = if kind == Kind::Reqmod { "REQMOD" } else { "RESPMOD" };
        let mut out = start(method, service);
        if modify.allow_204 {
            out.extend_from_slice(b"Allow: 204\r\n");
        }
        if let Some(preview) = preview {
            out.extend_from_slice(format!("Preview: {preview}\r\n").as_bytes());
        }
        if let Some(client) = modify.client {
            out.extend_from_slice(format!("X-Client-IP: {client}\r\n").as_bytes());
        }
        out.extend_from_slice(format!("Encapsulated: {sections}\r\n\r\n").as_bytes());
        out.unsplit(http);
        exchange.output.push_back(out.freeze());
        exchange.send_waiting();
        exchange
    }

    fn new(kind: Kind, allow_204: bool, sending: Sending) -> Self {
        Self {
            kind,
            allow_204,
            sending,
            preview: 0,
            ended_in_preview: false,
            reading: Reading::Head,
            waiting: VecDeque::new(),
            finished: false,
            input: BytesMut::new(),
            output: VecDeque::new(),
            events: VecDeque::new(),
            closes: false,
        }
    }

    /// Whether the next bytes of the body can be sent now; those that are [pushed](Self::push) all
    /// the same wait here, uncopied.
    #[must_use]
    pub fn wants_body(&self) -> bool {
        matches!(self.sending, Sending::Preview | Sending::Body) && !self.finished
    }

    /// The next bytes of the body that is offered.
    pub fn push(&mut self, bytes: Bytes) {
        if !bytes.is_empty() && !self.finished {
            self.waiting.push_back(bytes);
            self.send_waiting();
        }
    }

    /// The body that is offered has ended.
    pub fn finish(&mut self) {
        if !self.finished {
            self.finished = true;
            self.send_waiting();
        }
    }

    /// The next bytes for the service.
    pub fn poll_output(&mut self) -> Option<Bytes> {
        self.output.pop_front()
    }

    /// What the service says next.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Whether the answer is complete.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self.reading, Reading::Done)
    }

    /// Whether the connection can serve another exchange.
    #[must_use]
    pub fn is_reusable(&self) -> bool {
        self.is_done() && self.sending == Sending::Done && !self.closes && self.input.is_empty()
    }

    fn send_waiting(&mut self) {
        if self.sending == Sending::Preview {
            self.send_preview();
        }
        if self.sending == Sending::Body {
            while let Some(bytes) = self.waiting.pop_front() {
                self.send_chunk(bytes);
            }
            if self.finished {
                self.output.push_back(Bytes::from_static(b"0\r\n\r\n"));
                self.sending = Sending::Done;
            }
        }
    }

    fn send_preview(&mut self) {
        while self.preview > 0
            && let Some(mut bytes) = self.waiting.pop_front()
        {
            let length = bytes.len().min(usize::try_from(self.preview).unwrap_or(usize::MAX));
            let first = bytes.split_to(length);
            self.preview -= u32::try_from(length).unwrap_or(self.preview);
            if !bytes.is_empty() {
                self.waiting.push_front(bytes);
            }
            self.send_chunk(first);
        }
        if self.waiting.is_empty() && self.finished {
            self.output.push_back(Bytes::from_static(b"0; ieof\r\n\r\n"));
            self.ended_in_preview = true;
            self.sending = Sending::Done;
        } else if !self.waiting.is_empty() {
            // More is there than the preview shows.
            self.output.push_back(Bytes::from_static(b"0\r\n\r\n"));
            self.sending = Sending::Awaiting;
        }
    }

    fn send_chunk(&mut self, bytes: Bytes) {
        self.output.push_back(Bytes::from(format!("{:x}\r\n", bytes.len())));
        self.output.push_back(bytes);
        self.output.push_back(Bytes::from_static(b"\r\n"));
    }

    /// Takes bytes from the service.
    ///
    /// # Errors
    /// [`IcapError`]; the connection is of no more use then, nor is what came of the answer.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<(), IcapError> {
        self.input.extend_from_slice(bytes);
        loop {
            let goes_on = match &mut self.reading {
                Reading::Head => self.read_head()?,
                Reading::Http(sections) => {
                    let sections = *sections;
                    self.read_http(sections)?
                }
                Reading::Body(chunks) => match chunks.step(&mut self.input)? {
                    Chunk::Data(bytes) => {
                        if self.kind != Kind::Options {
                            self.events.push_back(Event::Data(bytes));
                        }
                        true
                    }
                    Chunk::End => {
                        self.end();
                        true
                    }
                    Chunk::NeedInput => false,
                },
                Reading::Done if self.input.is_empty() => false,
                Reading::Done => return Err(IcapError::Surplus),
            };
            if !goes_on {
                return Ok(());
            }
        }
    }

    fn read_head(&mut self) -> Result<bool, IcapError> {
        let Some((status, fields)) = head::take(&mut self.input)? else { return Ok(false) };
        let mut options = fields.all("connection").flat_map(crate::fields::members);
        self.closes |= options.any(|option| option.eq_ignore_ascii_case(b"close"));
        match (status, self.kind) {
            (100, _) if self.sending == Sending::Awaiting => {
                self.sending = Sending::Body;
                self.send_waiting();
                Ok(true)
            }
            (200, Kind::Options) => {
                self.events.push_back(Event::Options(ServiceOptions::of(&fields)));
                // Some say more of themselves in a body, which is read and dropped.
                let more = fields.get("encapsulated").is_some_and(|v| v.starts_with(b"opt-body"));
                self.reading = match more {
                    true => Reading::Body(Chunks::default()),
                    false => Reading::Done,
                };
                Ok(true)
            }
            (200, Kind::Reqmod | Kind::Respmod) => {
                let value = fields.get("encapsulated").ok_or(IcapError::Encapsulated)?;
                self.stop_sending();
                self.reading = Reading::Http(Encapsulated::parse(value)?);
                Ok(true)
            }
            (204, Kind::Reqmod | Kind::Respmod) if self.may_be_unmodified() => {
                self.stop_sending();
                self.events.push_back(Event::Unmodified);
                self.reading = Reading::Done;
                Ok(true)
            }
            (100 | 204, _) => Err(IcapError::OutOfTurn(status)),
            _ => Err(IcapError::Refused(status)),
        }
    }

    /// Within a preview a service may say so in any case, later with leave alone.
    fn may_be_unmodified(&self) -> bool {
        let within = self.sending == Sending::Awaiting
            || self.sending == Sending::Preview
            || self.ended_in_preview;
        within || self.allow_204
    }

    /// The answer has begun: what the service has not asked for it does not need.
    fn stop_sending(&mut self) {
        self.sending = match self.sending {
            // The service has read all that was sent.
            Sending::Done | Sending::Awaiting => Sending::Done,
            Sending::Preview | Sending::Body | Sending::Stopped => Sending::Stopped,
        };
        self.waiting.clear();
    }

    fn read_http(&mut self, sections: Encapsulated) -> Result<bool, IcapError> {
        let Encapsulated { request, response, body } = sections;
        // A response may take the place of a request, not the other way round.
        let length = response.or_else(|| request.filter(|_| self.kind == Kind::Reqmod));
        let length = length.ok_or(IcapError::Encapsulated)?;
        if self.input.len() < length {
            return Ok(false);
        }
        let bytes = self.input.split_to(length).freeze();
        if !bytes.ends_with(b"\r\n\r\n") {
            return Err(IcapError::Http);
        }
        self.events.push_back(match request {
            Some(_) => Event::Request(head::request(bytes, body)?),
            None => Event::Response(head::response(bytes, body)?),
        });
        if body {
            self.reading = Reading::Body(Chunks::default());
        } else {
            self.end();
        }
        Ok(true)
    }

    fn end(&mut self) {
        if self.kind != Kind::Options {
            self.events.push_back(Event::End);
        }
        self.reading = Reading::Done;
    }
}

fn start(method: &str, service: &Service) -> BytesMut {
    let text =
        format!("{method} {service} ICAP/1.0\r\nHost: {}:{}\r\n", service.host(), service.port());
    BytesMut::from(text.as_bytes())
}

fn body(of: &str, size: BodySize) -> String {
    if size == BodySize::Empty { "null-body".to_owned() } else { format!("{of}-body") }
}
