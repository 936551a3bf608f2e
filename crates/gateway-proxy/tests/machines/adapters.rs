//! Services that messages go through: what they are given, what goes on, and what a failure means.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway_h1h2::{BodySize, RequestHead, ResponseHead, StreamId, Target, Version};
use gateway_log::{Adaptation as Told, Direction};
use gateway_proxy::transaction::Leg;
use gateway_proxy::{
    AdaptInput, AdaptReport, Adapter, Input, Kept, Offer, OnFailure, Policy, ScanFailure, Takes,
    Wire,
};
use gateway_rules::{Filter, ParseOptions, RuleSet, Scheme};
use http::{Method, StatusCode};

use crate::peers::{Peers, response};
use crate::scene::{GET, OK, Reached, Scene, policy, post, rules, text};

const UP: Leg = Leg::Client;
const DOWN: Leg = Leg::Origin;

pub(crate) fn adapter(takes: Takes, on_failure: OnFailure) -> Adapter {
    Adapter { name: "icap".into(), takes, when: None, on_failure, kept_bytes_max: 64 << 10 }
}

pub(crate) fn through(adapter: Adapter) -> Arc<Policy> {
    policy(rules(), |settings| settings.adapters = vec![Arc::new(adapter)])
}

fn scene(takes: Takes, on_failure: OnFailure) -> Scene {
    Scene::new(through(adapter(takes, on_failure)))
}

/// The service says something of the message that was offered last from `leg`.
pub(crate) fn says(scene: &mut Scene, leg: Leg, report: AdaptReport) {
    let of = scene.adapted.iter().rev().find(|(_, of, _)| *of == leg);
    let stream = of.map_or(StreamId::new(0), |(stream, ..)| *stream);
    scene.give(Input::Adapt(stream, leg, report));
}

/// What was offered, then one word for all else.
fn given(scene: &Scene, leg: Leg) -> (Option<Offer>, String) {
    let mut offer = None;
    let mut rest = String::new();
    for (_, _, input) in scene.adapted.iter().filter(|(_, of, _)| *of == leg) {
        match input {
            AdaptInput::Offer(offered) => offer = Some((**offered).clone()),
            AdaptInput::Data(bytes) => rest.push_str(&String::from_utf8_lossy(bytes)),
            AdaptInput::End => rest.push_str("<end>"),
            AdaptInput::Cancel => rest.push_str("<cancel>"),
            AdaptInput::Credit(bytes) => rest.push_str(&format!("<{bytes}>")),
            other => rest.push_str(&format!("{other:?}")),
        }
    }
    (offer, rest)
}

fn request_head(method: Method, target: &str, fields: &[(&str, &str)]) -> AdaptReport {
    let target = Target::parse(&method, Bytes::copy_from_slice(target.as_bytes())).unwrap();
    let mut head = RequestHead::new(method, target);
    for (name, value) in fields {
        head.fields.append(name, value).unwrap();
    }
    head.body = BodySize::Unknown;
    AdaptReport::Request(Box::new(head))
}

fn response_head(status: u16) -> AdaptReport {
    let mut head = ResponseHead::new(StatusCode::from_u16(status).unwrap());
    head.fields.append("X-By", "icap").unwrap();
    head.body = BodySize::Unknown;
    AdaptReport::Response(Box::new(head))
}

fn data(text: &str) -> AdaptReport {
    AdaptReport::Data(Bytes::copy_from_slice(text.as_bytes()))
}

/// What the record of the first request tells.
fn told(scene: &Scene) -> Vec<Told> {
    scene.requests()[0].inspection.adaptations.clone()
}

fn outcomes(scene: &Scene) -> Vec<&'static str> {
    told(scene).iter().map(|told| told.outcome.as_str()).collect()
}

#[test]
fn what_is_unmodified_goes_on_as_it_was() {
    let mut scene = scene(Takes::Both, OnFailure::Block);
    scene.client(post("hello"));
    let (offer, body) = given(&scene, UP);
    let offer = offer.unwrap();
    assert_eq!(offer.request.target.to_string(), "http://a.test/x");
    assert_eq!((offer.request.body, offer.kept), (BodySize::Length(5), Kept::Whole));
    assert_eq!(offer.client, Some([192, 0, 2, 7].into()));
    assert!(offer.request.fields.get("via").is_none());
    assert_eq!(body, "hello<end>");
    assert_eq!(scene.at_origin(), "", "nothing leaves before the service has spoken");

    let istag = "\"t\"".to_owned();
    says(&mut scene, UP, AdaptReport::Told { istag, finding: None });
    says(&mut scene, UP, AdaptReport::Unmodified);
    let sent = scene.at_origin();
    assert!(sent.starts_with("POST /x HTTP/1.1\r\nHost: a.test\r\n"), "{sent}");
    assert!(sent.contains("Via: 1.1 gateway\r\n") && sent.ends_with("\r\n\r\nhello"), "{sent}");
    assert!(sent.contains("Content-Length: 5\r\n"), "{sent}");

    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A: b\r\nConnection: close\r\n\r\nabc");
    let (offer, body) = given(&scene, DOWN);
    let offer = offer.unwrap();
    assert_eq!(offer.request.target.to_string(), "http://a.test/x");
    let response = offer.response.unwrap();
    assert_eq!((response.fields.get("x-a"), response.body), (Some(&b"b"[..]), BodySize::Length(3)));
    assert_eq!(response.fields.get("connection"), None);
    assert_eq!(body, "abc<end>");
    assert_eq!(scene.at_client(), "");
    says(&mut scene, DOWN, AdaptReport::Unmodified);
    assert!(scene.at_client().ends_with("\r\n\r\nabc"), "{}", scene.at_client());
    assert_eq!(outcomes(&scene), ["unchanged", "unchanged"]);
    let told = told(&scene);
    assert_eq!((told[0].direction, told[1].direction), (Direction::Upload, Direction::Download));
    assert_eq!((text(&told[0].service), text(&told[0].istag)), ("icap", "\"t\""));
    assert_eq!((told[0].bytes, told[1].bytes), (5, 3));
}

#[test]
fn a_changed_message_goes_where_the_original_was_going() {
    let mut scene = scene(Takes::Both, OnFailure::Block);
    scene.client(post("hello"));
    let fields = [("Host", "a.test:80"), ("X-New", "1"), ("Connection", "X-Hop"), ("X-Hop", "2")];
    says(&mut scene, UP, request_head(Method::PUT, "http://a.test/y", &fields));
    says(&mut scene, UP, data("other"));
    says(&mut scene, UP, AdaptReport::End);
    let sent = scene.at_origin();
    assert!(sent.starts_with("PUT /y HTTP/1.1\r\nHost: a.test\r\n"), "{sent}");
    assert!(sent.contains("X-New: 1\r\n") && sent.contains("Via: "), "{sent}");
    assert!(!sent.contains("X-Hop"), "{sent}");
    assert!(sent.ends_with("5\r\nother\r\n0\r\n\r\n"), "{sent}");
    scene.origin(OK);
    says(&mut scene, DOWN, response_head(203));
    says(&mut scene, DOWN, data("new"));
    says(&mut scene, DOWN, AdaptReport::End);
    let got = scene.at_client();
    assert!(got.starts_with("HTTP/1.1 203") && got.contains("X-By: icap"), "{got}");
    assert!(got.ends_with("3\r\nnew\r\n0\r\n\r\n"), "{got}");
    assert_eq!(outcomes(&scene), ["changed", "changed"]);
    let record = scene.requests()[0];
    assert_eq!((record.bytes.from_client, record.bytes.to_origin), (Some(5), Some(5)));
    assert_eq!((record.bytes.from_origin, record.bytes.to_client), (Some(2), Some(3)));
}

/// The service returns the first part, and the rest is that of the original: what has come of it, and what
/// comes later.
#[test]
fn the_rest_of_a_message_that_is_returned_in_part_is_the_original() {
    // The length that is told, what comes before and behind the answer, and where the original goes on.
    for (length, before, behind, from, expected) in [
        (10, "0123456789", "", 4, Some("new456789")),
        (100_000, "0123456789", "abc", 4, Some("new456789abc")),
        (100_000, "0123456789", "abc", 10, Some("newabc")),
        (10, "0123456789", "", 0, Some("new0123456789")),
        (10, "0123456789", "", 11, None),
    ] {
        let mut scene = scene(Takes::Responses, OnFailure::Block);
        scene.client(GET);
        scene.origin(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{before}"));
        says(&mut scene, DOWN, AdaptReport::Partial);
        says(&mut scene, DOWN, response_head(200));
        says(&mut scene, DOWN, data("new"));
        says(&mut scene, DOWN, AdaptReport::Wanted);
        if !behind.is_empty() {
            scene.origin(behind);
        }
        says(&mut scene, DOWN, AdaptReport::Original(from));
        let text = scene.at_client();
        let is_passed = text.contains("X-By: icap\r\n");
        assert_eq!(is_passed, expected.is_some(), "{length} {from}: {text}");
        let body: String = text
            .split("\r\n")
            .skip_while(|line| !line.is_empty())
            .skip(1)
            .enumerate()
            .filter(|(number, _)| number % 2 == 1)
            .map(|(_, line)| line)
            .collect();
        match expected {
            Some(expected) => assert_eq!(body, expected, "{length} {from}: {text}"),
            None => assert!(text.starts_with("HTTP/1.1 403 "), "{text}"),
        }
        if length == 10 && expected.is_some() {
            assert_eq!(outcomes(&scene), ["changed"]);
        }
    }
}

#[test]
fn a_request_that_leads_elsewhere_is_a_failure() {
    for (target, host) in [
        ("http://b.test/x", "a.test"),
        ("https://a.test/x", "a.test"),
        ("http://a.test:81/x", "a.test:81"),
        ("/x", "b.test"),
    ] {
        let mut scene = scene(Takes::Requests, OnFailure::Block);
        scene.client(GET);
        says(&mut scene, UP, request_head(Method::GET, target, &[("Host", host)]));
        assert_eq!(scene.at_origin(), "", "{target}");
        assert!(scene.at_client().starts_with("HTTP/1.1 403"), "{target}");
        assert_eq!(text(&told(&scene)[0].detail), "misdirected");
    }
}

#[test]
fn an_answer_takes_the_origins_place_and_is_looked_at_like_one() {
    for (body, status) in [("blocked by icap", 403), ("it holds a SECRET here", 403)] {
        let mut scene = scene(Takes::Both, OnFailure::Block);
        scene.client(post("hello"));
        let told_finding = Some("Eicar".to_owned());
        let report = AdaptReport::Told { istag: String::new(), finding: told_finding };
        says(&mut scene, UP, report);
        says(&mut scene, UP, response_head(status));
        says(&mut scene, UP, data(body));
        says(&mut scene, UP, AdaptReport::End);
        assert_eq!(scene.at_origin(), "");
        assert!(given(&scene, DOWN).0.is_none(), "an answer goes through no other service");
        let got = scene.at_client();
        let is_page = body.contains("SECRET");
        assert_eq!(got.contains("X-By: icap"), !is_page, "{got}");
        assert_eq!(got.contains(body), !is_page, "{got}");
        let log = scene.log();
        assert_eq!(log.contains("\"PolicyID\":\"down\""), is_page, "{log}");
        assert!(
            log.contains("\"MatchedSignatures\":[{\"Direction\":\"upload\",\"Name\":\"Eicar\"")
        );
        assert_eq!(text(&told(&scene)[0].finding), "Eicar");
        // The next request finds its connection in order.
        scene.take_client();
        scene.client(GET);
        says(&mut scene, UP, AdaptReport::Unmodified);
        assert!(scene.at_origin().starts_with("GET /x"), "{}", scene.at_origin());
    }
}

#[test]
fn an_answer_may_come_before_the_request_has_ended() {
    let mut scene = scene(Takes::Requests, OnFailure::Block);
    let whole = post(&"a".repeat(1_000));
    scene.client(&whole[..whole.len() - 500]);
    says(&mut scene, UP, response_head(403));
    says(&mut scene, UP, data("no"));
    says(&mut scene, UP, AdaptReport::End);
    assert!(scene.at_client().ends_with("2\r\nno\r\n0\r\n\r\n"), "{}", scene.at_client());
    assert_eq!(scene.requests().len(), 1);
}

#[test]
fn what_a_service_returns_is_inspected() {
    let mut scene = scene(Takes::Responses, OnFailure::Block);
    scene.client(GET);
    scene.origin(OK);
    says(&mut scene, DOWN, response_head(200));
    says(&mut scene, DOWN, data("a SECRET"));
    says(&mut scene, DOWN, AdaptReport::End);
    assert!(scene.at_client().starts_with("HTTP/1.1 403"), "{}", scene.at_client());
    assert!(scene.log().contains("\"PolicyID\":\"down\""));
}

#[test]
fn failures_follow_the_failure_policy() {
    for failure in [
        ScanFailure::Broken,
        ScanFailure::Busy,
        ScanFailure::Garbled,
        ScanFailure::Refused,
        ScanFailure::TimedOut,
        ScanFailure::Unreachable,
    ] {
        for leg in [UP, DOWN] {
            let takes = if leg == UP { Takes::Requests } else { Takes::Responses };
            let ask = |on_failure| {
                let mut scene = scene(takes, on_failure);
                scene.client(post("hello"));
                if leg == DOWN {
                    scene.origin(OK);
                }
                says(&mut scene, leg, AdaptReport::Failed(failure));
                scene
            };
            let closed = ask(OnFailure::Block);
            assert!(closed.at_client().starts_with("HTTP/1.1 403"), "{failure:?} {leg:?}");
            assert_eq!(closed.at_origin().is_empty(), leg == UP);
            let log = closed.log();
            assert!(log.contains(&format!("No verdict of icap: {}", failure.name())), "{log}");
            assert_eq!(outcomes(&closed), ["failed"]);
            assert_eq!(text(&told(&closed)[0].detail), failure.name());

            let mut open = ask(OnFailure::Allow);
            assert!(open.at_origin().ends_with("\r\n\r\nhello"), "{failure:?} {leg:?}");
            if leg == UP {
                open.origin(OK);
            }
            assert!(open.at_client().ends_with("\r\n\r\nok"), "{failure:?} {leg:?}");
            assert_eq!(outcomes(&open), ["bypassed"]);
        }
    }
}

#[test]
fn what_fails_in_the_middle_of_its_answer_is_cut() {
    for on_failure in [OnFailure::Block, OnFailure::Allow] {
        let mut down = scene(Takes::Responses, on_failure);
        down.client(GET);
        down.origin(OK);
        says(&mut down, DOWN, response_head(200));
        says(&mut down, DOWN, data("half"));
        assert!(down.at_client().contains("half"), "{}", down.at_client());
        says(&mut down, DOWN, AdaptReport::Failed(ScanFailure::Broken));
        assert!(!down.at_client().ends_with("0\r\n\r\n"), "never a clean end");
        assert!(down.closed.contains_key(&Wire::Client));
        assert_eq!(outcomes(&down), ["failed"]);

        let mut up = scene(Takes::Requests, on_failure);
        up.client(post("hello"));
        says(&mut up, UP, request_head(Method::POST, "/x", &[("Host", "a.test")]));
        says(&mut up, UP, data("half"));
        says(&mut up, UP, AdaptReport::Failed(ScanFailure::Broken));
        assert!(up.at_origin().contains("half") && !up.at_origin().ends_with("0\r\n\r\n"));
        assert!(up.at_client().starts_with("HTTP/1.1 403"), "{}", up.at_client());
    }
}

#[test]
fn what_comes_out_of_turn_is_a_failure() {
    for reports in [
        vec![data("x")],
        vec![AdaptReport::End],
        vec![response_head(103)],
        vec![request_head(Method::GET, "/x", &[])],
        vec![response_head(200), response_head(200)],
        vec![response_head(200), AdaptReport::Unmodified],
    ] {
        let mut scene = scene(Takes::Responses, OnFailure::Block);
        scene.client(GET);
        scene.origin(OK);
        for report in reports.clone() {
            says(&mut scene, DOWN, report);
        }
        assert!(scene.at_client().starts_with("HTTP/1.1 403"), "{reports:?}");
        assert!(given(&scene, DOWN).1.ends_with("<cancel>"), "{reports:?}");
        assert_eq!(text(&told(&scene)[0].detail), "garbled");
    }
}

#[test]
fn a_declined_message_goes_on() {
    let mut scene = scene(Takes::Responses, OnFailure::Block);
    scene.client(GET);
    scene.origin(OK);
    says(&mut scene, DOWN, AdaptReport::Declined);
    assert!(scene.at_client().ends_with("\r\n\r\nok"));
    assert_eq!(outcomes(&scene), ["declined"]);
}

#[test]
fn trailers_are_kept() {
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: y\r\n\r\n";
    for changed in [false, true] {
        let mut scene = scene(Takes::Responses, OnFailure::Block);
        scene.client(GET);
        scene.origin(chunked);
        if changed {
            says(&mut scene, DOWN, response_head(200));
            says(&mut scene, DOWN, data("abc"));
            says(&mut scene, DOWN, AdaptReport::End);
        } else {
            says(&mut scene, DOWN, AdaptReport::Unmodified);
        }
        assert!(scene.at_client().ends_with("3\r\nabc\r\n0\r\nX-T: y\r\n\r\n"), "{changed}");
    }
}

/// Sends of a long body as much as there is credit for.
fn fill(scene: &mut Scene, wire: Wire) -> u64 {
    let mut sent = 0;
    while scene.session.wants(wire) && sent < 8_000_000 {
        scene.give(Input::Bytes(wire, Bytes::from(vec![b'a'; 10_000])));
        sent += 10_000;
    }
    sent
}

#[test]
fn memory_is_bounded_while_a_service_has_a_long_body() {
    let mut scene = scene(Takes::Responses, OnFailure::Block);
    scene.client(GET);
    let wire = Wire::Origin(scene.last_origin());
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n");
    let offer = given(&scene, DOWN).0.unwrap();
    assert_eq!(offer.kept, Kept::Preview(64 << 10));
    // While it may still say that the original goes on, all of that is kept.
    let sent = fill(&mut scene, wire);
    assert!((64_000..400_000).contains(&sent), "{sent}");
    says(&mut scene, DOWN, AdaptReport::Taken(1_024));
    assert_eq!(fill(&mut scene, wire), 0);
    // It wants the rest: what it has taken makes room.
    says(&mut scene, DOWN, AdaptReport::Wanted);
    let more = fill(&mut scene, wire);
    assert!(more > 0 && sent + more < 900_000, "{more}");
    says(&mut scene, DOWN, AdaptReport::Taken(sent + more - 1_024));
    assert!(fill(&mut scene, wire) > 0);
    // The original is no longer there to go on.
    says(&mut scene, DOWN, AdaptReport::Failed(ScanFailure::Broken));
    assert!(scene.at_client().starts_with("HTTP/1.1 403"));

    let mut open = self::scene(Takes::Responses, OnFailure::Allow);
    open.client(GET);
    open.origin("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n");
    says(&mut open, DOWN, AdaptReport::Wanted);
    let wire = Wire::Origin(open.last_origin());
    fill(&mut open, wire);
    says(&mut open, DOWN, AdaptReport::Failed(ScanFailure::Broken));
    assert!(open.at_client().starts_with("HTTP/1.1 403"), "{}", open.at_client());
}

#[test]
fn an_upload_waits_for_its_service() {
    let mut scene = scene(Takes::Requests, OnFailure::Block);
    scene
        .client("POST http://a.test/x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 9000000\r\n\r\n");
    scene.client([b'a'; 1_000]);
    says(&mut scene, UP, AdaptReport::Wanted);
    let sent = fill(&mut scene, Wire::Client);
    assert!((256_000..900_000).contains(&sent), "{sent}");
    assert_eq!(scene.at_origin(), "");
    // A client that is kept waiting is not slow.
    scene.after(Duration::from_secs(70));
    assert!(scene.requests().is_empty(), "{}", scene.at_client());
    says(&mut scene, UP, AdaptReport::Taken(sent));
    assert!(fill(&mut scene, Wire::Client) > 0);
}

#[test]
fn an_origin_that_goes_silent_while_a_service_waits_is_given_up() {
    for on_failure in [OnFailure::Block, OnFailure::Allow] {
        let mut scene = scene(Takes::Responses, on_failure);
        scene.client(GET);
        scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        scene.after(Duration::from_secs(59));
        assert!(scene.requests().is_empty());
        scene.after(Duration::from_secs(2));
        assert!(scene.at_client().starts_with("HTTP/1.1 502"), "{}", scene.at_client());
        assert!(given(&scene, DOWN).1.ends_with("<cancel>"));
    }
}

#[test]
fn a_broken_original_is_no_original() {
    let mut scene = scene(Takes::Responses, OnFailure::Allow);
    scene.client(GET);
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    let wire = Wire::Origin(scene.last_origin());
    scene.give(Input::End(wire));
    assert!(scene.at_client().starts_with("HTTP/1.1 502"), "{}", scene.at_client());
    says(&mut scene, DOWN, AdaptReport::Unmodified);
    assert_eq!(scene.requests().len(), 1);
    assert_eq!(outcomes(&scene), ["abandoned"]);
}

#[test]
fn credit_for_an_answer_comes_when_it_has_gone_on() {
    let mut scene = scene(Takes::Responses, OnFailure::Block);
    scene.client(GET);
    scene.origin(OK);
    says(&mut scene, DOWN, response_head(200));
    says(&mut scene, DOWN, data("abcde"));
    assert_eq!(given(&scene, DOWN).1, "ok<end><5>");
}

#[test]
fn answers_without_a_body_stay_without_one() {
    let mut scene = scene(Takes::Responses, OnFailure::Block);
    scene.client("HEAD http://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n");
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    let (offer, rest) = given(&scene, DOWN);
    assert_eq!(offer.unwrap().response.unwrap().body, BodySize::Empty);
    assert_eq!(rest, "<end>");
    says(&mut scene, DOWN, response_head(403));
    says(&mut scene, DOWN, data("a page"));
    says(&mut scene, DOWN, AdaptReport::End);
    assert!(scene.at_client().starts_with("HTTP/1.1 403") && !scene.at_client().contains("page"));
    assert_eq!(scene.requests().len(), 1);
}

#[test]
fn what_a_service_is_to_look_at_comes_whole() {
    let get = "GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\nRange: bytes=5-\r\n\r\n";
    for (takes, asked_in_parts) in [(Takes::Responses, false), (Takes::Requests, true)] {
        let policy = policy(Vec::new(), |settings| {
            settings.adapters = vec![Arc::new(adapter(takes, OnFailure::Block))];
        });
        let mut scene = Scene::new(policy);
        scene.client(get);
        says(&mut scene, UP, AdaptReport::Unmodified);
        assert_eq!(scene.at_origin().contains("Range: "), asked_in_parts, "{}", scene.at_origin());
    }
}

#[test]
fn only_what_the_condition_names_goes_through() {
    let filter = r#"http.request.uri.path == "/x" and http.response.status_code == 200"#;
    let filter = Filter::parse(&Scheme::gateway(), filter, &ParseOptions::default()).unwrap();
    let mut known = RuleSet::none(&Scheme::gateway());
    known.read_also(filter.fields());
    let mut policy =
        (*through(Adapter { when: Some(filter), ..adapter(Takes::Responses, OnFailure::Block) }))
            .clone();
    policy.rules = Arc::new(known);
    for (path, status, goes) in [("x", 200, true), ("x", 404, false), ("y", 200, false)] {
        let mut scene = Scene::new(Arc::new(policy.clone()));
        scene.client(format!("GET http://a.test/{path} HTTP/1.1\r\nHost: a.test\r\n\r\n"));
        scene.origin(format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n"));
        assert_eq!(given(&scene, DOWN).0.is_some(), goes, "{path} {status}");
        assert_eq!(scene.at_client().is_empty(), goes);
    }
}

#[test]
fn rules_come_first_and_do_not_inspect_means_that() {
    let mut scene = scene(Takes::Both, OnFailure::Block);
    scene.client("GET http://a.test/blocked HTTP/1.1\r\nHost: a.test\r\n\r\n");
    assert!(scene.at_client().starts_with("HTTP/1.1 403") && scene.adapted.is_empty());
    let mut scene = self::scene(Takes::Both, OnFailure::Block);
    scene.client(post("a SECRET"));
    assert!(scene.at_client().starts_with("HTTP/1.1 403") && scene.adapted.is_empty());
}

#[test]
fn a_client_is_not_kept_waiting_for_100_continue() {
    let mut scene = scene(Takes::Requests, OnFailure::Block);
    scene.client(
        "POST http://a.test/x HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\n\
         Content-Length: 2\r\n\r\n",
    );
    assert!(scene.take_client().starts_with("HTTP/1.1 100"));
    scene.client("ab");
    assert_eq!(given(&scene, UP).1, "ab<end>");
    says(&mut scene, UP, AdaptReport::Unmodified);
    assert!(!scene.at_origin().contains("Expect"), "{}", scene.at_origin());
}

const OFFER: &str = "GET http://a.test/ws HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

#[test]
fn an_offer_of_websocket_keeps_its_meaning() {
    for changed in [false, true] {
        let mut scene = scene(Takes::Both, OnFailure::Block);
        scene.client(OFFER);
        let offer = given(&scene, UP).0.unwrap();
        assert!(offer.request.fields.get("upgrade").is_none());
        if changed {
            let fields = [
                ("Host", "a.test"),
                ("Sec-WebSocket-Version", "13"),
                ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
                ("X-New", "1"),
            ];
            let mut report = request_head(Method::GET, "http://a.test/ws", &fields);
            if let AdaptReport::Request(head) = &mut report {
                head.body = BodySize::Empty;
            }
            says(&mut scene, UP, report);
            says(&mut scene, UP, AdaptReport::End);
        } else {
            says(&mut scene, UP, AdaptReport::Unmodified);
        }
        let sent = scene.at_origin().to_lowercase();
        assert!(sent.contains("upgrade: websocket\r\n"), "{sent}");
        assert!(sent.contains("connection: upgrade\r\n"), "{sent}");
        scene.origin(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        );
        assert!(given(&scene, DOWN).0.is_none());
        assert!(scene.at_client().starts_with("HTTP/1.1 101"), "{}", scene.at_client());
    }
}

#[test]
fn a_service_ends_with_its_request() {
    let mut scene = scene(Takes::Both, OnFailure::Allow);
    scene.client(GET);
    scene.give(Input::Gone(Wire::Client));
    assert_eq!(given(&scene, UP).1, "<end><cancel>");
    says(&mut scene, UP, AdaptReport::Unmodified);
    assert_eq!(scene.requests().len(), 1);
    assert_eq!(outcomes(&scene), ["abandoned"]);
}

#[test]
fn an_origin_that_closed_while_the_service_had_the_request_is_dialled_anew() {
    for (takes, reached) in [(Takes::Requests, Reached::New), (Takes::Requests, Reached::Reused)] {
        let mut scene = scene(takes, OnFailure::Block);
        scene.reached = vec![reached, Reached::New];
        scene.client(post("hello"));
        let first = scene.last_origin();
        scene.give(Input::End(Wire::Origin(first)));
        says(&mut scene, UP, AdaptReport::Unmodified);
        assert_ne!(scene.last_origin(), first);
        assert!(scene.at_origin().ends_with("\r\n\r\nhello"), "{}", scene.at_origin());
        scene.origin(OK);
        assert!(scene.at_client().ends_with("\r\n\r\nok"), "{}", scene.at_client());
        assert_eq!(outcomes(&scene), ["unchanged"]);
    }
}

#[test]
fn what_a_service_changed_is_sent_again_as_it_left() {
    let mut scene = scene(Takes::Requests, OnFailure::Block);
    scene.reached = vec![Reached::Reused, Reached::New];
    scene.client("PUT http://a.test/x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\n\r\nab");
    says(&mut scene, UP, request_head(Method::PUT, "/y", &[("X-New", "1")]));
    says(&mut scene, UP, data("first"));
    let first = scene.last_origin();
    scene.give(Input::End(Wire::Origin(first)));
    assert_ne!(scene.last_origin(), first);
    says(&mut scene, UP, data("second"));
    says(&mut scene, UP, AdaptReport::End);
    let sent = scene.at_origin();
    assert!(sent.starts_with("PUT /y HTTP/1.1\r\n") && sent.contains("X-New: 1"), "{sent}");
    assert_eq!(sent.matches("Via: ").count(), 1, "{sent}");
    assert!(sent.ends_with("5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n"), "{sent}");
    let offers = scene.adapted.iter().filter(|(.., i)| matches!(i, AdaptInput::Offer(_)));
    assert_eq!(offers.count(), 1);
}

#[test]
fn fields_after_a_request_follow_its_body() {
    let mut scene = scene(Takes::Requests, OnFailure::Block);
    scene.client(
        "POST http://a.test/x HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n\
         2\r\nab\r\n0\r\nX-T: y\r\n\r\n",
    );
    says(&mut scene, UP, AdaptReport::Unmodified);
    assert!(scene.at_origin().ends_with("2\r\nab\r\n0\r\nX-T: y\r\n\r\n"), "{}", scene.at_origin());
}

#[test]
fn streams_go_through_the_service_by_themselves_whatever_the_two_sides_speak() {
    for (client, origin) in [
        (Version::Http2, Version::Http2),
        (Version::Http2, Version::Http11),
        (Version::Http11, Version::Http2),
    ] {
        let scene = scene(Takes::Both, OnFailure::Block);
        let mut peers = Peers::inside(scene, client, origin);
        let all = if client == Version::Http2 { 3 } else { 1 };
        let streams: Vec<StreamId> = (0..all).map(|n| peers.get(&format!("/{n}"))).collect();
        // The session has its own names for them.
        let own: Vec<StreamId> = peers.scene.adapted.iter().map(|(stream, ..)| *stream).collect();
        let own: Vec<StreamId> = own.chunks(2).map(|of_one| of_one[0]).collect();
        // The last one is let go first; none takes the connection of another.
        for (number, stream) in own.iter().enumerate().rev() {
            peers.scene.give(Input::Adapt(*stream, UP, AdaptReport::Unmodified));
            peers.settle();
            let path = format!("/{number}");
            let asked = peers.origins.values_mut().find_map(|origin| {
                let of_path = |head: &RequestHead| {
                    head.target.path_and_query().is_some_and(|found| found.as_str() == path)
                };
                let asked = origin.requests().into_iter().find(|(_, head)| of_path(head));
                let asked = asked.map(|(asked, _)| asked)?;
                origin.send(asked, response(200, &path));
                Some(asked)
            });
            assert!(asked.is_some(), "{client:?} {origin:?} {path}");
        }
        peers.settle();
        for (number, stream) in streams.iter().enumerate() {
            peers.scene.give(Input::Adapt(own[number], DOWN, AdaptReport::Unmodified));
            peers.settle();
            assert_eq!(peers.client.body(*stream), format!("/{number}").as_bytes());
            assert!(peers.client.has_ended(*stream));
        }
        assert_eq!(peers.scene.requests().len(), all);
        if origin == Version::Http2 {
            assert_eq!(peers.origins.len(), 1);
        }
    }
}
