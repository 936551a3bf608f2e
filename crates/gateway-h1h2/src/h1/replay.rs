//! Whole conversations from bytes alone: for fuzz targets, tests, and trying out a capture.
//!
//! Not a proxy and not a server: requests get a fixed answer so that the next one is read.

use bytes::{Bytes, BytesMut};
use http::{Method, StatusCode};

use super::{Connection, Counts, H1Error, Options};
use crate::{
    Authority, BodySize, Close, Event, PathAndQuery, RequestHead, ResponseHead, StreamId, Target,
};

/// What came of a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// The events in order; data of one message is joined, so that it does not show how the
    /// input was cut.
    pub events: Vec<(StreamId, Event)>,
    /// The error that ended the reading.
    pub error: Option<H1Error>,
    /// What the connection wrote.
    pub output: Bytes,
    /// How the connection wants to be closed.
    pub close: Option<Close>,
    /// What the checks found.
    pub counts: Counts,
    /// What was received behind an upgrade.
    pub unread: Bytes,
}

/// Feeds a server role connection with `pieces` and then the end of the stream. Every request is
/// answered: one for an upgrade by 101, CONNECT by an empty 200, any other by 200 and `ok`.
pub fn replay_requests<'a>(
    options: Options,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Transcript {
    let mut replay = Replay::new(Connection::server(options));
    let mut request = None;
    replay.run(pieces, |connection, stream, event| match event {
        Event::RequestHead(head) => request = Some(head.clone()),
        Event::End => {
            if let Some(request) = request.take() {
                answer(connection, stream, &request);
            }
        }
        Event::Reset(_) => refuse(connection, stream, StatusCode::BAD_REQUEST),
        Event::Informational(_)
        | Event::ResponseHead(_)
        | Event::Data(_)
        | Event::Trailers(_)
        | Event::Retry
        | Event::Upgrade => {}
    });
    replay.finish()
}

/// Feeds a client role connection, which asks with each of `methods` in turn, with `pieces` and
/// then the end of the stream.
pub fn replay_responses<'a>(
    options: Options,
    methods: &[Method],
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Transcript {
    let mut replay = Replay::new(Connection::client(options));
    let mut methods = methods.iter();
    ask(&mut replay.connection, methods.next());
    replay.run(pieces, |connection, _, event| {
        if *event == Event::End {
            ask(connection, methods.next());
        }
    });
    replay.finish()
}

struct Replay {
    connection: Connection,
    events: Vec<(StreamId, Event)>,
    body: BytesMut,
    error: Option<H1Error>,
    output: Vec<Bytes>,
}

impl Replay {
    fn new(connection: Connection) -> Self {
        Self {
            connection,
            events: Vec::new(),
            body: BytesMut::new(),
            error: None,
            output: Vec::new(),
        }
    }

    fn run<'a>(
        &mut self,
        pieces: impl IntoIterator<Item = &'a [u8]>,
        mut react: impl FnMut(&mut Connection, StreamId, &Event),
    ) {
        for piece in pieces {
            self.connection.receive(Bytes::copy_from_slice(piece));
            self.drain(&mut react);
        }
        self.connection.receive_eof();
        self.drain(&mut react);
    }

    fn drain(&mut self, react: &mut impl FnMut(&mut Connection, StreamId, &Event)) {
        loop {
            match self.connection.poll_event() {
                Ok(Some((stream, event))) => {
                    if let Event::Data(data) = &event {
                        self.connection.credit(stream, data.len() as u64);
                    }
                    react(&mut self.connection, stream, &event);
                    self.note(stream, event);
                }
                Ok(None) => break,
                Err(error) => {
                    if self.error.replace(error).is_none() {
                        refuse(&mut self.connection, error.stream, error.status());
                    }
                    break;
                }
            }
        }
        self.connection.poll_output(&mut self.output);
    }

    fn note(&mut self, stream: StreamId, event: Event) {
        match event {
            Event::Data(data) => {
                self.body.extend_from_slice(&data);
                match self.events.last_mut() {
                    Some((last, Event::Data(_))) if *last == stream => {}
                    Some(_) | None => self.events.push((stream, Event::Data(Bytes::new()))),
                }
            }
            event => {
                self.close_body();
                self.events.push((stream, event));
            }
        }
    }

    fn close_body(&mut self) {
        if let Some((_, Event::Data(data))) = self.events.last_mut()
            && data.is_empty()
        {
            *data = self.body.split().freeze();
        }
    }

    fn finish(mut self) -> Transcript {
        self.close_body();
        let upgraded = matches!(self.events.last(), Some((_, Event::Upgrade)));
        Transcript {
            events: self.events,
            error: self.error,
            output: self.output.concat().into(),
            close: self.connection.wants_close(),
            counts: self.connection.counts().clone(),
            unread: match upgraded {
                true => self.connection.into_unread(),
                false => Bytes::new(),
            },
        }
    }
}

fn answer(connection: &mut Connection, stream: StreamId, request: &RequestHead) {
    if let Some(protocol) = request.fields.get("upgrade") {
        let mut head = ResponseHead::new(StatusCode::SWITCHING_PROTOCOLS);
        let valid = head.fields.append("Upgrade", protocol).is_ok();
        if valid && connection.send(stream, Event::ResponseHead(Box::new(head))).is_ok() {
            return;
        }
    }
    let mut head = ResponseHead::new(StatusCode::OK);
    let bodiless = matches!(request.method, Method::HEAD | Method::CONNECT);
    head.body = BodySize::Length(2);
    let mut events = vec![Event::ResponseHead(Box::new(head))];
    if !bodiless {
        events.push(Event::Data(Bytes::from_static(b"ok")));
    }
    events.push(Event::End);
    send_all(connection, stream, events);
}

fn refuse(connection: &mut Connection, stream: StreamId, status: StatusCode) {
    send_all(
        connection,
        stream,
        [Event::ResponseHead(Box::new(ResponseHead::new(status))), Event::End],
    );
}

fn ask(connection: &mut Connection, method: Option<&Method>) {
    let Some(method) = method else {
        return;
    };
    let target = match (*method == Method::CONNECT, Authority::parse("origin.example:443")) {
        (true, Ok(authority)) => Target::Authority(authority),
        (true, Err(_)) | (false, _) => Target::Origin(PathAndQuery::ROOT),
    };
    let mut head = RequestHead::new(method.clone(), target);
    if head.fields.append("Host", "origin.example").is_ok() {
        let stream = connection.open();
        send_all(connection, stream, [Event::RequestHead(Box::new(head)), Event::End]);
    }
}

/// Sends as far as the connection lets: it may have been closed or switched meanwhile.
fn send_all(
    connection: &mut Connection,
    stream: StreamId,
    events: impl IntoIterator<Item = Event>,
) {
    for event in events {
        if connection.send(stream, event).is_err() {
            return;
        }
    }
}
