//! What commands do to a connection: `send` and one function for each kind of event.

use bytes::Bytes;
use http::{Method, StatusCode};

use super::connection::Connection;
use super::encode::{self, Persistence};
use super::offer::Offer;
use super::state::{Exchange, Receiving, Role, Sending};
use crate::authority::split;
use crate::{
    BodySize, Close, Declared, Event, Fields, Framing, Message, PathAndQuery, RequestHead,
    ResponseHead, SendError, StreamId, Target,
};

impl Connection {
    /// Sends one event: on a server `Informational`, `ResponseHead`, `Data`, `Trailers`, `End`
    /// and `Reset` of the stream in progress; on a client `RequestHead` of a stream that
    /// [`open`](Self::open) gave, then the same from `Data` on.
    ///
    /// A `ResponseHead` with status 101, or with 2xx to a CONNECT, is the last HTTP on the
    /// connection: `Upgrade` comes out of [`poll_event`](Self::poll_event) then. `Reset` cuts the
    /// message so that the peer notices: no last chunk, and the connection must be closed.
    /// `Connection: close` in a head makes this exchange the last one; the other options of
    /// `Connection` are the caller's, except `keep-alive`.
    ///
    /// # Errors
    /// When the event cannot be sent now; the connection is as it was before.
    pub fn send(&mut self, stream: StreamId, event: Event) -> Result<(), SendError> {
        match self.sending {
            Sending::Tunnel | Sending::Closed => return Err(SendError::Closed),
            Sending::Idle
            | Sending::Head
            | Sending::Body(_)
            | Sending::Trailed
            | Sending::Ended => {}
        }
        if let (Role::Client, Event::RequestHead(head)) = (self.role, &event) {
            return self.send_request_head(stream, head);
        }
        if self.exchange.as_ref().is_none_or(|exchange| exchange.stream != stream) {
            return Err(SendError::Stream { stream });
        }
        match event {
            Event::Informational(head) => self.send_informational(&head),
            Event::ResponseHead(head) => self.send_response_head(&head),
            Event::Data(data) => self.send_data(data),
            Event::Trailers(trailers) => self.send_trailers(&trailers),
            Event::End => self.send_end(),
            Event::Reset(_) => {
                self.cut();
                Ok(())
            }
            Event::RequestHead(_) | Event::Retry | Event::Upgrade => Err(SendError::Order),
        }
    }

    fn send_request_head(&mut self, stream: StreamId, head: &RequestHead) -> Result<(), SendError> {
        if self.last || !self.is_open() || !matches!(self.receiving, Receiving::Head) {
            return Err(SendError::Closed);
        }
        if self.exchange.is_some() {
            return Err(SendError::Order);
        }
        if head.protocol.is_some() {
            return Err(SendError::ExtendedConnect);
        }
        if stream.number().checked_add(1) != Some(self.next) {
            return Err(SendError::Stream { stream });
        }
        let needs_host = match head.target {
            Target::Origin(_) | Target::Asterisk => true,
            Target::Absolute { .. } | Target::Authority(_) => false,
        };
        if needs_host && !has_one_valid_host(&head.fields) {
            return Err(SendError::Host);
        }
        if !suits(&head.method, &head.target) {
            return Err(SendError::Target);
        }
        let declared = declared(head.body);
        let framing = Framing::decide(Message::Request, declared);
        let bodiless = matches!(head.method, Method::CONNECT | Method::TRACE)
            || head.fields.contains("upgrade");
        if bodiless && framing != Framing::None {
            return Err(SendError::BodyNotAllowed);
        }
        let closes = encode::asks_close(&head.fields);
        let persistence = if closes { Persistence::Close } else { Persistence::Keep };
        self.output.write(|out| encode::request_head(out, head, declared, persistence));
        self.exchange = Some(Exchange {
            stream,
            method: head.method.clone(),
            modern: true,
            offer: Offer::of(&head.fields),
            persistent: !closes,
            informational: 0,
        });
        self.credit = self.intake.options.credit_bytes;
        self.sending = Sending::Body(framing);
        Ok(())
    }

    fn send_informational(&mut self, head: &ResponseHead) -> Result<(), SendError> {
        let interim = head.status.is_informational();
        if !interim || head.status == StatusCode::SWITCHING_PROTOCOLS {
            return Err(SendError::Order);
        }
        if self.sending != Sending::Head {
            return Err(SendError::Order);
        }
        // RFC 9110 §15.2: an HTTP/1.0 client knows no interim responses.
        if self.exchange.as_ref().is_some_and(|exchange| exchange.modern) {
            self.output.write(|out| {
                encode::response_head(out, head, Declared::Nothing, Persistence::Keep);
            });
        }
        Ok(())
    }

    fn send_response_head(&mut self, head: &ResponseHead) -> Result<(), SendError> {
        let (Sending::Head, Some(exchange)) = (&self.sending, &mut self.exchange) else {
            return Err(SendError::Order);
        };
        let switches = head.status == StatusCode::SWITCHING_PROTOCOLS;
        if head.status.is_informational() && !switches {
            return Err(SendError::Order);
        }
        let ended = matches!(self.receiving, Receiving::Ending | Receiving::Ended);
        if switches && !(exchange.offer.takes(&head.fields) && ended) {
            return Err(SendError::UpgradeUnasked);
        }
        let connects = exchange.method == Method::CONNECT;
        if switches || (connects && ended && head.status.is_success()) {
            self.output.write(|out| {
                encode::response_head(out, head, Declared::Nothing, Persistence::Keep);
            });
            self.sending = Sending::Tunnel;
            self.receiving = Receiving::Switching;
            return Ok(());
        }
        let message = Message::Response { method: &exchange.method, status: head.status };
        let (declared, framing) = frame_response(message, head.body, exchange.modern);
        // What a client sent behind a CONNECT in hope must not become a request.
        if connects || framing == Framing::UntilClose || encode::asks_close(&head.fields) {
            exchange.persistent = false;
        }
        let persistence = if self.persists() { Persistence::Keep } else { Persistence::Close };
        self.output.write(|out| encode::response_head(out, head, declared, persistence));
        self.sending = Sending::Body(framing);
        Ok(())
    }

    fn send_data(&mut self, data: Bytes) -> Result<(), SendError> {
        let Sending::Body(framing) = &mut self.sending else {
            return Err(SendError::Order);
        };
        // An empty chunk would be the last one.
        if data.is_empty() {
            return Ok(());
        }
        let bytes = data.len() as u64;
        match framing {
            Framing::None => return Err(SendError::BodyNotAllowed),
            Framing::Length(left) => match left.checked_sub(bytes) {
                Some(rest) => {
                    *left = rest;
                    self.output.push(data);
                }
                None => return Err(SendError::BodyTooLong { excess: bytes - *left }),
            },
            Framing::Chunked => {
                self.output.write(|out| encode::chunk_line(out, data.len()));
                self.output.push(data);
                self.output.write(|out| out.extend_from_slice(b"\r\n"));
            }
            Framing::UntilClose => self.output.push(data),
        }
        Ok(())
    }

    fn send_trailers(&mut self, trailers: &Fields) -> Result<(), SendError> {
        self.finish_body(Some(trailers))?;
        self.sending = Sending::Trailed;
        Ok(())
    }

    fn send_end(&mut self) -> Result<(), SendError> {
        if self.sending != Sending::Trailed {
            self.finish_body(None)?;
        }
        self.sending = Sending::Ended;
        self.settle();
        Ok(())
    }

    fn finish_body(&mut self, trailers: Option<&Fields>) -> Result<(), SendError> {
        match self.sending {
            Sending::Body(Framing::Length(missing)) if missing > 0 => {
                Err(SendError::BodyTooShort { missing })
            }
            Sending::Body(Framing::Chunked) => {
                self.output.write(|out| encode::last_chunk(out, trailers));
                Ok(())
            }
            Sending::Body(Framing::None | Framing::Length(_) | Framing::UntilClose) => Ok(()),
            Sending::Idle
            | Sending::Head
            | Sending::Trailed
            | Sending::Ended
            | Sending::Tunnel
            | Sending::Closed => Err(SendError::Order),
        }
    }

    /// Ends the connection such that no cut message looks complete.
    fn cut(&mut self) {
        // Where only the end of the connection ends the body, an orderly end would complete it.
        let close = match self.sending {
            Sending::Body(Framing::UntilClose) => Close::Abort,
            Sending::Idle
            | Sending::Head
            | Sending::Body(Framing::None | Framing::Length(_) | Framing::Chunked)
            | Sending::Trailed
            | Sending::Ended
            | Sending::Tunnel
            | Sending::Closed => Close::Graceful,
        };
        self.shut(close);
    }
}

fn has_one_valid_host(fields: &Fields) -> bool {
    let mut hosts = fields.all("host");
    hosts.next().is_some_and(|host| split(host).is_ok()) && hosts.next().is_none()
}

/// Whether a request with this method can have this form of target (RFC 9112 §3.2).
fn suits(method: &Method, target: &Target) -> bool {
    match target {
        Target::Authority(authority) => *method == Method::CONNECT && authority.port().is_some(),
        Target::Asterisk => *method == Method::OPTIONS,
        Target::Origin(path) => *method != Method::CONNECT && *path != PathAndQuery::ASTERISK,
        Target::Absolute { path_and_query, .. } => {
            *method != Method::CONNECT
                && (*method == Method::OPTIONS || *path_and_query != PathAndQuery::ASTERISK)
        }
    }
}

/// What a body of this size declares in a message that can declare it.
fn declared(body: BodySize) -> Declared {
    match body {
        BodySize::Empty => Declared::Nothing,
        BodySize::Length(bytes) => Declared::Length(bytes),
        BodySize::Unknown => Declared::Chunked,
    }
}

/// The framing field of a response, and where the client will see its end.
fn frame_response(message: Message<'_>, body: BodySize, modern: bool) -> (Declared, Framing) {
    // Asked with a declaration that would make a body if one were possible.
    if Framing::decide(message, Declared::Chunked) == Framing::None {
        let announces = match message {
            Message::Response { method, status } => {
                *method == Method::HEAD || status == StatusCode::NOT_MODIFIED
            }
            Message::Request => false,
        };
        let declared = match body {
            BodySize::Length(bytes) if announces => Declared::Length(bytes),
            BodySize::Empty | BodySize::Length(_) | BodySize::Unknown => Declared::Nothing,
        };
        return (declared, Framing::None);
    }
    let declared = match body {
        BodySize::Empty => Declared::Length(0),
        BodySize::Length(bytes) => Declared::Length(bytes),
        BodySize::Unknown if modern => Declared::Chunked,
        // RFC 9112 §6.1: an HTTP/1.0 client knows no chunks.
        BodySize::Unknown => Declared::Nothing,
    };
    (declared, Framing::decide(message, declared))
}
