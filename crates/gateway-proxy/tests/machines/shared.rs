//! A shared connection with sessions made of messages on the one side, and an origin on the other.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_h1h2::{
    Authority, BodySize, Codec, CodecOptions, Event, PathAndQuery, RequestHead, ResetReason,
    ResponseHead, Scheme, StreamId, Target, Version,
};
use gateway_proxy::{
    Agreed, Close, Dialed, LaneId, LaneInput, LaneReport, OriginTls, Shared, SharedInput,
    SharedOutput,
};
use http::{Method, StatusCode};

use crate::scene::policy;

const KEEP: Duration = Duration::from_secs(60);
const A: LaneId = LaneId(7);
const B: LaneId = LaneId(8);
const ZERO: StreamId = StreamId::new(0);

/// The connection, its origin, and what was said.
struct Scene {
    shared: Shared,
    origin: Codec,
    now: Instant,
    /// What the sessions were told.
    told: Vec<(LaneId, StreamId, LaneReport)>,
    /// What the origin has received.
    received: Vec<(StreamId, Event)>,
    closed: Option<Close>,
}

impl Scene {
    fn new() -> Self {
        let policy = policy(vec![], |_| {});
        let address = SocketAddr::from((Ipv4Addr::new(203, 0, 113, 9), 443));
        let tls = OriginTls { agreed: Agreed::Http2, ..OriginTls::default() };
        let dialed = Dialed {
            peer: address,
            local: address,
            reused: false,
            tls: Some(tls.into()),
            connect: Duration::ZERO,
        };
        let now = Instant::now();
        let mut scene = Self {
            shared: Shared::new(&policy, &dialed, None, KEEP, now),
            origin: Codec::server(Version::Http2, CodecOptions::default()),
            now,
            told: Vec::new(),
            received: Vec::new(),
            closed: None,
        };
        scene.give([SharedInput::Join(A), SharedInput::Join(B)]);
        scene
    }

    fn give(&mut self, inputs: impl IntoIterator<Item = SharedInput>) {
        self.shared.handle(inputs, self.now);
        self.settle();
    }

    /// Carries bytes both ways until nobody has more to say.
    fn settle(&mut self) {
        loop {
            let mut quiet = true;
            while let Some(output) = self.shared.poll() {
                quiet = false;
                match output {
                    SharedOutput::Report(lane, stream, report) => {
                        self.told.push((lane, stream, report));
                    }
                    SharedOutput::Close(close) => self.closed = Some(close),
                    other => panic!("{other:?}"),
                }
            }
            let mut out = Vec::new();
            quiet &= self.shared.poll_output(&mut out) == 0;
            out.drain(..).for_each(|bytes| self.origin.receive(bytes));
            while let Ok(Some(event)) = self.origin.poll_event() {
                if let (stream, Event::Data(data)) = &event {
                    self.origin.credit(*stream, data.len() as u64);
                }
                self.received.push(event);
            }
            quiet &= self.origin.poll_output(&mut out) == 0;
            let bytes: Vec<SharedInput> = out.drain(..).map(SharedInput::Bytes).collect();
            if !bytes.is_empty() {
                self.shared.handle(bytes, self.now);
            }
            if quiet {
                return;
            }
        }
    }

    fn ask(&mut self, lane: LaneId, number: u64, path: &str) {
        let stream = StreamId::new(number);
        let head = SharedInput::Lane(lane, stream, LaneInput::Event(head(path)));
        self.give([head, SharedInput::Lane(lane, stream, LaneInput::Event(Event::End))]);
    }

    /// The stream on which the origin was asked for `path`.
    fn asked(&self, path: &str) -> Option<StreamId> {
        self.received.iter().find_map(|(stream, event)| match event {
            Event::RequestHead(head) => {
                let found =
                    head.target.path_and_query().is_some_and(|found| found.as_str() == path);
                found.then_some(*stream)
            }
            _ => None,
        })
    }

    fn answer(&mut self, path: &str) {
        let stream = self.asked(path).expect("a request");
        let mut head = ResponseHead::new(StatusCode::OK);
        head.body = BodySize::Unknown;
        let body = Event::Data(Bytes::copy_from_slice(path.as_bytes()));
        for event in [Event::ResponseHead(Box::new(head)), body, Event::End] {
            self.origin.send(stream, event).unwrap();
        }
        self.settle();
    }

    /// What a session was told of one of its exchanges, in short.
    fn of(&self, lane: LaneId, number: u64) -> Vec<String> {
        let stream = StreamId::new(number);
        let of_it = self.told.iter().filter(|told| (told.0, told.1) == (lane, stream));
        of_it
            .map(|(.., report)| match report {
                LaneReport::Event(Event::ResponseHead(head)) => head.status.as_str().to_owned(),
                LaneReport::Event(Event::Data(data)) => String::from_utf8_lossy(data).into_owned(),
                LaneReport::Event(event) => format!("{event:?}"),
                LaneReport::Fault(_) => "fault".into(),
                LaneReport::Taken(bytes) => format!("taken {bytes}"),
                LaneReport::Closed => "closed".into(),
                other => format!("{other:?}"),
            })
            .collect()
    }
}

fn head(path: &str) -> Event {
    let target = Target::Absolute {
        scheme: Scheme::Https,
        authority: Authority::parse("a.test").expect("a host"),
        path_and_query: PathAndQuery::parse(path.to_owned()).expect("a path"),
    };
    Event::RequestHead(Box::new(RequestHead::new(Method::GET, target)))
}

#[test]
fn exchanges_of_many_sessions_go_over_one_connection() {
    let mut scene = Scene::new();
    scene.ask(A, 0, "/a");
    scene.ask(B, 0, "/b");
    scene.answer("/b");
    assert_eq!(scene.of(B, 0), ["200", "/b", "End"]);
    assert_eq!(scene.of(A, 0), [""; 0]);
    scene.answer("/a");
    assert_eq!(scene.of(A, 0), ["200", "/a", "End"]);
    scene.ask(A, 1, "/more");
    scene.answer("/more");
    assert_eq!(scene.of(A, 1), ["200", "/more", "End"]);
    assert!(scene.closed.is_none());
}

#[test]
fn who_leaves_ends_its_own_exchange_alone() {
    let mut scene = Scene::new();
    scene.ask(A, 0, "/a");
    scene.ask(B, 0, "/b");
    scene.give([SharedInput::Leave(A)]);
    let cut = scene.asked("/a").unwrap();
    let reset =
        |(stream, event): &(StreamId, Event)| *stream == cut && matches!(event, Event::Reset(_));
    assert!(scene.received.iter().any(reset), "{:?}", scene.received);
    scene.answer("/b");
    assert_eq!(scene.of(B, 0), ["200", "/b", "End"]);
    assert_eq!(scene.of(A, 0), [""; 0], "nobody is there to hear it");
}

#[test]
fn a_request_leaves_as_the_origin_takes_it() {
    let mut scene = Scene::new();
    let say = |event| SharedInput::Lane(A, ZERO, LaneInput::Event(event));
    let Event::RequestHead(mut up) = head("/up") else { unreachable!() };
    up.method = Method::POST;
    up.body = BodySize::Unknown;
    let body = Bytes::from(vec![b'x'; 100_000]);
    scene.give([say(Event::RequestHead(up)), say(Event::Data(body)), say(Event::End)]);
    let taken = scene.told.iter().map(|(.., report)| match report {
        LaneReport::Taken(bytes) => *bytes,
        other => panic!("{other:?}"),
    });
    assert_eq!(taken.sum::<u64>(), 100_000);
    let got = scene.received.iter().map(|(_, event)| match event {
        Event::Data(data) => data.len(),
        _ => 0,
    });
    assert_eq!(got.sum::<usize>(), 100_000);
}

#[test]
fn a_connection_that_is_to_close_lets_its_exchanges_end() {
    let mut scene = Scene::new();
    scene.ask(A, 0, "/a");
    scene.give([SharedInput::Drain]);
    assert_eq!(scene.shared.places(), 0);
    assert_eq!(scene.of(B, 0), ["closed"]);
    // One that had not heard of it yet: nobody has acted on its request.
    scene.ask(B, 1, "/late");
    assert_eq!(scene.of(B, 1), ["Retry"]);
    scene.answer("/a");
    assert_eq!(scene.of(A, 0), ["closed", "200", "/a", "End"]);
    assert!(scene.closed.is_some());
    scene.ask(B, 2, "/later");
    assert_eq!(scene.of(B, 2), ["Retry"]);
}

#[test]
fn an_origin_that_goes_away_is_noticed_by_all() {
    let mut scene = Scene::new();
    scene.ask(A, 0, "/a");
    scene.give([SharedInput::End]);
    let of_a = scene.of(A, 0);
    assert!(of_a.iter().any(|said| said == "fault" || said.starts_with("Reset")), "{of_a:?}");
    assert!(of_a.contains(&"closed".into()) && scene.of(B, 0) == ["closed"]);
    assert_eq!((scene.shared.places(), scene.closed.is_some()), (0, true));
    assert_eq!(scene.shared.deadline(), None);
}

#[test]
fn nobody_suffers_from_what_is_wrong_with_another_stream() {
    let mut scene = Scene::new();
    scene.ask(A, 0, "/a");
    scene.ask(B, 0, "/b");
    let cut = scene.asked("/a").unwrap();
    scene.origin.send(cut, Event::Reset(ResetReason::Cancelled)).unwrap();
    scene.settle();
    assert_eq!(scene.of(A, 0).len(), 1, "{:?}", scene.of(A, 0));
    scene.answer("/b");
    assert_eq!(scene.of(B, 0), ["200", "/b", "End"]);
    scene.ask(A, 1, "/again");
    scene.answer("/again");
    assert_eq!(scene.of(A, 1), ["200", "/again", "End"]);
}

#[test]
fn it_closes_once_nobody_has_used_it_for_long_enough() {
    let mut scene = Scene::new();
    scene.give([SharedInput::Leave(A), SharedInput::Leave(B)]);
    scene.now += KEEP / 2;
    scene.give([SharedInput::Timeout]);
    assert!(scene.closed.is_none() && scene.shared.places() > 0);
    // Who comes in between makes it begin anew.
    scene.give([SharedInput::Join(A)]);
    scene.now += KEEP;
    scene.give([SharedInput::Timeout]);
    assert!(scene.closed.is_none());
    scene.give([SharedInput::Leave(A)]);
    scene.now += KEEP;
    assert!(scene.shared.deadline().is_some_and(|at| at <= scene.now));
    scene.give([SharedInput::Timeout]);
    assert!(scene.closed.is_some());
}
