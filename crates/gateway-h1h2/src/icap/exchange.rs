//! One request of ICAP and its answer.

mod offer;

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use super::chunks::{Chunk, Chunks};
use super::encapsulated::Encapsulated;
use super::{IcapError, ServiceOptions, Told, head};
use crate::h1::Options;
use crate::{RequestHead, ResponseHead};

/// How a message is offered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Modify {
    /// Bytes of the body that go out before the service says whether it wants the rest; `None`
    /// for no preview.
    pub preview: Option<u32>,
    /// Whether the caller keeps the whole message, so that 204 may be said at any time.
    pub allow_204: bool,
    /// Whether the caller can put the rest of the original body behind what the service returns (206): within
    /// a preview, and at any time where it keeps the whole message.
    pub allow_206: bool,
    /// The client's address, told as `X-Client-IP`.
    pub client: Option<std::net::IpAddr>,
}

/// What a service answers, step by step.
///
/// `Options`; or `Unmodified`; or `Request` or `Response`, then `Data`*, then `End`, or after `Partial`
/// perhaps `Original` in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// To `OPTIONS`.
    Options(ServiceOptions),
    /// The message goes on as it was.
    Unmodified,
    /// What comes next may end with the rest of the original body, which is to be kept until then. It comes
    /// before `Request` or `Response`.
    Partial,
    /// This request takes the place of the one that was offered.
    Request(RequestHead),
    /// This response takes the place of the one that was offered, or of the origin's.
    Response(ResponseHead),
    /// The next bytes of its body.
    Data(Bytes),
    /// Its end.
    End,
    /// The body that was offered follows, from so many bytes behind its begin on.
    Original(u64),
}

/// One request to a service.
#[derive(Debug)]
pub struct Exchange {
    kind: Kind,
    allow_204: bool,
    allow_206: bool,
    /// The answer may end with the rest of the original.
    is_partial: bool,
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
    told: Option<Told>,
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
    /// The rest goes out. An answer that has begun changes nothing: there are services that send
    /// back while they read.
    Body,
    Done,
    /// The answer was complete first.
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
    fn new(kind: Kind, allow_204: bool, sending: Sending) -> Self {
        Self {
            kind,
            allow_204,
            allow_206: false,
            is_partial: false,
            sending,
            preview: 0,
            ended_in_preview: false,
            reading: Reading::Head,
            waiting: VecDeque::new(),
            finished: false,
            input: BytesMut::new(),
            output: VecDeque::new(),
            events: VecDeque::new(),
            told: None,
            closes: false,
        }
    }

    /// Whether the next bytes of the body can be sent now; those that are [pushed](Self::push) all
    /// the same wait here, uncopied.
    #[must_use]
    pub fn wants_body(&self) -> bool {
        matches!(self.sending, Sending::Preview | Sending::Body) && !self.finished
    }

    /// Bytes of the body that wait for the service to want them.
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        self.waiting.iter().map(Bytes::len).sum()
    }

    /// Whether the service has the word: it has everything that it is going to get before it says
    /// something.
    #[must_use]
    pub const fn is_awaited(&self) -> bool {
        !self.is_done()
            && matches!(self.sending, Sending::Awaiting | Sending::Done | Sending::Stopped)
    }

    /// Whether the preview is over, or there is none: the service wants all of the body, and 204
    /// needs leave.
    #[must_use]
    pub const fn is_past_preview(&self) -> bool {
        matches!(self.sending, Sending::Body | Sending::Done | Sending::Stopped)
            && !self.ended_in_preview
    }

    /// What the head of the answer says besides, once it has come.
    #[must_use]
    pub const fn told(&self) -> Option<&Told> {
        self.told.as_ref()
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
                        let from = chunks.original_from().filter(|_| self.is_partial);
                        self.end(from.map_or(Event::End, Event::Original));
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
        let Some((line, fields)) = head::take(&mut self.input)? else { return Ok(false) };
        let status = head::status(&line)?;
        let mut options = fields.all("connection").flat_map(crate::fields::members);
        self.closes |= options.any(|option| option.eq_ignore_ascii_case(b"close"));
        if status != 100 {
            self.told = Some(Told::of(status, &fields));
        }
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
            (206, Kind::Reqmod | Kind::Respmod) if self.allow_206 && self.may_be_unmodified() => {
                let value = fields.get("encapsulated").ok_or(IcapError::Encapsulated)?;
                self.reading = Reading::Http(Encapsulated::parse(value)?);
                self.is_partial = true;
                self.events.push_back(Event::Partial);
                self.stop_sending();
                Ok(true)
            }
            (200, Kind::Reqmod | Kind::Respmod) => {
                let value = fields.get("encapsulated").ok_or(IcapError::Encapsulated)?;
                if self.sending != Sending::Body {
                    self.stop_sending();
                }
                self.reading = Reading::Http(Encapsulated::parse(value)?);
                Ok(true)
            }
            (204, Kind::Reqmod | Kind::Respmod) if self.may_be_unmodified() => {
                self.stop_sending();
                self.events.push_back(Event::Unmodified);
                self.reading = Reading::Done;
                Ok(true)
            }
            (100 | 204 | 206, _) => Err(IcapError::OutOfTurn(status)),
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

    /// The service needs no more of the body than it has.
    fn stop_sending(&mut self) {
        self.sending = match self.sending {
            // The service has read all that was sent, or reads on to its end.
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
            Some(_) => Event::Request(head::request(bytes, body, Options::default())?),
            None => Event::Response(head::response(bytes, body, Options::default())?),
        });
        if body {
            self.reading = Reading::Body(Chunks::default());
        } else {
            self.end(Event::End);
        }
        Ok(true)
    }

    fn end(&mut self, event: Event) {
        if self.kind != Kind::Options {
            self.events.push_back(event);
        }
        self.stop_sending();
        self.reading = Reading::Done;
    }
}
