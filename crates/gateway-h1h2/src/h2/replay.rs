//! Whole conversations from bytes alone: for fuzz targets, tests, and trying out a capture.
//!
//! Not a proxy and not a server: requests get a fixed answer, or none.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, StatusCode};

use super::{Connection, H2Error, Options};
use crate::{
    Authority, BodySize, Event, PathAndQuery, RequestHead, ResponseHead, Scheme, StreamId, Target,
};

/// What came of a replay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// What was told of each stream, in order.
    pub streams: BTreeMap<StreamId, Vec<Result<Event, H2Error>>>,
    /// What ended the connection.
    pub error: Option<H2Error>,
    /// Bytes that were written.
    pub written_bytes: usize,
}

impl Transcript {
    /// Whether this says the same as `whole`, for which the same bytes came in other pieces.
    ///
    /// A connection that is refused takes with it what came just before the refused frame, if it
    /// came in the same piece: then what one says of a stream is the beginning of what the other
    /// says, but for how the stream ends. A connection that closes behind the GOAWAY of its peer
    /// may or may not see what is wrong behind that.
    pub fn agrees_with(&self, whole: &Self) -> bool {
        if self.error.is_none() && whole.error.is_none() {
            return self.streams == whole.streams;
        }
        let none = Vec::new();
        self.streams.iter().all(|(stream, told)| {
            let other = whole.streams.get(stream).unwrap_or(&none);
            let pairs = events(told).zip(events(other));
            pairs.into_iter().all(|(one, other)| is_same(one, other))
        })
    }
}

/// Whether two events are the same, as far as it was known by then: that a message has no body shows
/// in the flags of its head, which are lost where the connection ends in what is read with it.
fn is_same(one: &Event, other: &Event) -> bool {
    match (one, other) {
        (Event::RequestHead(one), Event::RequestHead(other))
            if one.body == BodySize::Unknown || other.body == BodySize::Unknown =>
        {
            RequestHead { body: other.body, ..(**one).clone() } == **other
        }
        (Event::ResponseHead(one), Event::ResponseHead(other))
            if one.body == BodySize::Unknown || other.body == BodySize::Unknown =>
        {
            ResponseHead { body: other.body, ..(**one).clone() } == **other
        }
        _ => one == other,
    }
}

/// What was told, without a cut or refusal at its end.
fn events(told: &[Result<Event, H2Error>]) -> impl Iterator<Item = &Event> {
    told.iter().flatten().filter(|event| !matches!(event, Event::Reset(_)))
}

/// What becomes of requests in [`replay_requests`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing: then what is told does not depend on the pieces.
    None,
    /// A small page, or a tunnel that echoes.
    Page,
    /// A small page at once, behind which the rest of the request is awaited; half a second passes
    /// between two pieces.
    Early,
}

/// Has a server read these pieces, to their end. All body bytes get credit.
pub fn replay_requests<'a>(
    options: Options,
    answer: Answer,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Transcript {
    run(Connection::server(options), answer, pieces)
}

/// Has a client send a GET, a HEAD, a POST and a CONNECT, and read these pieces, to their end.
pub fn replay_responses<'a>(
    options: Options,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Transcript {
    let mut client = Connection::client(options);
    let authority = Authority::parse("a.example:443");
    for method in [Method::GET, Method::HEAD, Method::POST, Method::CONNECT] {
        let Ok(authority) = authority.clone() else { break };
        let target = if method == Method::CONNECT {
            Target::Authority(authority)
        } else {
            let path_and_query = PathAndQuery::ROOT;
            Target::Absolute { scheme: Scheme::Https, authority, path_and_query }
        };
        let mut head = RequestHead::new(method.clone(), target);
        let mut body = Vec::new();
        if method == Method::POST {
            head.body = BodySize::Unknown;
            body.push(Event::Data(Bytes::from_static(b"a body")));
        }
        let stream = client.open();
        let events =
            [Event::RequestHead(Box::new(head))].into_iter().chain(body).chain([Event::End]);
        for event in events {
            // The connection is new: it takes them.
            let sent = client.send(stream, event);
            debug_assert!(sent.is_ok(), "{sent:?}");
        }
    }
    run(client, Answer::None, pieces)
}

fn run<'a>(
    mut connection: Connection,
    answer: Answer,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Transcript {
    let mut transcript = Transcript::default();
    // Requests are on their way before anything comes.
    drain(&mut connection, answer, &mut transcript);
    for piece in pieces {
        connection.receive(Bytes::copy_from_slice(piece));
        if answer == Answer::Early {
            connection.advance(500);
        }
        drain(&mut connection, answer, &mut transcript);
    }
    connection.receive_eof();
    drain(&mut connection, answer, &mut transcript);
    transcript
}

fn drain(connection: &mut Connection, answer: Answer, transcript: &mut Transcript) {
    let mut output = Vec::new();
    loop {
        loop {
            match connection.poll_event() {
                Ok(None) => break,
                Ok(Some((stream, event))) => {
                    if let Event::Data(data) = &event {
                        connection.credit(stream, data.len() as u64);
                    }
                    match answer {
                        Answer::None => {}
                        Answer::Page => reply(connection, stream, &event),
                        Answer::Early => reply_early(connection, stream, &event),
                    }
                    transcript.streams.entry(stream).or_default().push(Ok(event));
                }
                Err(error) => match error.stream() {
                    Some(stream) => {
                        transcript.streams.entry(stream).or_default().push(Err(error));
                    }
                    None => {
                        transcript.error = Some(error);
                        break;
                    }
                },
            }
        }
        output.clear();
        let bytes = connection.poll_output(&mut output);
        transcript.written_bytes += bytes;
        if bytes == 0 {
            return;
        }
    }
}

/// Sends what fits to `event`. What cannot be sent any more is left: the stream may be gone.
fn reply(connection: &mut Connection, stream: StreamId, event: &Event) {
    let mut send = |event| {
        let _ = connection.send(stream, event);
    };
    match event {
        Event::RequestHead(_) => {
            send(Event::Informational(Box::new(ResponseHead::new(StatusCode::CONTINUE))));
        }
        Event::Data(data) => send(Event::Data(data.clone())),
        Event::End => send_page(connection, stream),
        _ => {}
    }
}

/// Answers the head of a request.
fn reply_early(connection: &mut Connection, stream: StreamId, event: &Event) {
    if matches!(event, Event::RequestHead(_)) {
        send_page(connection, stream);
    }
}

/// Sends a response as far as it can be sent.
fn send_page(connection: &mut Connection, stream: StreamId) {
    let mut head = ResponseHead::new(StatusCode::OK);
    head.body = BodySize::Unknown;
    let page = Event::Data(Bytes::from_static(b"page"));
    for event in [Event::ResponseHead(Box::new(head)), page, Event::End] {
        let _ = connection.send(stream, event);
    }
}
