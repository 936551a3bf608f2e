//! The laws of the machines where messages go through services: every flow has exactly one record,
//! the same inputs give the same outputs, and a service that changes nothing makes no difference,
//! whatever pieces things come in.

use bytes::Bytes;
use gateway_h1h2::{BodySize, RequestHead, ResponseHead, Target};
use gateway_log::CloseReason;
use gateway_proxy::transaction::Leg;
use gateway_proxy::{AdaptInput, AdaptReport, Input, OnFailure, ScanFailure, Takes};
use http::{Method, StatusCode};
use proptest::prelude::*;

use crate::adapters::{adapter, says, through};
use crate::scene::Scene;
use crate::script::{self, Event, texts, told};

const CLIENT: &[&[u8]] = &[
    b"GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n",
    b"POST http://a.test/y HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\n0123456789",
    b"PUT http://a.test/y HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n\
     6\r\nabcdef\r\n0\r\n\r\n",
    b"HEAD http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n",
    b"GET http://a.test/ws HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
     Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
];

const ORIGIN: &[&[u8]] = &[
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\nuntil the end SECRET",
    b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
     Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
];

fn changed_request() -> AdaptReport {
    let target = Target::parse(&Method::PUT, "http://a.test/z".into()).unwrap();
    let mut head = RequestHead::new(Method::PUT, target);
    head.body = BodySize::Unknown;
    AdaptReport::Request(Box::new(head))
}

fn changed_response(status: StatusCode) -> AdaptReport {
    let mut head = ResponseHead::new(status);
    head.body = BodySize::Unknown;
    AdaptReport::Response(Box::new(head))
}

fn report() -> impl Strategy<Value = AdaptReport> {
    prop_oneof![
        1 => (0..9_000u64).prop_map(AdaptReport::Taken),
        1 => Just(AdaptReport::Wanted),
        1 => Just(AdaptReport::Told { istag: "\"t\"".into(), finding: Some("Worm".into()) }),
        3 => Just(AdaptReport::Unmodified),
        1 => Just(AdaptReport::Declined),
        2 => Just(changed_request()),
        2 => Just(changed_response(StatusCode::OK)),
        1 => Just(changed_response(StatusCode::CONTINUE)),
        3 => Just(AdaptReport::Data(Bytes::from_static(b"some data"))),
        3 => Just(AdaptReport::End),
        1 => Just(AdaptReport::Failed(ScanFailure::Broken)),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let leg = prop_oneof![Just(Leg::Client), Just(Leg::Origin)];
    prop_oneof![
        5 => texts(CLIENT, 3).prop_map(Event::Client),
        5 => texts(ORIGIN, 3).prop_map(Event::Origin),
        1 => Just(Event::ClientEnds),
        1 => Just(Event::OriginEnds),
        1 => (0..100_000u64).prop_map(Event::Wait),
        1 => Just(Event::Drain),
        12 => (leg, report()).prop_map(|(leg, report)| Event::Service(leg, report)),
    ]
}

fn play(events: &[Event], on_failure: OnFailure, piece: usize) -> Scene {
    script::play(Scene::new(through(adapter(Takes::Both, on_failure))), events, piece)
}

fn on_failure() -> impl Strategy<Value = OnFailure> {
    prop_oneof![Just(OnFailure::Block), Just(OnFailure::Allow)]
}

/// How a service in memory treats what it is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Echo {
    /// It says at the end that nothing is changed.
    Unmodified,
    /// It wants all of it, and sends back what it gets when it has all.
    AtTheEnd,
    /// It wants all of it, and sends back what it gets as it gets it.
    AsItComes,
}

/// A service in memory; it remembers how far it has answered.
#[derive(Default)]
struct Service {
    seen: usize,
    held: Vec<u8>,
}

impl Service {
    /// Answers what was given to it since it was last here, until nothing new is.
    fn serve(&mut self, scene: &mut Scene, echo: Echo) {
        while let Some((_, leg, input)) = scene.adapted.get(self.seen).cloned() {
            self.seen += 1;
            let mut say = |report| says(scene, leg, report);
            match input {
                AdaptInput::Offer(offer) if echo != Echo::Unmodified => {
                    say(AdaptReport::Wanted);
                    say(match offer.response {
                        None => AdaptReport::Request(Box::new(offer.request)),
                        Some(response) => AdaptReport::Response(Box::new(response)),
                    });
                }
                AdaptInput::Data(bytes) => {
                    say(AdaptReport::Taken(bytes.len() as u64));
                    match echo {
                        Echo::Unmodified => {}
                        Echo::AtTheEnd => self.held.extend_from_slice(&bytes),
                        Echo::AsItComes => say(AdaptReport::Data(bytes)),
                    }
                }
                AdaptInput::End if echo == Echo::Unmodified => say(AdaptReport::Unmodified),
                AdaptInput::End => {
                    let held = std::mem::take(&mut self.held);
                    if !held.is_empty() {
                        say(AdaptReport::Data(held.into()));
                    }
                    say(AdaptReport::End);
                }
                _ => {}
            }
        }
    }
}

/// An exchange by exchange scene with an echo, or without any service.
fn converse(exchanges: &[(usize, usize)], echo: Option<Echo>, piece: usize) -> Scene {
    let mut scene = match echo {
        Some(_) => Scene::new(through(adapter(Takes::Both, OnFailure::Block))),
        None => Scene::usual(),
    };
    let mut service = Service::default();
    for (request, response) in exchanges {
        for bytes in CLIENT[*request].chunks(piece) {
            scene.client(bytes);
            service.serve(&mut scene, echo.unwrap_or(Echo::Unmodified));
        }
        for bytes in ORIGIN[*response].chunks(piece) {
            scene.origin(bytes);
            service.serve(&mut scene, echo.unwrap_or(Echo::Unmodified));
        }
    }
    scene
}

/// Bodies and what decides about them: heads may be framed otherwise.
fn essence(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let is_size = |line: &str| !line.is_empty() && line.bytes().all(|b| b.is_ascii_hexdigit());
    let framing =
        |line: &str| line.starts_with("content-length:") || line.starts_with("transfer-encoding:");
    let mut lines: Vec<&str> =
        text.split("\r\n").filter(|line| !is_size(line) && !framing(line)).collect();
    lines.sort_unstable();
    lines.concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn the_same_inputs_give_the_same_outputs(
        events in prop::collection::vec(event(), 0..16),
        on_failure in on_failure(),
    ) {
        let play = || told(&play(&events, on_failure, usize::MAX));
        prop_assert_eq!(play(), play());
    }

    #[test]
    fn any_prefix_and_an_abort_give_exactly_one_record_each(
        events in prop::collection::vec(event(), 0..16),
        on_failure in on_failure(),
        piece in 1..64usize,
    ) {
        let mut scene = play(&events, on_failure, piece);
        scene.give(Input::Abort(CloseReason::ClientClosed));
        prop_assert!(scene.session.is_done());
        prop_assert_eq!(scene.sessions(), 1);
        let mut ids: Vec<&[u8]> =
            scene.requests().iter().map(|record| record.request_id.as_bytes()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), all, "a request has two records");
        // Each offer belongs to one of them, and is told of once.
        let offers = scene.adapted.iter().filter(|(.., i)| matches!(i, AdaptInput::Offer(_)));
        let of_records: usize =
            scene.requests().iter().map(|record| record.inspection.adaptations.len()).sum();
        prop_assert_eq!(offers.count(), of_records);
        let before = told(&scene);
        says(&mut scene, Leg::Client, AdaptReport::Unmodified);
        says(&mut scene, Leg::Origin, AdaptReport::Unmodified);
        prop_assert_eq!(before, told(&scene));
    }

    #[test]
    fn a_service_that_changes_nothing_makes_no_difference(
        exchanges in prop::collection::vec((0..3usize, prop::sample::select(vec![0, 1, 3])), 1..4),
        echo in prop::sample::select(vec![Echo::Unmodified, Echo::AtTheEnd, Echo::AsItComes]),
        piece in 1..40usize,
    ) {
        let (without, with) =
            (converse(&exchanges, None, usize::MAX), converse(&exchanges, Some(echo), piece));
        prop_assert_eq!(essence(&without.to_client), essence(&with.to_client));
        let at_origins = |scene: &Scene| {
            let all: Vec<u8> = scene.to_origin.values().flatten().copied().collect();
            essence(&all)
        };
        prop_assert_eq!(at_origins(&without), at_origins(&with));
        prop_assert_eq!(without.requests().len(), with.requests().len());
    }
}
