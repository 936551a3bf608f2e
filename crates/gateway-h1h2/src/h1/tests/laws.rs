//! Laws: what holds for every input, every way to cut it, and every sequence of events.

use bytes::Bytes;
use http::{Method, StatusCode};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{events, outline};
use crate::h1::{Connection, Options, Transcript, replay_requests, replay_responses};
use crate::{BodySize, Event, Fields, RequestHead, ResponseHead, StreamId, Target, Version};

const REQUESTS: &[u8] = b"\r\nPOST http://A.example:80/p?q HTTP/1.1\r\nHost: a.example\r\n\
    Transfer-Encoding: chunked\r\n\r\n3;a=\"b\"\r\nabc\r\n1\r\nd\r\n0\r\nX-T: 1\r\n\r\n\
    PUT / HTTP/1.1\r\nhost: b\r\nContent-Length: 5\r\n\r\nhello\
    GET /ws HTTP/1.1\r\nHost: c\r\nConnection: keep-alive, Upgrade\r\nUpgrade: x\r\n\r\nraw bytes";

/// One head that is a piece of its own, with everything that is judged by its content.
const LONE: &[u8] = b"OPTIONS http://a.example HTTP/1.1\r\nHost: A.example\r\n\
    Connection: close, X-Y\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n";

const RESPONSES: &[u8] = b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\n\
    Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n\
    HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 \r\nContent-Length: 4\r\n\r\nabcd\
    HTTP/1.1 200 OK\r\nServer: x\r\n\r\nuntil the end";

fn requests<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Transcript {
    replay_requests(Options::default(), pieces)
}

fn responses<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Transcript {
    let methods = [Method::GET, Method::GET, Method::GET, Method::POST];
    replay_responses(Options::default(), &methods, pieces)
}

fn check_cuts(input: &[u8], replay: impl for<'a> Fn(Vec<&'a [u8]>) -> Transcript) -> Transcript {
    let whole = replay(vec![input]);
    for cut in 0..=input.len() {
        let (front, back) = input.split_at(cut);
        assert_eq!(replay(vec![front, back]), whole, "cut at {cut}");
    }
    assert_eq!(replay(input.chunks(1).collect()), whole, "byte by byte");
    whole
}

#[test]
fn cuts_do_not_show() {
    let seen = check_cuts(REQUESTS, |pieces| requests(pieces));
    let events: Vec<_> = seen.events.into_iter().map(|(_, event)| event).collect();
    assert_eq!(
        outline(&events),
        "POST http://a.example:80/p?q \"abcd\" {\"X-T\": \"1\"} End \
         PUT / \"hello\" End GET /ws End Upgrade"
    );
    assert_eq!((seen.error, seen.unread.as_ref()), (None, b"raw bytes".as_slice()));
    let seen = check_cuts(RESPONSES, |pieces| responses(pieces));
    let events: Vec<_> = seen.events.into_iter().map(|(_, event)| event).collect();
    assert_eq!(
        outline(&events),
        "103 200 \"abc\" {\"X-T\": \"1\"} End 204 End 200 \"abcd\" End 200 \"until the end\" End"
    );
}

#[test]
fn no_byte_of_a_head_is_looked_at_a_third_time() {
    let fields = (0..100).map(|n| format!("X-{n}: {}\r\n", "v".repeat(300))).collect::<String>();
    let head = format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    for piece_bytes in [1, 2, 7, 1000, head.len()] {
        let mut connection = Connection::server(Options::default());
        for piece in head.as_bytes().chunks(piece_bytes) {
            connection.receive(Bytes::copy_from_slice(piece));
            connection.poll_event().expect("a valid head");
        }
        let looks = if piece_bytes < head.len() { 2 } else { 1 };
        assert_eq!(connection.head_bytes_examined(), looks * head.len() as u64);
    }
}

/// Bytes near to a message: a valid one with random damage, so that deep states are reached.
fn damaged(valid: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    let damage = prop_oneof![
        3 => select(b"\r\n\0 \t:;,0af-\"\\/".as_slice()),
        1 => any::<u8>(),
    ];
    let edits = prop::collection::vec((any::<Index>(), damage, 0..3_u8), 0..5);
    edits.prop_map(move |edits| {
        let mut bytes = valid.to_vec();
        for (place, byte, kind) in edits {
            let at = place.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => {
                    bytes.remove(at);
                }
            }
        }
        bytes
    })
}

fn pieces(input: &[u8], mut cuts: Vec<Index>) -> Vec<&[u8]> {
    cuts.truncate(8);
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(input.len() + 1)).collect();
    places.extend([0, input.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &input[pair[0]..pair[1]]).collect()
}

fn a_method() -> impl Strategy<Value = Method> {
    select(vec![Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE])
}

fn a_target() -> impl Strategy<Value = String> {
    prop_oneof![
        "/[!-\"$-~]{0,40}",
        "https?://[a-z0-9]{1,9}(\\.[a-z]{1,5})?(:[1-9][0-9]{0,3})?(/[!-\"$-~]{0,20})?",
    ]
}

/// Fields that the codec neither owns nor judges by their content.
fn some_fields() -> impl Strategy<Value = Fields> {
    let field = ("X-[!#$%&'*+.^_`|~0-9A-Za-z-]{0,12}", "([!-~\u{80}-\u{ff}][ -~\t]{0,20}[!-~])?");
    prop::collection::vec(field, 0..6).prop_map(|lines| {
        let mut fields = Fields::new();
        for (name, value) in lines {
            fields.append(&name, value).expect("a valid field");
        }
        fields
    })
}

#[derive(Clone, Debug)]
struct Body {
    size: BodySize,
    pieces: Vec<Bytes>,
    trailers: Option<Fields>,
}

fn a_body() -> impl Strategy<Value = Body> {
    let pieces = prop::collection::vec(
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Bytes::from),
        0..4,
    );
    (pieces, any::<bool>(), prop::option::of(some_fields())).prop_map(
        |(pieces, known, trailers)| {
            let bytes = pieces.iter().map(|piece| piece.len() as u64).sum();
            let size = if known { BodySize::Length(bytes) } else { BodySize::Unknown };
            Body { size, pieces, trailers: trailers.filter(|_| !known) }
        },
    )
}

impl Body {
    fn send(&self, connection: &mut Connection, stream: StreamId) {
        for piece in &self.pieces {
            connection.send(stream, Event::Data(piece.clone())).expect("data");
        }
        if let Some(trailers) = &self.trailers {
            let trailers = Event::Trailers(Box::new(trailers.clone()));
            connection.send(stream, trailers).expect("trailers");
        }
        connection.send(stream, Event::End).expect("the end");
    }

    fn bytes(&self) -> Vec<u8> {
        self.pieces.concat()
    }

    fn has_trailers(&self) -> bool {
        self.trailers.as_ref().is_some_and(|trailers| !trailers.is_empty())
    }
}

/// What a receiver makes of one message: head, body, trailers; its end is checked.
fn message(received: Vec<Event>) -> (Event, Vec<u8>, Option<Fields>) {
    let mut received = received.into_iter();
    let head = received.next().expect("a head");
    let (mut body, mut trailers, mut ended) = (Vec::new(), None, false);
    for event in received {
        assert!(!ended, "nothing comes behind the end");
        match event {
            Event::Data(data) => body.extend_from_slice(&data),
            Event::Trailers(fields) => trailers = Some(*fields),
            Event::End => ended = true,
            other => panic!("{other:?}"),
        }
    }
    assert!(ended);
    (head, body, trailers)
}

fn carry(from: &mut Connection, to: &mut Connection) -> Vec<u8> {
    let mut pieces = Vec::new();
    from.poll_output(&mut pieces);
    let wire = pieces.concat();
    to.receive(wire.clone().into());
    wire
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_in_any_pieces(
        input in prop_oneof![
            4 => damaged(REQUESTS),
            4 => damaged(RESPONSES),
            4 => damaged(LONE),
            1 => prop::collection::vec(any::<u8>(), 0..200),
        ],
        cuts in prop::collection::vec(any::<Index>(), 0..8),
    ) {
        let cut = pieces(&input, cuts);
        prop_assert_eq!(requests(cut.clone()), requests([input.as_slice()]));
        prop_assert_eq!(responses(cut), responses([input.as_slice()]));
    }

    #[test]
    fn a_request_means_the_same_behind_the_wire(
        method in a_method(),
        target in a_target(),
        mut fields in some_fields(),
        body in a_body(),
    ) {
        let target = Target::parse(&method, target.into()).expect("a valid target");
        fields.set("Host", target.authority().map_or_else(|| "a".to_owned(), ToString::to_string)).expect("a host");
        let head = RequestHead {
            method, target, version: Version::Http11, fields, body: body.size, protocol: None,
        };
        let mut client = Connection::client(Options::default());
        let mut server = Connection::server(Options::default());
        let stream = client.open();
        client.send(stream, Event::RequestHead(Box::new(head.clone()))).expect("a request");
        body.send(&mut client, stream);
        let wire = carry(&mut client, &mut server);

        let mut headers = [httparse::EMPTY_HEADER; 16];
        let mut other = httparse::Request::new(&mut headers);
        prop_assert!(other.parse(&wire).expect("httparse agrees").is_complete());
        prop_assert_eq!(other.method, Some(head.method.as_str()));
        prop_assert_eq!(other.path.map(str::to_owned), Some(head.target.to_string()));

        let (received, bytes, trailers) = message(events(&mut server));
        let Event::RequestHead(mut received) = received else { panic!("{received:?}") };
        // The one thing that may move: a Host made from the target comes first.
        let host = received.fields.get("host").map(<[u8]>::to_vec);
        prop_assert_eq!(host.as_deref(), head.fields.get("host"));
        let mut expected = head;
        received.fields.remove("host");
        expected.fields.remove("host");
        prop_assert_eq!(*received, expected);
        prop_assert_eq!(bytes, body.bytes());
        prop_assert_eq!(trailers.is_some(), body.has_trailers());
        prop_assert!(server.counts().iter().next().is_none());
    }

    #[test]
    fn a_response_means_the_same_behind_the_wire(
        method in a_method(),
        status in select(vec![200_u16, 204, 304, 403, 500, 999]),
        reason in "[ -~]{0,10}",
        fields in some_fields(),
        body in a_body(),
    ) {
        let status = StatusCode::from_u16(status).expect("a status");
        let mut client = Connection::client(Options::default());
        let mut server = Connection::server(Options::default());
        let stream = client.open();
        let mut ask = RequestHead::new(method.clone(), Target::parse(&method, "/".into()).expect("/"));
        ask.fields.append("Host", "a").expect("a field");
        client.send(stream, Event::RequestHead(Box::new(ask))).expect("a request");
        client.send(stream, Event::End).expect("its end");
        carry(&mut client, &mut server);
        events(&mut server);

        let bodiless = method == Method::HEAD || matches!(status.as_u16(), 204 | 304);
        let head = ResponseHead {
            status, version: Version::Http11, reason: reason.into(), fields: fields.clone(),
            body: body.size,
        };
        server.send(stream, Event::ResponseHead(Box::new(head))).expect("a response");
        if bodiless {
            server.send(stream, Event::End).expect("the end");
        } else {
            body.send(&mut server, stream);
        }
        let wire = carry(&mut server, &mut client);

        let mut headers = [httparse::EMPTY_HEADER; 16];
        let mut other = httparse::Response::new(&mut headers);
        prop_assert!(other.parse(&wire).expect("httparse agrees").is_complete());
        prop_assert_eq!(other.code, Some(status.as_u16()));

        let (received, bytes, trailers) = message(events(&mut client));
        let Event::ResponseHead(received) = received else { panic!("{received:?}") };
        prop_assert_eq!(received.status, status);
        prop_assert_eq!(received.fields, fields);
        match (status.as_u16(), body.size) {
            (204, _) => prop_assert_eq!(received.body, BodySize::Empty),
            (_, size) => prop_assert_eq!(received.body, size),
        }
        if bodiless {
            prop_assert!(bytes.is_empty() && trailers.is_none());
        } else {
            prop_assert_eq!(bytes, body.bytes());
            prop_assert_eq!(trailers.is_some(), body.has_trailers());
        }
        prop_assert!(client.is_idle() && server.is_idle());
    }

    #[test]
    fn pipelined_exchanges_keep_their_order(
        bodies in prop::collection::vec(a_body(), 1..6),
        cuts in prop::collection::vec(any::<Index>(), 0..8),
    ) {
        // Each request is written by a client of its own: together they are a pipeline.
        let mut wire = Vec::new();
        for (number, body) in bodies.iter().enumerate() {
            let mut client = Connection::client(Options::default());
            let target = Target::parse(&Method::PUT, format!("/{number}").into()).expect("a path");
            let mut head = RequestHead::new(Method::PUT, target);
            head.fields.append("Host", "a").expect("a field");
            head.body = body.size;
            let stream = client.open();
            client.send(stream, Event::RequestHead(Box::new(head))).expect("a request");
            body.send(&mut client, stream);
            let mut pieces = Vec::new();
            client.poll_output(&mut pieces);
            wire.extend(pieces.concat());
        }
        let mut server = Connection::server(Options::default());
        let (mut next, mut body) = (0, Vec::new());
        for piece in pieces(&wire, cuts) {
            server.receive(Bytes::copy_from_slice(piece));
            while let Some((stream, event)) = server.poll_event().expect("valid requests") {
                prop_assert_eq!(stream, StreamId::new(next));
                match event {
                    Event::RequestHead(head) => {
                        prop_assert_eq!(head.target.to_string(), format!("/{next}"));
                    }
                    Event::Data(data) => body.extend_from_slice(&data),
                    Event::End => {
                        prop_assert_eq!(std::mem::take(&mut body), bodies[next as usize].bytes());
                        let head = ResponseHead::new(StatusCode::NO_CONTENT);
                        server.send(stream, Event::ResponseHead(Box::new(head))).expect("a response");
                        server.send(stream, Event::End).expect("its end");
                        next += 1;
                    }
                    _ => {}
                }
            }
        }
        prop_assert_eq!(next, bodies.len() as u64);
        prop_assert!(server.is_idle());
    }
}
