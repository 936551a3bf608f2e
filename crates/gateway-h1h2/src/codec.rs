//! A connection of whatever version: one surface over [`h1::Connection`] and [`h2::Connection`].

use bytes::Bytes;

use crate::{Event, SendError, StreamId, Version, h1, h2};

mod end;

pub use end::{Close, CodecError, Scope};

/// How connections of either version behave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodecOptions {
    /// Of HTTP/1.
    pub h1: h1::Options,
    /// Of HTTP/2.
    pub h2: h2::Options,
}

/// A connection of either version. Its methods are those of [`h1::Connection`] and
/// [`h2::Connection`], which say more.
///
/// After any input or command: poll events until there is none, take the output, and begin again
/// as long as either gave something; output of HTTP/2 comes in portions.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one for each connection, rarely moved")]
pub enum Codec {
    /// HTTP/1.0 or 1.1.
    H1(h1::Connection),
    /// HTTP/2.
    H2(h2::Connection),
}

macro_rules! both {
    ($codec:expr, $connection:ident => $call:expr) => {
        match $codec {
            Self::H1($connection) => $call,
            Self::H2($connection) => $call,
        }
    };
}

impl Codec {
    /// The side that receives requests; any version but HTTP/2 is HTTP/1.
    pub fn server(version: Version, options: CodecOptions) -> Self {
        match version {
            Version::Http10 | Version::Http11 => Self::H1(h1::Connection::server(options.h1)),
            Version::Http2 => Self::H2(h2::Connection::server(options.h2)),
        }
    }

    /// The side that sends requests; any version but HTTP/2 is HTTP/1.
    pub fn client(version: Version, options: CodecOptions) -> Self {
        match version {
            Version::Http10 | Version::Http11 => Self::H1(h1::Connection::client(options.h1)),
            Version::Http2 => Self::H2(h2::Connection::client(options.h2)),
        }
    }

    /// The version that is spoken, HTTP/1.0 counted as 1.1.
    pub const fn version(&self) -> Version {
        match self {
            Self::H1(_) => Version::Http11,
            Self::H2(_) => Version::Http2,
        }
    }

    /// Whether no exchange is in progress and the connection can carry another one.
    pub fn is_idle(&self) -> bool {
        both!(self, connection => connection.is_idle())
    }

    /// Whether a client can open another stream now.
    pub fn can_open(&self) -> bool {
        both!(self, connection => connection.can_open())
    }

    /// How many exchanges can be in progress at a time.
    pub fn streams_max(&self) -> usize {
        match self {
            Self::H1(_) => 1,
            Self::H2(connection) => connection.streams_max(),
        }
    }

    /// Whether neither side of HTTP/2 has said that it goes away.
    pub const fn is_staying(&self) -> bool {
        match self {
            Self::H1(_) => true,
            Self::H2(connection) => connection.is_staying(),
        }
    }

    /// Whether the peer takes extended CONNECT (RFC 8441): never on HTTP/1.
    pub fn takes_extended_connect(&self) -> bool {
        match self {
            Self::H1(_) => false,
            Self::H2(connection) => connection.takes_extended_connect(),
        }
    }

    /// Whether the caller should read from the peer.
    pub fn wants_input(&self) -> bool {
        both!(self, connection => connection.wants_input())
    }

    /// Whether and how the connection must be closed, once all output is written.
    pub fn wants_close(&self) -> Option<Close> {
        both!(self, connection => connection.wants_close())
    }

    /// Body bytes of `stream` that were sent and not yet taken as output.
    pub fn pending(&self, stream: StreamId) -> usize {
        both!(self, connection => connection.pending(stream))
    }

    /// Whether `stream` should be given more body bytes now. Giving more is never refused; who
    /// heeds this keeps what is held within the limits.
    pub fn wants_data(&self, stream: StreamId) -> bool {
        both!(self, connection => connection.wants_data(stream))
    }

    /// What the checks of HTTP/1 found since this was last asked for.
    pub const fn take_found(&mut self) -> h1::Found {
        match self {
            Self::H1(connection) => connection.take_found(),
            Self::H2(_) => h1::Found::none(),
        }
    }

    /// The severities of those checks; none where HTTP/2 is spoken.
    pub const fn checks(&self) -> Option<&h1::Checks> {
        match self {
            Self::H1(connection) => Some(connection.checks()),
            Self::H2(_) => None,
        }
    }

    /// Lets these severities hold for what is looked at from now on; HTTP/2 has none.
    pub fn set_checks(&mut self, checks: h1::Checks) {
        if let Self::H1(connection) = self {
            connection.set_checks(checks);
        }
    }

    /// Takes bytes from the peer.
    pub fn receive(&mut self, bytes: Bytes) {
        both!(self, connection => connection.receive(bytes));
    }

    /// The peer has ended its direction in order.
    pub fn receive_eof(&mut self) {
        both!(self, connection => connection.receive_eof());
    }

    /// The connection broke off.
    pub fn receive_abort(&mut self) {
        both!(self, connection => connection.receive_abort());
    }

    /// Tells HTTP/2 how many milliseconds have passed since the last call, before what came in the
    /// meantime is received: its budgets of frames fill again with time, rests of requests are not
    /// awaited for ever, and its [time-outs](h2::Timeouts) run. Without effect on HTTP/1.
    pub fn advance(&mut self, elapsed_ms: u64) {
        match self {
            Self::H1(_) => {}
            Self::H2(connection) => connection.advance(elapsed_ms),
        }
    }

    /// After how many milliseconds [`advance`](Self::advance) must be called though nothing else
    /// happens. Never on HTTP/1.
    pub fn due_ms(&self) -> Option<u64> {
        match self {
            Self::H1(_) => None,
            Self::H2(connection) => connection.due_ms(),
        }
    }

    /// The id for the next request of a client role connection.
    pub fn open(&mut self) -> StreamId {
        both!(self, connection => connection.open())
    }

    /// Requests of clients that do not trust each other are sent from here on: over HTTP/2 their
    /// cookies are never indexed (RFC 7541 §7.1.3), as credentials never are.
    pub fn mix(&mut self) {
        match self {
            Self::H1(_) => {}
            Self::H2(connection) => connection.mix(),
        }
    }

    /// Sends one event.
    ///
    /// # Errors
    /// When the event cannot be sent now; the connection is as it was before.
    pub fn send(&mut self, stream: StreamId, event: Event) -> Result<(), SendError> {
        both!(self, connection => connection.send(stream, event))
    }

    /// Lets `stream` deliver this many more body bytes.
    pub fn credit(&mut self, stream: StreamId, bytes: u64) {
        both!(self, connection => connection.credit(stream, bytes));
    }

    /// Takes no new exchanges, lets those in progress end, and then closes.
    pub fn close_when_idle(&mut self) {
        both!(self, connection => connection.close_when_idle());
    }

    /// The next event, or `None` until there is more input, credit, or a command.
    ///
    /// # Errors
    /// When the peer sent something that is refused. An error of a stream comes once, one of the
    /// connection again and again.
    pub fn poll_event(&mut self) -> Result<Option<(StreamId, Event)>, CodecError> {
        both!(self, connection => Ok(connection.poll_event()?))
    }

    /// Moves what is to be written to the end of `output`; says how many bytes it was.
    pub fn poll_output(&mut self, output: &mut Vec<Bytes>) -> usize {
        both!(self, connection => connection.poll_output(output))
    }

    /// The bytes received but not delivered; after `Upgrade` on HTTP/1 they are the first of the
    /// next protocol. HTTP/2 has none: there a tunnel is a stream, and its bytes are `Data`.
    pub fn into_unread(self) -> Bytes {
        match self {
            Self::H1(connection) => connection.into_unread(),
            Self::H2(_) => Bytes::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{Method, StatusCode};

    use super::*;
    use crate::{
        Authority, Blame, BodySize, PathAndQuery, RequestHead, ResponseHead, Scheme, Target,
    };

    const VERSIONS: [Version; 2] = [Version::Http11, Version::Http2];

    /// Carries all bytes one way; says whether there were any.
    fn carry(from: &mut Codec, to: &mut Codec) -> bool {
        let mut output = Vec::new();
        while from.poll_output(&mut output) > 0 {}
        let any = !output.is_empty();
        output.into_iter().for_each(|bytes| to.receive(bytes));
        any
    }

    #[test]
    fn one_conversation_in_both_versions() {
        for version in VERSIONS {
            let mut client = Codec::client(version, CodecOptions::default());
            let mut server = Codec::server(version, CodecOptions::default());
            assert_eq!((client.version(), server.version()), (version, version));
            assert!(client.can_open() && !server.can_open());
            let stream = client.open();
            let target = Target::Absolute {
                scheme: Scheme::Https,
                authority: Authority::parse("a.example").expect("a host"),
                path_and_query: PathAndQuery::parse("/x").expect("a path"),
            };
            let mut head = RequestHead::new(Method::POST, target.clone());
            head.body = BodySize::Length(4);
            let body = || Event::Data(Bytes::from_static(b"body"));
            for event in [Event::RequestHead(Box::new(head)), body(), Event::End] {
                client.send(stream, event).expect("a request");
            }
            assert!(client.pending(stream) > 0);
            let mut told = Vec::new();
            while carry(&mut client, &mut server) | carry(&mut server, &mut client) {
                while let Some((stream, event)) = server.poll_event().expect("a request") {
                    match event {
                        Event::RequestHead(head) => {
                            assert_eq!(
                                (head.target, head.body),
                                (target.clone(), BodySize::Length(4))
                            );
                            assert_eq!(head.fields.get("host"), Some(b"a.example".as_slice()));
                        }
                        Event::Data(data) => server.credit(stream, data.len() as u64),
                        Event::End => {
                            let mut head = ResponseHead::new(StatusCode::OK);
                            head.body = BodySize::Unknown;
                            server
                                .send(stream, Event::ResponseHead(Box::new(head)))
                                .expect("a head");
                            assert!(server.wants_data(stream));
                            for event in [body(), Event::End] {
                                server.send(stream, event).expect("a response");
                            }
                        }
                        event => panic!("{event:?}"),
                    }
                }
                while let Some((_, event)) = client.poll_event().expect("a response") {
                    told.push(event);
                }
            }
            assert!(matches!(told.first(), Some(Event::ResponseHead(_))), "{told:?}");
            assert_eq!(told[1..], [body(), Event::End]);
            assert_eq!((client.pending(stream), client.wants_data(stream)), (0, false));
            assert!(client.is_idle() && server.is_idle() && client.can_open());
            client.close_when_idle();
            server.close_when_idle();
            while carry(&mut client, &mut server) | carry(&mut server, &mut client) {
                assert_eq!((client.poll_event(), server.poll_event()), (Ok(None), Ok(None)));
            }
            assert_eq!(client.wants_close(), Some(Close::Graceful));
            assert_eq!(server.wants_close(), Some(Close::Graceful));
        }
    }

    #[test]
    fn errors_say_whose_they_are() {
        for (version, id) in VERSIONS.into_iter().zip(["start-line-syntax", "preface"]) {
            let mut server = Codec::server(version, CodecOptions::default());
            server.receive(Bytes::from_static(b"nonsense\r\n\r\n0123456789"));
            let error = server.poll_event().expect_err("nonsense");
            assert_eq!((error.scope(), error.blame()), (Scope::Connection, Blame::Client));
            assert_eq!((error.status(), error.id()), (StatusCode::BAD_REQUEST, id));
            assert_eq!(server.poll_event(), Err(error));
        }
    }
}
