//! Random commands to a connection, valid or not, and what those that were taken should mean.

use bytes::Bytes;
use gateway_h1h2::h1::{Connection, Options};
use gateway_h1h2::{
    BodySize, Event, Fields, RequestHead, ResetReason, ResponseHead, StreamId, Target,
};
use http::{Method, StatusCode};

use crate::meaning::{Asked, End, Expected, Message};
use crate::random::Random;

const NAMES: [&str; 16] = [
    "Accept",
    "Connection",
    "Content-Length",
    "Content_Length",
    "Cookie",
    "Expect",
    "Host",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Via",
    "X-Y",
    "a b",
    "x:y",
    "x\r\ny",
];
const VALUES: [&str; 12] = [
    "",
    "1",
    "a.example",
    "a.example:8080",
    "chunked",
    "close",
    "Host, close",
    "keep-alive, x-y",
    "trailers",
    "u@a",
    "websocket",
    "x\r\nContent-Length: 9",
];
const TARGETS: [&str; 12] = [
    "/",
    "/a?b",
    "*",
    "a.example:443",
    "a.example",
    "http://a.example",
    "https://a.example:8/x?y",
    "http://u@a/",
    "//b/..",
    "/a b",
    "http://[::1]/",
    "/x\r\nHost: b",
];
const METHODS: [&str; 10] =
    ["GET", "GET", "HEAD", "POST", "PUT", "CONNECT", "OPTIONS", "TRACE", "M-SEARCH", "x"];

fn some_fields(random: &mut Random) -> Fields {
    let mut fields = Fields::new();
    for _ in 0..random.below(5) {
        let name = match random.below(4) {
            0 => String::from_utf8_lossy(&random.bytes(6)).into_owned(),
            _ => (*random.pick(&NAMES)).to_owned(),
        };
        let value = match random.below(2) {
            0 => random.bytes(12),
            _ => random.pick(&VALUES).as_bytes().to_vec(),
        };
        // What cannot stand in a message does not come to stand in the fields.
        let _ = fields.append(&name, value);
    }
    fields
}

fn a_size(random: &mut Random) -> BodySize {
    match random.below(4) {
        0 | 1 => BodySize::Empty,
        2 => BodySize::Length(random.below(9) as u64),
        _ => BodySize::Unknown,
    }
}

fn a_request(random: &mut Random) -> Option<RequestHead> {
    let method = Method::from_bytes(random.pick(&METHODS).as_bytes()).unwrap();
    let text = match random.below(6) {
        0 => Bytes::from(random.bytes(20)),
        _ => Bytes::from_static(random.pick(&TARGETS).as_bytes()),
    };
    // A target may be made for one method and sent with another.
    let made_for = if random.once_in(4) { Method::GET } else { method.clone() };
    let target = Target::parse(&made_for, text).ok()?;
    let mut head = RequestHead::new(method, target);
    head.fields = some_fields(random);
    if !random.once_in(4) {
        head.fields.remove("host");
        head.fields.append("Host", "a.example").unwrap();
    }
    head.body = a_size(random);
    head.protocol = random.once_in(50).then(|| Bytes::from_static(b"websocket"));
    Some(head)
}

fn a_response(random: &mut Random) -> ResponseHead {
    let status = match random.below(4) {
        0 => 100 + u16::try_from(random.below(900)).unwrap(),
        1 => *random.pick(&[100, 101, 103, 204, 304]),
        _ => *random.pick(&[200, 206, 404, 500]),
    };
    let mut head = ResponseHead::new(StatusCode::from_u16(status).unwrap());
    head.fields = some_fields(random);
    // What one of the requests offers.
    if head.status == StatusCode::SWITCHING_PROTOCOLS && !random.once_in(4) {
        head.fields.remove("upgrade");
        head.fields.append("Upgrade", "X").unwrap();
    }
    head.reason = if random.once_in(3) { random.bytes(8).into() } else { Bytes::new() };
    head.body = a_size(random);
    head
}

/// Any event, but mostly one that can come now.
fn an_event(
    random: &mut Random,
    expected: &Expected,
    heads: &dyn Fn(&mut Random) -> Option<Event>,
) -> Option<Event> {
    let open = expected.unfinished.as_ref();
    let kind = match (random.below(10), open) {
        (0, _) => random.below(7),
        (_, None) => 0,
        (1 | 2, Some(_)) => 2,
        (3..=6, Some(message)) => match message.end {
            End::Length(bytes) if message.body.len() as u64 == bytes => 4,
            End::WithHead => 4,
            End::Length(_) | End::Chunks | End::Close => 1,
        },
        (_, Some(_)) => 4,
    };
    Some(match kind {
        0 => return heads(random),
        1 => {
            let owed = open.and_then(|message| match message.end {
                End::Length(bytes) => usize::try_from(bytes).ok()?.checked_sub(message.body.len()),
                End::WithHead | End::Chunks | End::Close => None,
            });
            let mut data = random.bytes(30);
            if let Some(owed) = owed.filter(|_| !random.once_in(4)) {
                data.resize(owed, b'x');
            }
            Event::Data(data.into())
        }
        2 => Event::Trailers(Box::new(some_fields(random))),
        3 => Event::Reset(ResetReason::Cancelled),
        5 => Event::Retry,
        6 => Event::Upgrade,
        _ => Event::End,
    })
}

/// Notes what was taken of a message that has begun.
fn note(expected: &mut Expected, event: &Event) {
    let Some(message) = &mut expected.unfinished else { return };
    match event {
        Event::Data(data) => message.body.extend_from_slice(data),
        Event::Trailers(fields) => message.trail(fields),
        Event::End => {
            message.ended = true;
            expected.complete.extend(expected.unfinished.take());
        }
        _ => {}
    }
}

fn written(connection: &mut Connection, wire: &mut Vec<u8>) {
    let mut pieces = Vec::new();
    connection.poll_output(&mut pieces);
    wire.extend(pieces.concat());
}

/// A client that sends what comes to its mind; the origin answers every whole request.
pub(crate) fn requests(random: &mut Random) -> (Vec<u8>, Expected) {
    let mut client = Connection::client(Options::default());
    let (mut wire, mut expected) = (Vec::new(), Expected::default());
    let mut stream = client.open();
    for _ in 0..4 + random.below(12) {
        let heads =
            |random: &mut Random| a_request(random).map(|head| Event::RequestHead(Box::new(head)));
        let Some(event) = an_event(random, &expected, &heads) else { continue };
        let to = if random.once_in(40) { StreamId::new(random.below(4) as u64) } else { stream };
        if client.send(to, event.clone()).is_ok() {
            if let Event::RequestHead(head) = &event {
                expected.unfinished = Some(Message::request(head));
            }
            note(&mut expected, &event);
        }
        written(&mut client, &mut wire);
        if event == Event::End && expected.unfinished.is_none() && !expected.complete.is_empty() {
            client.receive(Bytes::from_static(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"));
            while let Ok(Some(_)) = client.poll_event() {}
            if client.can_open() {
                stream = client.open();
            }
        }
    }
    written(&mut client, &mut wire);
    (wire, expected)
}

/// What clients ask: the bytes, the method, and whether they know HTTP/1.1.
const ASKED: [(&str, &str, bool); 8] = [
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET", true),
    ("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD", true),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "POST", true),
    ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET", true),
    ("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", "GET", true),
    ("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", "CONNECT", true),
    ("GET / HTTP/1.0\r\n\r\n", "GET", false),
    // What cannot be read is answered once, as if it were a GET.
    ("GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", "GET", true),
];

/// A server that answers what comes to its mind to some pipelined requests.
pub(crate) fn responses(random: &mut Random) -> (Vec<u8>, Expected) {
    let mut server = Connection::server(Options::default());
    let (mut wire, mut expected) = (Vec::new(), Expected::default());
    for _ in 0..=random.below(3) {
        let (bytes, method, modern) = *random.pick(&ASKED);
        server.receive(Bytes::from_static(bytes.as_bytes()));
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        expected.asked.push(Asked { method, modern });
    }
    for _ in 0..4 + random.below(12) {
        // The stream whose turn it is: of the request that was read last.
        while let Ok(Some(_)) = server.poll_event() {}
        let turn = expected.complete.iter().filter(|message| !is_interim(message)).count();
        let Some(asked) = expected.asked.get(turn).cloned() else { break };
        let heads = |random: &mut Random| {
            let head = a_response(random);
            let interim = head.status.is_informational() && !random.once_in(8);
            let interim = interim && head.status != StatusCode::SWITCHING_PROTOCOLS;
            let head = Box::new(head);
            Some(if interim { Event::Informational(head) } else { Event::ResponseHead(head) })
        };
        let Some(event) = an_event(random, &expected, &heads) else { continue };
        let to = StreamId::new(if random.once_in(40) { random.below(4) } else { turn } as u64);
        if server.send(to, event.clone()).is_ok() {
            match &event {
                // A client of HTTP/1.0 is not told.
                Event::Informational(head) if asked.modern => {
                    let mut message = Message::response(head, &asked);
                    // Only the last head says whether the connection closes.
                    message.closes = false;
                    message.ended = true;
                    expected.complete.push(message);
                }
                Event::ResponseHead(head) => {
                    let mut message = Message::response(head, &asked);
                    let tunnel = head.status == StatusCode::SWITCHING_PROTOCOLS
                        || (asked.method == Method::CONNECT && head.status.is_success());
                    message.closes = !tunnel && server_closes(&message, &server, &asked);
                    if tunnel {
                        message.ended = true;
                        expected.complete.push(message);
                    } else {
                        expected.unfinished = Some(message);
                    }
                }
                _ => {}
            }
            note(&mut expected, &event);
        }
        written(&mut server, &mut wire);
    }
    written(&mut server, &mut wire);
    (wire, expected)
}

fn is_interim(message: &Message) -> bool {
    use crate::meaning::Start;
    matches!(message.start, Start::Response { status: 100 | 102..=199, .. })
}

/// Whether a response must say that it is the last one.
fn server_closes(message: &Message, server: &Connection, asked: &Asked) -> bool {
    message.closes || !asked.modern || asked.method == Method::CONNECT || !server.peer_keep_alive()
}
