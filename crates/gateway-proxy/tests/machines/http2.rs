//! Requests over HTTP/2 on either side, and what a session makes of many at a time.

use std::time::Duration;

use bytes::Bytes;
use gateway_h1h2::{BodySize, Event, ResetReason, ResponseHead, StreamId, Target, Version, ws};
use gateway_log::CloseReason;
use gateway_proxy::{Alpn, Input, OriginId, Wire};
use http::{Method, StatusCode};

use crate::frames;
use crate::peers::{Peers, request, response, trailers};
use crate::scene::{Scene, policy, rules};

const VERSIONS: [(Version, Version); 4] = [
    (Version::Http2, Version::Http2),
    (Version::Http2, Version::Http11),
    (Version::Http11, Version::Http2),
    (Version::Http11, Version::Http11),
];

fn h2(peers_scene: Scene) -> Peers {
    Peers::inside(peers_scene, Version::Http2, Version::Http2)
}

fn data(text: &str) -> Event {
    Event::Data(Bytes::copy_from_slice(text.as_bytes()))
}

#[test]
fn an_exchange_passes_whatever_the_two_sides_speak() {
    for (client, origin) in VERSIONS {
        let mut peers = Peers::inside(Scene::usual(), client, origin);
        let mut head = request(Method::POST, "/x?y", BodySize::Unknown);
        head.fields.append("TE", "trailers").unwrap();
        head.fields.append("Cookie", "a=1; b=2").unwrap();
        let stream = peers.ask(head);
        peers.client.send(stream, [data("to the origin"), trailers("x-up", "1"), Event::End]);
        peers.settle();
        let (asked, head) = peers.origin().requests()[0];
        assert_eq!(head.target.path_and_query().unwrap().as_str(), "/x?y");
        assert_eq!(head.fields.get("host"), Some(&b"a.test"[..]), "{client:?} {origin:?}");
        assert_eq!(head.fields.get("te"), Some(&b"trailers"[..]));
        assert_eq!(head.fields.get("cookie"), Some(&b"a=1; b=2"[..]));
        assert_eq!(peers.origin().body(asked), b"to the origin");
        assert!(peers.origin().of(asked).contains(&&trailers("x-up", "1")));

        let early = ResponseHead::new(StatusCode::EARLY_HINTS);
        peers.origin().send(asked, [Event::Informational(Box::new(early))]);
        peers.settle();
        let mut head = ResponseHead::new(StatusCode::OK);
        head.body = BodySize::Unknown;
        let events = [data("to the client"), trailers("grpc-status", "0"), Event::End];
        peers
            .origin()
            .send(asked, std::iter::once(Event::ResponseHead(Box::new(head))).chain(events));
        peers.settle();
        let seen = peers.client.of(stream);
        assert!(matches!(seen[0], Event::Informational(_)), "{client:?} {origin:?} {seen:?}");
        assert_eq!(peers.client.status(stream), Some(200));
        assert_eq!(peers.client.body(stream), b"to the client");
        assert!(peers.client.of(stream).contains(&&trailers("grpc-status", "0")));
        assert!(peers.client.has_ended(stream));
        let name = |version| if version == Version::Http2 { "HTTP/2" } else { "HTTP/1.1" };
        let record = peers.scene.requests()[0];
        assert_eq!(record.http.version.as_bytes(), name(client).as_bytes());
        assert_eq!(record.http.origin_version.as_bytes(), name(origin).as_bytes());
        assert_eq!(record.http.stream.is_some(), client == Version::Http2);
        assert_eq!(record.http.url.as_bytes(), b"https://a.test/x?y");
    }
}

#[test]
fn streams_share_one_connection_and_answers_come_in_any_order() {
    let mut peers = h2(Scene::usual());
    let streams: Vec<StreamId> = (0..10).map(|n| peers.get(&format!("/{n}"))).collect();
    assert_eq!(peers.scene.asked, ["dial a.test:443", "tls a.test mirrors true"]);
    let asked: Vec<StreamId> = peers.origin().requests().iter().map(|(s, _)| *s).collect();
    assert_eq!(asked.len(), 10);
    for (number, own) in asked.iter().enumerate().rev() {
        peers.origin().send(*own, response(200, &format!("answer {number}")));
        peers.settle();
    }
    for (number, stream) in streams.iter().enumerate() {
        assert_eq!(peers.client.body(*stream), format!("answer {number}").as_bytes());
    }
    assert_eq!(peers.scene.requests().len(), 10);
    assert!(peers.scene.requests()[1..].iter().all(|r| r.origin.reused == Some(true)));
}

#[test]
fn an_origin_of_http11_gets_a_connection_for_each_stream() {
    let mut peers = Peers::inside(Scene::usual(), Version::Http2, Version::Http11);
    let streams = [peers.get("/0"), peers.get("/1"), peers.get("/2")];
    assert_eq!(peers.origins.len(), 3);
    for origin in peers.origins.values_mut() {
        let (asked, _) = origin.requests()[0];
        origin.send(asked, response(200, "ok"));
    }
    peers.settle();
    for stream in streams {
        assert_eq!(peers.client.body(stream), b"ok");
    }
    // The next one takes one that is idle.
    peers.get("/3");
    assert_eq!(peers.origins.len(), 3);
}

/// Many streams of one client to an origin that speaks HTTP/1.1, of whose connections there may be
/// two.
fn two_connections() -> Peers {
    let policy = policy(rules(), |settings| settings.limits.origins_max = 2);
    Peers::inside(Scene::new(policy), Version::Http2, Version::Http11)
}

#[test]
fn streams_wait_for_one_of_the_connections_that_there_may_be() {
    let mut peers = two_connections();
    let streams: Vec<StreamId> = (0..6).map(|n| peers.get(&format!("/{n}"))).collect();
    assert_eq!(peers.origins.len(), 2);
    // Whoever leaves meanwhile leaves its place to the next.
    peers.client.send(streams[2], [Event::Reset(ResetReason::Cancelled)]);
    peers.settle();
    for turn in 0..6 {
        for origin in peers.origins.values_mut() {
            if let Some(&(asked, head)) = origin.requests().get(turn) {
                let path = head.target.path_and_query().unwrap().to_string();
                origin.send(asked, response(200, &path));
            }
        }
        peers.settle();
    }
    for (number, stream) in streams.iter().enumerate().filter(|(number, _)| *number != 2) {
        assert_eq!(peers.client.body(*stream), format!("/{number}").as_bytes());
    }
    assert_eq!(peers.origins.len(), 2, "no third was made");
    assert_eq!(peers.scene.requests().len(), 6);
}

#[test]
fn who_waits_too_long_for_a_connection_is_told_to_come_again() {
    let mut peers = two_connections();
    let streams: Vec<StreamId> = (0..3).map(|n| peers.get(&format!("/{n}"))).collect();
    peers.scene.after(Duration::from_secs(9));
    peers.settle();
    assert_eq!(peers.client.status(streams[2]), None);
    peers.scene.after(Duration::from_secs(2));
    peers.settle();
    assert_eq!(peers.client.status(streams[2]), Some(503));
    let record = peers.scene.requests()[0];
    assert_eq!((record.http.status, record.warnings.len()), (Some(503), 1));
    // Those that have a connection go on, and so does the next.
    let next = peers.get("/next");
    for origin in peers.origins.values_mut() {
        let (asked, _) = origin.requests()[0];
        origin.send(asked, response(200, "ok"));
    }
    peers.settle();
    assert_eq!(peers.client.body(streams[0]), b"ok");
    let origin = peers.origins.values_mut().find(|origin| origin.requests().len() == 2).unwrap();
    let (asked, _) = origin.requests()[1];
    origin.send(asked, response(200, "next"));
    peers.settle();
    assert_eq!(peers.client.body(next), b"next");
}

#[test]
fn a_request_that_waits_for_a_connection_is_blocked_or_given_up_like_any_other() {
    let mut peers = two_connections();
    let streams: Vec<StreamId> = (0..4).map(|n| peers.get(&format!("/{n}"))).collect();
    let blocked = peers.get("/blocked");
    assert_eq!(peers.client.status(blocked), Some(403));
    peers.scene.give(Input::Abort(CloseReason::ClientClosed));
    assert_eq!(peers.scene.requests().len(), streams.len() + 1);
    assert_eq!(peers.scene.sessions(), 1);
}

#[test]
fn websocket_goes_over_http11_though_the_origin_speaks_http2() {
    let mut peers = Peers::inside(Scene::usual(), Version::Http11, Version::Http2);
    let mut head = request(Method::GET, "/chat", BodySize::Empty);
    for (name, value) in [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ] {
        head.fields.append(name, value).unwrap();
    }
    peers.ask(head);
    assert_eq!(peers.scene.dialed_alpn, [Alpn::Http2, Alpn::Http11]);
    let (_, head) = peers.origin().requests()[0];
    assert_eq!(head.version, Version::Http11);
    assert_eq!(head.fields.get("upgrade"), Some(&b"websocket"[..]));
}

#[test]
fn a_block_ends_its_stream_and_no_other() {
    let mut peers = h2(Scene::usual());
    let other = peers.get("/other");
    let refused = peers.get("/blocked");
    assert_eq!(peers.client.status(refused), Some(403));
    assert!(peers.client.has_ended(refused));
    let cut = peers.get("/cut");
    let asked = peers.origin().requests()[1].0;
    let mut head = ResponseHead::new(StatusCode::OK);
    head.body = BodySize::Unknown;
    peers.origin().send(asked, [Event::ResponseHead(Box::new(head)), data("clean, then ")]);
    peers.settle();
    peers.origin().send(asked, [data("SECRET"), Event::End]);
    peers.settle();
    assert!(peers.client.was_reset(cut) && !peers.client.has_ended(cut));
    assert!(!String::from_utf8_lossy(&peers.client.body(cut)).contains("SECRET"));
    let upload = peers.ask(request(Method::POST, "/up", BodySize::Unknown));
    peers.client.send(upload, [data("a SECRET"), Event::End]);
    peers.settle();
    assert_eq!(peers.client.status(upload), Some(403));
    assert_eq!(peers.origin().requests().len(), 2, "nothing of it has left");
    let asked = peers.origin().requests()[0].0;
    peers.origin().send(asked, response(200, "unharmed"));
    peers.settle();
    assert_eq!(peers.client.body(other), b"unharmed");
    assert_eq!(peers.scene.requests().len(), 4);
    assert!(!peers.scene.session.is_done());
}

#[test]
fn another_host_is_misdirected_and_the_connection_goes_on() {
    let mut peers = h2(Scene::usual());
    let mut head = request(Method::GET, "/", BodySize::Empty);
    head.fields.set("Host", "b.test").unwrap();
    let stream = peers.ask(head);
    assert_eq!(peers.client.status(stream), Some(421));
    let next = peers.get("/");
    let asked = peers.origin().requests()[0].0;
    peers.origin().send(asked, response(204, ""));
    peers.settle();
    assert_eq!(peers.client.status(next), Some(204));
}

#[test]
fn who_leaves_a_stream_ends_its_transaction_alone() {
    let mut peers = h2(Scene::usual());
    let (left, stays) = (peers.get("/left"), peers.get("/stays"));
    peers.client.send(left, [Event::Reset(ResetReason::Cancelled)]);
    peers.settle();
    assert_eq!(peers.scene.requests().len(), 1);
    assert_eq!(peers.scene.requests()[0].close_reason, Some(CloseReason::ClientClosed));
    let [(gone, _), (asked, _)] = peers.origin().requests()[..] else { panic!("two requests") };
    assert!(peers.origin().was_reset(gone), "the origin is told");
    peers.origin().send(asked, response(200, "ok"));
    peers.settle();
    assert_eq!(peers.client.body(stays), b"ok");
}

#[test]
fn a_reader_that_is_slow_stops_its_own_origin_stream() {
    let mut peers = h2(Scene::new(policy(Vec::new(), |_| {})));
    let (slow, quick) = (peers.get("/slow"), peers.get("/quick"));
    let [(own_slow, _), (own_quick, _)] = peers.origin().requests()[..] else { panic!() };
    let mut head = ResponseHead::new(StatusCode::OK);
    head.body = BodySize::Unknown;
    for own in [own_slow, own_quick] {
        peers.origin().send(own, [Event::ResponseHead(Box::new(head.clone()))]);
    }
    // The client gives no credit for the slow stream: the origin runs into a wall.
    let piece = Bytes::from(vec![b'x'; 16 << 10]);
    let mut sent = 0;
    for _ in 0..200 {
        if peers.origin().codec.wants_data(own_slow) {
            peers.origin().send(own_slow, [Event::Data(piece.clone())]);
            sent += piece.len();
        }
        peers.settle();
    }
    assert!(sent < 1 << 20, "{sent} bytes went in");
    for _ in 0..40 {
        peers.origin().send(own_quick, [Event::Data(piece.clone())]);
        peers.settle();
        peers.client.codec.credit(quick, piece.len() as u64);
    }
    peers.origin().send(own_quick, [Event::End]);
    peers.settle();
    assert_eq!(peers.client.body(quick).len(), 40 * piece.len());
    // Once it reads, everything comes.
    peers.origin().send(own_slow, [Event::End]);
    for _ in 0..100 {
        peers.client.codec.credit(slow, 16 << 10);
        peers.settle();
    }
    assert_eq!(peers.client.body(slow).len(), sent);
    assert!(peers.client.has_ended(slow));
}

#[test]
fn an_upload_waits_for_its_origin_alone() {
    let mut peers = h2(Scene::new(policy(Vec::new(), |_| {})));
    let upload = peers.ask(request(Method::PUT, "/up", BodySize::Unknown));
    let piece = Bytes::from(vec![b'x'; 16 << 10]);
    let mut sent = 0;
    for _ in 0..200 {
        if peers.client.codec.wants_data(upload) {
            peers.client.send(upload, [Event::Data(piece.clone())]);
            sent += piece.len();
        }
        peers.settle();
    }
    assert!(sent < 1 << 20, "{sent} bytes went in");
    let other = peers.get("/other");
    let (asked, _) = peers.origin().requests()[1];
    peers.origin().send(asked, response(200, "ok"));
    peers.settle();
    assert_eq!(peers.client.body(other), b"ok");
    let (asked, _) = peers.origin().requests()[0];
    peers.client.send(upload, [Event::End]);
    for _ in 0..100 {
        peers.origin().codec.credit(asked, 16 << 10);
        peers.settle();
    }
    assert_eq!(peers.origin().body(asked).len(), sent);
    assert!(peers.origin().has_ended(asked));
}

#[test]
fn an_upload_that_its_origin_withholds_is_not_slow() {
    let hour = Duration::from_secs(3_600);
    let policy = policy(Vec::new(), |settings| {
        settings.timeouts.response_head = hour;
        settings.timeouts.body_rate_min = 50_000;
    });
    let mut peers = h2(Scene::new(policy));
    let upload = peers.ask(request(Method::PUT, "/up", BodySize::Unknown));
    let (asked, _) = peers.origin().requests()[0];
    let piece = Bytes::from(vec![b'x'; 16 << 10]);
    let mut sent = 0;
    let mut fill = |peers: &mut Peers| {
        let before = sent;
        while peers.client.codec.wants_data(upload) {
            peers.client.send(upload, [Event::Data(piece.clone())]);
            sent += piece.len();
            peers.settle();
        }
        sent - before
    };
    fill(&mut peers);
    let mut taken = 0;
    for round in 0..4 {
        // Were it the client who takes so long, it would be too slow.
        peers.scene.after(Duration::from_secs(100));
        peers.settle();
        assert_eq!(peers.client.status(upload), None, "round {round}");
        for _ in 0..40 {
            peers.origin().codec.credit(asked, 16 << 10);
            peers.settle();
        }
        taken += fill(&mut peers);
    }
    assert!(taken >= 512 << 10, "{taken} bytes went on");
    peers.client.send(upload, [Event::End]);
    peers.settle();
    for _ in 0..100 {
        peers.origin().codec.credit(asked, 16 << 10);
        peers.settle();
    }
    peers.origin().send(asked, response(200, "ok"));
    peers.settle();
    assert_eq!(
        (peers.client.status(upload), peers.client.body(upload)),
        (Some(200), b"ok".to_vec())
    );
}

#[test]
fn what_a_leaving_origin_has_not_acted_on_is_asked_again() {
    let mut peers = h2(Scene::usual());
    let first = peers.get("/first");
    let (asked, _) = peers.origin().requests()[0];
    // The origin goes away, which the gateway learns together with its own next request.
    peers.origin().codec.close_when_idle();
    peers.settle();
    let second = peers.get("/second");
    assert_eq!(peers.origins.len(), 2, "{:?}", peers.scene.asked);
    let old = peers.origins.values_mut().next().unwrap();
    old.send(asked, response(200, "in flight"));
    peers.settle();
    assert_eq!(peers.client.body(first), b"in flight");
    let (asked, _) = peers.origin().requests()[0];
    peers.origin().send(asked, response(200, "elsewhere"));
    peers.settle();
    assert_eq!(peers.client.body(second), b"elsewhere");
}

#[test]
fn a_refused_stream_is_asked_for_again() {
    let mut peers = h2(Scene::usual());
    let stream = peers.ask(request(Method::POST, "/once", BodySize::Unknown));
    peers.client.send(stream, [data("body"), Event::End]);
    peers.settle();
    let (asked, _) = peers.origin().requests()[0];
    peers.origin().send(asked, [Event::Retry]);
    peers.settle();
    assert_eq!(peers.origins.len(), 2, "{:?}", peers.scene.asked);
    let (asked, _) = peers.origin().requests()[0];
    assert_eq!(peers.origin().body(asked), b"body");
    peers.origin().send(asked, response(200, "now"));
    peers.settle();
    assert_eq!(peers.client.body(stream), b"now");
    assert_eq!(peers.scene.requests().len(), 1);
}

#[test]
fn an_origin_that_breaks_off_breaks_off_its_streams() {
    let mut peers = h2(Scene::usual());
    let (head_only, begun) =
        (peers.ask(request(Method::POST, "/a", BodySize::Empty)), peers.get("/b"));
    let (asked, _) = peers.origin().requests()[1];
    let mut head = ResponseHead::new(StatusCode::OK);
    head.body = BodySize::Unknown;
    peers
        .origin()
        .send(asked, [Event::ResponseHead(Box::new(head)), data("begun and long enough")]);
    peers.settle();
    let id = peers.scene.last_origin();
    peers.scene.give(Input::Gone(Wire::Origin(id)));
    peers.settle();
    assert_eq!(peers.client.status(head_only), Some(502));
    assert!(peers.client.was_reset(begun));
    assert_eq!(peers.scene.requests().len(), 2);
    assert!(!peers.scene.session.is_done());
}

#[test]
fn an_idle_connection_rests_with_its_state() {
    let mut peers = h2(Scene::usual());
    let stream = peers.get("/");
    let (asked, _) = peers.origin().requests()[0];
    peers.origin().send(asked, response(200, "ok"));
    peers.settle();
    assert_eq!(peers.client.body(stream), b"ok");
    peers.scene.give(Input::Abort(CloseReason::ClientClosed));
    assert_eq!(peers.scene.asked.last().map(String::as_str), Some("park"));
    let (_, resting) = peers.scene.rested.pop_first().expect("what it must not lose");
    let origin = peers.origins.pop_first().unwrap().1;

    let mut next = Scene::usual();
    next.revive = Some(resting);
    let mut peers = h2(next);
    let id = peers.scene.last_origin();
    peers.origins.insert(id, origin);
    let stream = peers.get("/again");
    let (asked, head) = *peers.origin().requests().last().unwrap();
    assert_eq!(head.target.path_and_query().unwrap().as_str(), "/again");
    peers.origin().send(asked, response(200, "as before"));
    peers.settle();
    assert_eq!(peers.client.body(stream), b"as before");
    assert_eq!(peers.scene.requests()[0].origin.reused, Some(true));
}

#[test]
fn prior_knowledge_is_told_by_the_preface() {
    let mut peers = Peers::at_the_proxy(Scene::usual(), Version::Http2);
    let mut head = request(Method::GET, "http://a.test/x", BodySize::Empty);
    head.fields.set("Host", "a.test").unwrap();
    let stream = peers.ask(head);
    assert_eq!(peers.scene.asked, ["dial a.test:80"]);
    let (asked, _) = peers.origin().requests()[0];
    peers.origin().send(asked, response(200, "ok"));
    peers.settle();
    assert_eq!(peers.client.body(stream), b"ok");
    // What is asked for is no website of ours.
    let stream = peers.ask(request(Method::GET, "https://a.test/x", BodySize::Empty));
    assert_eq!(peers.client.status(stream), Some(400));

    let policy = policy(rules(), |settings| settings.http2.client = false);
    let mut scene = Scene::new(policy);
    scene.client("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert!(scene.at_client().starts_with("HTTP/1.1 "), "{}", scene.at_client());
    for method in ["POST", "PUT", "PRIVATE"] {
        let mut scene = Scene::usual();
        for byte in format!("{method} http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n").bytes() {
            scene.client([byte]);
        }
        assert_eq!(scene.asked, ["dial a.test:80"], "{method}");
    }
}

#[test]
fn a_tunnel_for_which_there_is_no_room_is_refused_alone() {
    let mut peers = Peers::at_the_proxy(Scene::usual(), Version::Http2);
    let tunnels: Vec<StreamId> = (0..2)
        .map(|_| peers.ask(request(Method::CONNECT, "a.test:443", BodySize::Empty)))
        .collect();
    let id = peers.scene.branches[1].id;
    peers.scene.give(Input::Crowded(id));
    peers.settle();
    assert_eq!(peers.client.status(tunnels[0]), None);
    assert_eq!(peers.client.status(tunnels[1]), Some(503));
    assert!(peers.client.has_ended(tunnels[1]));
    peers.scene.give(Input::Abort(CloseReason::ClientClosed));
    assert_eq!(peers.scene.records.last().unwrap().warnings.len(), 1);
}

#[test]
fn connect_gets_a_session_of_its_own() {
    let mut peers = Peers::at_the_proxy(Scene::usual(), Version::Http2);
    let mut outer = peers.ask(request(Method::CONNECT, "a.test:443", BodySize::Empty));
    assert_eq!(peers.scene.asked, [format!("branch s.{}", 2 * outer.number() + 1)]);
    let branch = peers.scene.branches.pop().unwrap();
    // The inner session is run as the driver would run it.
    let mut inner = Scene::with(branch.accepted, peers.scene.now);
    inner.client(peers.origin().taken());
    assert_eq!(inner.asked.len(), 0);
    let answer = inner.take_client();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    peers.scene.give(Input::Bytes(Wire::Origin(branch.id), answer.into()));
    peers.settle();
    assert_eq!(peers.client.status(outer), Some(200));
    peers.client.send(outer, [data("GET /blocked HTTP/1.1\r\nHost: a.test:443\r\n\r\n")]);
    peers.settle();
    inner.client(peers.origin().taken());
    let page = inner.take_client();
    assert!(page.starts_with("HTTP/1.1 403 "), "{page}");
    peers.scene.give(Input::Bytes(Wire::Origin(branch.id), page.clone().into()));
    peers.settle();
    assert_eq!(peers.client.body(outer), page.as_bytes());
    peers.scene.give(Input::Gone(Wire::Origin(branch.id)));
    peers.settle();
    assert!(peers.client.was_reset(outer));

    // A refusal is passed on, page and all.
    outer = peers.ask(request(Method::CONNECT, "refused.test:443", BodySize::Empty));
    let branch = peers.scene.branches.pop().unwrap();
    let mut inner = Scene::with(branch.accepted, peers.scene.now);
    inner.client(peers.origin().taken());
    let answer = inner.take_client();
    peers.scene.give(Input::Bytes(Wire::Origin(branch.id), answer.into()));
    peers.settle();
    assert_eq!(peers.client.status(outer), Some(403));
    assert!(peers.client.has_ended(outer) && !peers.client.body(outer).is_empty());
    assert!(!peers.scene.session.is_done());
}

#[test]
fn draining_lets_streams_end_and_takes_no_more() {
    let mut peers = h2(Scene::usual());
    let stream = peers.get("/");
    peers.scene.give(Input::Drain);
    peers.settle();
    let (asked, _) = peers.origin().requests()[0];
    peers.origin().send(asked, response(200, "the last"));
    peers.settle();
    assert_eq!(peers.client.body(stream), b"the last");
    assert!(!peers.client.codec.can_open());
    assert!(peers.scene.session.is_done());
    assert_eq!(peers.scene.sessions(), 1);
}

#[test]
fn what_is_no_http2_ends_every_transaction_with_its_record() {
    let mut peers = h2(Scene::usual());
    peers.get("/one");
    peers.get("/two");
    // A frame of the right length that no stream may begin with.
    peers.scene.client([0, 0, 4, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    peers.settle();
    assert!(peers.scene.session.is_done());
    assert_eq!((peers.scene.requests().len(), peers.scene.sessions()), (2, 1));
}

/// A request of HTTP/2 whose head announces no byte is one of HTTP/1.1 as soon as its head is out.
#[test]
fn a_request_without_a_byte_goes_out_with_its_end() {
    let asks = |flags| {
        let mut scene = Scene::usual();
        scene.client(frames::PREFACE);
        scene.client(frames::request(1, flags, "/x", &[("content-length", "0")]));
        scene
    };
    assert!(asks(frames::END_STREAM).at_origin().starts_with("POST /x HTTP/1.1\r\n"));
    for (flags, payload, reaches) in [
        (frames::END_STREAM, &b""[..], true),
        (frames::END_STREAM, b"GET / ", false),
        (0, b"GET / ", false),
    ] {
        let mut scene = asks(0);
        assert_eq!(scene.asked, ["dial a.test:80"]);
        assert_eq!(scene.at_origin(), "");
        scene.client(frames::frame(frames::DATA, flags, 1, payload));
        assert_eq!(scene.at_origin().starts_with("POST /x HTTP/1.1\r\n"), reaches);
        assert_eq!(scene.at_origin().is_empty(), !reaches, "{payload:?}");
    }
}

/// An inner session and the stream that it is run for, as far as the origin has been asked.
fn websocket_stream(peers: &mut Peers) -> (StreamId, OriginId, Scene) {
    peers.settle();
    let mut head = request(Method::CONNECT, "a.test:443", BodySize::Empty);
    head.target = Target::parse(&Method::GET, "https://a.test/ws".into()).unwrap();
    head.protocol = Some("websocket".into());
    head.fields.append("Sec-WebSocket-Version", "13").unwrap();
    let outer = peers.ask(head);
    let (id, inner) = peers.branch();
    assert_eq!(inner.asked, ["dial a.test:443"]);
    assert!(inner.at_origin().starts_with("GET /ws HTTP/1.1\r\n"), "{}", inner.at_origin());
    (outer, id, inner)
}

#[test]
fn a_websocket_is_a_stream() {
    let mut peers = Peers::inside(Scene::usual(), Version::Http2, Version::Http11);
    let (outer, id, mut inner) = websocket_stream(&mut peers);
    let asked = inner.at_origin();
    let key = asked.split("Sec-WebSocket-Key: ").nth(1).unwrap().lines().next().unwrap();
    inner.origin(format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        ws::accept(key.as_bytes())
    ));
    let answer = inner.take_client();
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    peers.scene.give(Input::Bytes(Wire::Origin(id), answer.into()));
    peers.settle();
    assert_eq!(peers.client.status(outer), Some(200));
    for (text, passes) in [(&b"\x81\x82\0\0\0\0hi"[..], true), (b"\x81\x86\0\0\0\0SECRET", false)] {
        peers.client.send(outer, [Event::Data(Bytes::from_static(text))]);
        peers.settle();
        let before = inner.to_origin.values().next_back().unwrap().len();
        inner.client(peers.origin().taken());
        let after = inner.to_origin.values().next_back().unwrap();
        assert_eq!(&after[before..] == text, passes);
    }
    let closed = std::mem::take(&mut inner.to_client);
    assert_eq!(&closed[2..4], 1008_u16.to_be_bytes());
    peers.scene.give(Input::Bytes(Wire::Origin(id), closed.clone().into()));
    peers.settle();
    assert_eq!(peers.client.body(outer), closed);
    inner.give(Input::Abort(CloseReason::ClientClosed));
    let record = inner.requests()[0];
    assert_eq!(record.decision.action, Some(gateway_log::Action::Block));
    assert_eq!(record.http.stream, Some(2 * outer.number() + 1));
    assert_eq!(record.http.version, "HTTP/2".into());
    assert_eq!(record.client.sni, "a.test".into());
    assert!(!peers.scene.session.is_done());
}

#[test]
fn a_success_that_is_no_websocket_is_an_error_of_the_stream() {
    for (answer, status) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 502),
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404),
    ] {
        let mut peers = Peers::inside(Scene::usual(), Version::Http2, Version::Http11);
        let (outer, id, mut inner) = websocket_stream(&mut peers);
        inner.origin(answer);
        let answer = inner.take_client();
        peers.scene.give(Input::Bytes(Wire::Origin(id), answer.into()));
        peers.settle();
        assert_eq!(peers.client.status(outer), Some(status));
        assert!(peers.client.has_ended(outer));
    }
}

#[test]
fn a_call_that_streams_may_be_slow_and_an_upload_may_not() {
    let wait = Duration::from_secs(30);
    for (media_type, status) in [("application/grpc+proto", None), ("text/plain", Some(408))] {
        let mut peers = h2(Scene::usual());
        let mut head = request(Method::POST, "/call", BodySize::Unknown);
        head.fields.append("Content-Type", media_type).unwrap();
        let stream = peers.ask(head);
        for _ in 0..3 {
            peers.client.send(stream, [data("a message.")]);
            peers.settle();
            peers.scene.after(wait);
            peers.settle();
            if status.is_some() {
                break;
            }
        }
        assert_eq!(peers.client.status(stream), status, "{media_type}");
    }
    // Where the origin has begun to speak, both are in a conversation.
    let mut peers = h2(Scene::usual());
    let stream = peers.ask(request(Method::POST, "/talk", BodySize::Unknown));
    peers.client.send(stream, [data("hello.")]);
    peers.settle();
    let (asked, _) = peers.origin().requests()[0];
    let mut head = ResponseHead::new(StatusCode::OK);
    head.body = BodySize::Unknown;
    peers.origin().send(asked, [Event::ResponseHead(Box::new(head)), data("go on.")]);
    peers.settle();
    peers.scene.after(wait);
    peers.client.send(stream, [data("so I do."), Event::End]);
    peers.settle();
    peers.origin().send(asked, [Event::End]);
    peers.settle();
    assert!(peers.client.has_ended(stream));
    assert_eq!(peers.origin().body(asked), b"hello.so I do.");
}

#[test]
fn redirects_and_limits_are_those_of_http11() {
    let mut peers = h2(Scene::usual());
    let moved = peers.get("/moved/y?z");
    assert_eq!(peers.client.status(moved), Some(302));
    let mut head = request(Method::GET, "/many", BodySize::Empty);
    for number in 0..200 {
        head.fields.append(&format!("x-{number}"), "1").unwrap();
    }
    let many = peers.ask(head);
    assert_eq!(peers.client.status(many), Some(431));
    let next = peers.get("/next");
    let (asked, _) = peers.origin().requests()[0];
    peers.origin().send(asked, response(200, "ok"));
    peers.settle();
    assert_eq!(peers.client.body(next), b"ok");
    let warnings = |peers: &Peers| peers.scene.records.last().unwrap().warnings.len();
    peers.scene.give(Input::Abort(CloseReason::ClientClosed));
    assert_eq!(warnings(&peers), 1);
}
