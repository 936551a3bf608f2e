//! A message means the same behind the other version of HTTP: random requests and responses go from
//! HTTP/1.1 to HTTP/2 and back, and the other way round, as a proxy would carry them.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use bytes::Bytes;
use gateway_h1h2::{
    BodySize, Codec, CodecOptions, Event, Fields, RequestHead, ResetReason, ResponseHead, Target,
    UpgradeField, Version, strip_hop_by_hop,
};
use http::{Method, StatusCode};
use proptest::prelude::*;
use proptest::sample::select;

/// Two ends of one connection.
struct Link {
    client: Codec,
    server: Codec,
}

impl Link {
    fn new(version: Version) -> Self {
        let options = CodecOptions::default();
        Self {
            client: Codec::client(version, options.clone()),
            server: Codec::server(version, options),
        }
    }

    /// Carries bytes both ways until there are none; what each end told.
    fn settle(&mut self) -> (Vec<Event>, Vec<Event>) {
        let (mut at_client, mut at_server) = (Vec::new(), Vec::new());
        loop {
            let moved = pass(&mut self.client, &mut self.server, &mut at_server)
                | pass(&mut self.server, &mut self.client, &mut at_client);
            if !moved {
                return (at_client, at_server);
            }
        }
    }
}

fn pass(from: &mut Codec, to: &mut Codec, told: &mut Vec<Event>) -> bool {
    let mut output = Vec::new();
    while from.poll_output(&mut output) > 0 {}
    let moved = !output.is_empty();
    for bytes in output {
        to.receive(bytes);
        while let Some((stream, event)) = to.poll_event().expect("what the other end wrote") {
            if let Event::Data(data) = &event {
                to.credit(stream, data.len() as u64);
            }
            told.push(event);
        }
    }
    moved
}

/// What a message means to both ends of a chain.
#[derive(Clone, Debug, PartialEq)]
struct Meaning {
    start: String,
    /// By name in lower case: the order between different names means nothing.
    fields: BTreeMap<String, Vec<Vec<u8>>>,
    body: Vec<u8>,
    trailers: BTreeMap<String, Vec<Vec<u8>>>,
    ending: Ending,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Whole,
    Cut,
}

fn grouped(fields: &Fields) -> BTreeMap<String, Vec<Vec<u8>>> {
    let mut groups: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for (name, value) in fields.iter() {
        groups.entry(name.to_ascii_lowercase()).or_default().push(value.to_vec());
    }
    // RFC 9113 §8.2.3: crumbs are one cookie.
    if let Some(crumbs) = groups.get_mut("cookie") {
        *crumbs = vec![crumbs.join(&b"; "[..])];
    }
    groups
}

fn meaning(events: &[Event]) -> Meaning {
    let mut told = Meaning {
        start: String::new(),
        fields: BTreeMap::new(),
        body: Vec::new(),
        trailers: BTreeMap::new(),
        ending: Ending::Cut,
    };
    for event in events {
        match event {
            Event::RequestHead(head) => {
                told.start = format!(
                    "{} {} {:?}",
                    head.method,
                    head.target.to_origin_form(),
                    known(head.body)
                );
                told.fields = grouped(&head.fields);
            }
            Event::ResponseHead(head) => {
                told.start = format!("{} {:?}", head.status, known(head.body));
                told.fields = grouped(&head.fields);
            }
            Event::Data(data) => told.body.extend_from_slice(data),
            Event::Trailers(fields) => told.trailers = grouped(fields),
            Event::End => told.ending = Ending::Whole,
            _ => {}
        }
    }
    told.fields.remove("connection");
    told
}

/// An empty body may be announced or not.
fn known(size: BodySize) -> BodySize {
    if size == BodySize::Length(0) { BodySize::Empty } else { size }
}

/// What a proxy does with a message between two connections.
fn forwarded(events: Vec<Event>, next: Version) -> Vec<Event> {
    let forward = |event| match event {
        Event::RequestHead(mut head) => {
            strip_hop_by_hop(&mut head.fields, UpgradeField::Strip);
            if next != Version::Http2 {
                head.target = head.target.to_origin_form();
            }
            Event::RequestHead(head)
        }
        Event::ResponseHead(mut head) => {
            strip_hop_by_hop(&mut head.fields, UpgradeField::Strip);
            Event::ResponseHead(head)
        }
        event => event,
    };
    events.into_iter().map(forward).collect()
}

/// Sends a request over links of these versions, one after the other; what each server was told.
fn send_requests(versions: &[Version], request: Vec<Event>) -> Vec<Vec<Event>> {
    let mut told = Vec::new();
    let mut events = request;
    for version in versions {
        let mut link = Link::new(*version);
        let stream = link.client.open();
        for event in forwarded(std::mem::take(&mut events), *version) {
            link.client.send(stream, event).expect("what was received can be sent");
        }
        (_, events) = link.settle();
        told.push(events.clone());
    }
    told
}

/// The same for a response to `method`.
fn send_responses(versions: &[Version], method: &Method, response: Vec<Event>) -> Vec<Vec<Event>> {
    let mut told = Vec::new();
    let mut events = response;
    for version in versions {
        let mut link = Link::new(*version);
        let stream = link.client.open();
        let target = Target::parse(&Method::GET, "https://a.example/".into()).unwrap();
        let ask = RequestHead::new(method.clone(), target);
        link.client.send(stream, Event::RequestHead(Box::new(ask))).unwrap();
        link.client.send(stream, Event::End).unwrap();
        link.settle();
        let stream = match version {
            Version::Http2 => gateway_h1h2::StreamId::new(1),
            _ => stream,
        };
        for event in forwarded(std::mem::take(&mut events), *version) {
            link.server.send(stream, event).expect("what was received can be sent");
        }
        (events, _) = link.settle();
        told.push(events.clone());
    }
    told
}

fn some_fields() -> impl Strategy<Value = Fields> {
    let own =
        ("[Xx]-[!#$%&'*+.^_`|~0-9A-Za-z-]{0,12}", "([!-~\u{80}-\u{ff}]([ -~\t]{0,20}[!-~])?)?");
    let hop = prop_oneof![
        Just(("TE".to_owned(), "gzip;q=1, trailers".to_owned())),
        Just(("TE".to_owned(), "gzip".to_owned())),
        Just(("Connection".to_owned(), "X-Hop, keep-alive".to_owned())),
        Just(("X-Hop".to_owned(), "1".to_owned())),
        Just(("Keep-Alive".to_owned(), "timeout=5".to_owned())),
        Just(("Proxy-Connection".to_owned(), "keep-alive".to_owned())),
        Just(("Upgrade".to_owned(), "h2c".to_owned())),
        Just(("Cookie".to_owned(), "a=b; c=d".to_owned())),
        Just(("cookie".to_owned(), "e=f".to_owned())),
        Just(("Set-Cookie".to_owned(), "g=h".to_owned())),
        Just(("Authorization".to_owned(), "Basic eA==".to_owned())),
    ];
    let field = prop_oneof![2 => own.prop_map(|pair| pair), 1 => hop];
    prop::collection::vec(field, 0..8).prop_map(|lines| {
        let mut fields = Fields::new();
        for (name, value) in lines {
            fields.append(&name, value).expect("a valid field");
        }
        fields
    })
}

/// What must come out of fields: nothing that belongs to a hop but `te: trailers`.
fn end_to_end(fields: &Fields) -> BTreeMap<String, Vec<Vec<u8>>> {
    let mut groups = grouped(fields);
    let named = groups.contains_key("connection");
    for name in ["connection", "keep-alive", "proxy-connection", "upgrade"] {
        groups.remove(name);
    }
    if named {
        groups.remove("x-hop");
    }
    if let Some(codings) = groups.remove("te")
        && codings.iter().any(|coding| coding.ends_with(b"trailers"))
    {
        groups.insert("te".to_owned(), vec![b"trailers".to_vec()]);
    }
    groups
}

#[derive(Clone, Debug)]
struct Body {
    size: BodySize,
    pieces: Vec<Bytes>,
    trailers: Option<Fields>,
}

impl Body {
    fn events(&self) -> impl Iterator<Item = Event> {
        let data = self.pieces.iter().cloned().map(Event::Data);
        let trailers = self.trailers.clone().map(Box::new).map(Event::Trailers);
        data.chain(trailers).chain([Event::End])
    }
}

fn a_body() -> impl Strategy<Value = Body> {
    let piece = prop::collection::vec(any::<u8>(), 1..60).prop_map(Bytes::from);
    let trailer = ("X-[a-z]{1,6}", "[!-~]{1,8}");
    let trailers = prop::option::of(prop::collection::vec(trailer, 1..3));
    (prop::collection::vec(piece, 0..4), any::<bool>(), trailers).prop_map(
        |(pieces, known, lines)| {
            let bytes = pieces.iter().map(|piece| piece.len() as u64).sum();
            let trailers = lines.filter(|_| !known).map(|lines| {
                let mut fields = Fields::new();
                lines.iter().for_each(|(name, value)| fields.append(name, value).unwrap());
                fields
            });
            let size = match known {
                true => BodySize::Length(bytes),
                false => BodySize::Unknown,
            };
            Body { size, pieces, trailers }
        },
    )
}

const CHAINS: [[Version; 3]; 2] = [
    [Version::Http11, Version::Http2, Version::Http11],
    [Version::Http2, Version::Http11, Version::Http2],
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_request_means_the_same_behind_both_versions(
        method in select(vec![Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS]),
        // Without what the engine of HTTP/2 does not take in a path: `<`, `>`, `"` and the backtick.
        path in "/[!$-;=?-_a-~]{0,30}",
        host in "[a-z0-9]{1,8}(\\.[a-z]{1,4})?(:[1-9][0-9]{0,3})?",
        fields in some_fields(),
        body in a_body(),
        chain in select(CHAINS.to_vec()),
    ) {
        let target = Target::parse(&method, format!("https://{host}{path}").into()).expect("a target");
        let mut head = RequestHead::new(method, target.clone());
        head.fields = fields.clone();
        head.fields.set("Host", target.authority().unwrap().to_string()).unwrap();
        head.body = body.size;
        // No body, and none announced.
        let empty = body.pieces.is_empty() && body.trailers.is_none();
        if empty {
            head.body = BodySize::Empty;
        }
        if head.body != BodySize::Empty {
            head.fields.remove("upgrade");
        }
        let announced = known(head.body);
        let start = format!("{} {} {:?}", head.method, target.to_origin_form(), announced);
        let request = std::iter::once(Event::RequestHead(Box::new(head)));
        let request: Vec<Event> = match empty {
            true => request.chain([Event::End]).collect(),
            false => request.chain(body.events()).collect(),
        };
        let mut expected = end_to_end(&fields);
        expected.insert("host".to_owned(), vec![target.authority().unwrap().to_string().into_bytes()]);
        for events in send_requests(&chain, request) {
            let told = meaning(&events);
            prop_assert_eq!(&told.start, &start);
            let mut there = told.fields.clone();
            // The first link is not behind a proxy: what belongs to its hop may stand there.
            there.remove("keep-alive");
            prop_assert_eq!(end_to_end_of(&there), expected.clone());
            prop_assert_eq!(&told.body, &body.pieces.concat());
            let trailers = body.trailers.as_ref().map(grouped).unwrap_or_default();
            prop_assert_eq!(&told.trailers, &trailers);
            prop_assert_eq!(told.ending, Ending::Whole);
        }
    }

    #[test]
    fn a_response_means_the_same_behind_both_versions(
        method in select(vec![Method::GET, Method::HEAD, Method::POST]),
        status in select(vec![200_u16, 204, 206, 304, 403, 500, 999]),
        fields in some_fields(),
        body in a_body(),
        chain in select(CHAINS.to_vec()),
    ) {
        let status = StatusCode::from_u16(status).unwrap();
        let bodiless = method == Method::HEAD || matches!(status.as_u16(), 204 | 304);
        let mut head = ResponseHead::new(status);
        head.fields = fields.clone();
        head.body = if bodiless { BodySize::Empty } else { body.size };
        let response = std::iter::once(Event::ResponseHead(Box::new(head)));
        let response: Vec<Event> = match bodiless {
            true => response.chain([Event::End]).collect(),
            false => response.chain(body.events()).collect(),
        };
        let whole: Vec<u8> = if bodiless { Vec::new() } else { body.pieces.concat() };
        for events in send_responses(&chain, &method, response) {
            let told = meaning(&events);
            prop_assert!(told.start.starts_with(&status.to_string()), "{}", told.start);
            prop_assert_eq!(end_to_end_of(&told.fields), end_to_end(&fields));
            prop_assert_eq!(&told.body, &whole);
            let trailers = body.trailers.as_ref().filter(|_| !bodiless).map(grouped);
            prop_assert_eq!(&told.trailers, &trailers.unwrap_or_default());
            prop_assert_eq!(told.ending, Ending::Whole);
        }
    }

    /// RFC 9113 §8.1.1: a length is what comes, in both versions and between them.
    #[test]
    fn a_length_is_what_comes(
        announced in 1_u64..20,
        sent in 0_usize..24,
        version in select(vec![Version::Http11, Version::Http2]),
    ) {
        let mut link = Link::new(version);
        let stream = link.client.open();
        let target = Target::parse(&Method::POST, "https://a.example/".into()).unwrap();
        let mut head = RequestHead::new(Method::POST, target);
        head.body = BodySize::Length(announced);
        link.client.send(stream, Event::RequestHead(Box::new(head))).unwrap();
        let data = Event::Data(Bytes::from(vec![b'x'; sent]));
        let all = link.client.send(stream, data).is_ok() && link.client.send(stream, Event::End).is_ok();
        prop_assert_eq!(all, announced == sent as u64);
        if !all {
            let _ = link.client.send(stream, Event::Reset(ResetReason::Cancelled));
        }
        let (_, events) = link.settle();
        let whole = events.contains(&Event::End);
        prop_assert_eq!(whole, all, "{:?}", events);
    }
}

/// The fields of a message that has been told, as a next hop would get them.
fn end_to_end_of(groups: &BTreeMap<String, Vec<Vec<u8>>>) -> BTreeMap<String, Vec<Vec<u8>>> {
    let mut fields = Fields::new();
    for (name, values) in groups {
        for value in values {
            fields.append(name, value).expect("what was received");
        }
    }
    end_to_end(&fields)
}
