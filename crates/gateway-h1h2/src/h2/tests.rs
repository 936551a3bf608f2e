//! Conversations between both roles, and between one of them and frames made by hand.

mod exchange;
mod fair;
mod floods;
mod flow;
mod heads;
mod laws;
mod limits;
mod rest;
mod rfc7541;
mod rfc9113;
mod rfc9113_client;
mod timeouts;
mod wire;

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};

use super::{Connection, H2Error, Options};
use crate::{
    Authority, BodySize, Event, PathAndQuery, RequestHead, ResponseHead, Scheme, StreamId, Target,
};

/// Options with no clock behind them, and a round window.
fn options() -> Options {
    Options { reset_memory: Duration::MAX, credit_bytes: 64 * 1024, ..Options::default() }
}

fn target(path: &'static str) -> Target {
    Target::Absolute {
        scheme: Scheme::Https,
        authority: Authority::parse("a.example").expect("a host"),
        path_and_query: PathAndQuery::parse(path).expect("a path"),
    }
}

fn request(method: Method, path: &'static str) -> RequestHead {
    RequestHead::new(method, target(path))
}

fn response(status: u16, body: BodySize) -> ResponseHead {
    let mut head = ResponseHead::new(StatusCode::from_u16(status).expect("a status"));
    head.body = body;
    head
}

fn data(text: &str) -> Event {
    Event::Data(Bytes::copy_from_slice(text.as_bytes()))
}

/// Both roles, joined in memory.
struct Pair {
    client: Connection,
    server: Connection,
    /// Bytes are carried in pieces of this size.
    piece: usize,
    /// What was told, by stream.
    to_client: Log,
    to_server: Log,
}

/// What was told of each stream, in short.
type Log = BTreeMap<u64, Vec<String>>;

impl Pair {
    fn new(piece: usize) -> Self {
        Self::with(piece, options(), options())
    }

    fn with(piece: usize, client: Options, server: Options) -> Self {
        let mut pair = Self {
            client: Connection::client(client),
            server: Connection::server(server),
            piece,
            to_client: Log::new(),
            to_server: Log::new(),
        };
        pair.run();
        pair
    }

    /// Opens a stream with these events.
    fn ask(&mut self, events: impl IntoIterator<Item = Event>) -> StreamId {
        let stream = self.client.open();
        for event in events {
            self.client.send(stream, event).expect("a request");
        }
        self.run();
        stream
    }

    /// Sends on the stream that the client calls `stream`.
    fn answer(&mut self, stream: StreamId, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.server.send(on_wire(stream), event).expect("a response");
        }
        self.run();
    }

    /// Carries bytes and notes events until nothing moves.
    fn run(&mut self) {
        for _ in 0..100_000 {
            note(&mut self.client, &mut self.to_client);
            let up = carry(&mut self.client, &mut self.server, self.piece, &mut self.to_server);
            note(&mut self.server, &mut self.to_server);
            let down = carry(&mut self.server, &mut self.client, self.piece, &mut self.to_client);
            if up + down == 0 {
                return;
            }
        }
        panic!("the two never come to rest");
    }

    #[track_caller]
    fn check(&self, to_server: &[&str], to_client: &[&str]) {
        let all = |log: &Log| log.values().flatten().cloned().collect::<Vec<_>>();
        assert_eq!(all(&self.to_server), to_server, "at the server");
        assert_eq!(all(&self.to_client), to_client, "at the client");
    }
}

/// What the server calls the stream of a client that has opened no others in between.
fn on_wire(stream: StreamId) -> StreamId {
    StreamId::new(stream.number() * 2 + 1)
}

fn carry(from: &mut Connection, to: &mut Connection, piece: usize, log: &mut Log) -> usize {
    let mut output = Vec::new();
    let bytes = from.poll_output(&mut output);
    let output = Bytes::from(output.concat());
    for piece in output.chunks(piece) {
        to.receive(output.slice_ref(piece));
        note(to, log);
    }
    bytes
}

/// Notes all events, body bytes of one stream joined.
fn note(connection: &mut Connection, log: &mut Log) {
    loop {
        match connection.poll_event() {
            Ok(None) => return,
            Ok(Some((stream, event))) => {
                log.entry(stream.number()).or_default().push(short(&event));
            }
            Err(error) => {
                let stream = error.stream().map_or(u64::MAX, StreamId::number);
                let entry = log.entry(stream).or_default();
                if error.stream().is_some() || entry.is_empty() {
                    entry.push(fault(&error));
                }
                if error.stream().is_none() {
                    return;
                }
            }
        }
    }
}

fn fault(error: &H2Error) -> String {
    format!("{} {}", error.fault, error.status().as_u16())
}

/// An event on one line.
fn short(event: &Event) -> String {
    let fields = |fields: &crate::Fields| {
        let all = fields.iter().map(|(name, value)| format!(" {name}={}", value.escape_ascii()));
        all.collect::<String>()
    };
    match event {
        Event::RequestHead(head) => {
            let protocol = head.protocol.as_ref().map(|name| format!(" {}", name.escape_ascii()));
            let protocol = protocol.unwrap_or_default();
            format!(
                "{} {}{protocol} {:?}{}",
                head.method,
                head.target,
                head.body,
                fields(&head.fields)
            )
        }
        Event::Informational(head) | Event::ResponseHead(head) => {
            format!("{} {:?}{}", head.status.as_u16(), head.body, fields(&head.fields))
        }
        Event::Data(data) if data.len() > 20 || data.starts_with(&[0]) => {
            format!("{} bytes", data.len())
        }
        Event::Data(data) => format!("data {}", data.escape_ascii()),
        Event::Trailers(trailers) => format!("trailers{}", fields(trailers)),
        Event::End => "end".to_owned(),
        Event::Reset(reason) => format!("reset {reason:?}"),
        Event::Retry => "retry".to_owned(),
        Event::Upgrade => "upgrade".to_owned(),
    }
}
