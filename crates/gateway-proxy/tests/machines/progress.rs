//! Pages that stand for downloads: who gets one, what goes on behind it, and how it ends; and requests for what
//! is kept.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway_h1h2::{BodySize, Event, ResponseHead, StreamId};
use gateway_inspect::{HoldPolicy, PartKind, Profile};
use gateway_log::{Action as Done, CloseReason};
use gateway_proxy::{
    DeferInput, DeferReport, Deferred, Input, PickupInput, PickupReport, Policy, Release, Running,
    Scanner, Ticket, Wire,
};
use http::StatusCode;

use crate::scene::{GET, Scene, Secrets, policy, rules, text};

/// A browser goes to a page.
const NAVIGATE: &str = "GET http://a.test/d/x.gif?q HTTP/1.1\r\nHost: a.test\r\n\
    Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nAccept: text/html\r\n\r\n";
const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 300\r\nETag: \"v1\"\r\n\
    Content-Disposition: attachment\r\n\r\n";
const TICKET: Ticket = Ticket::new([0xab; 16]);
const HELD_BYTES_MAX: u64 = 64 << 10;

fn address() -> String {
    format!("/.well-known/gateway/download/{}/x.gif", "ab".repeat(16))
}

/// Looks for the word, and has a page for GIFs that take longer than `after`; who cannot have one gets them
/// as `otherwise` says.
fn behind_page(after: Duration, otherwise: HoldPolicy) -> Arc<Policy> {
    let mut release = Release::default();
    release.set_behind_page(PartKind::Gif, otherwise);
    release.set_page_after(after);
    let mut policy = (*policy(rules(), |settings| {
        settings.release = Arc::new(release);
        settings.limits.inspect.held_bytes_max = HELD_BYTES_MAX;
    }))
    .clone();
    let examiner = Arc::new(Secrets::of(Profile::new("words")));
    policy.scanners = vec![Scanner { name: "dlp", examiner, hold: HoldPolicy::Tail(10) }];
    Arc::new(policy)
}

fn at_once() -> Arc<Policy> {
    behind_page(Duration::ZERO, HoldPolicy::Whole)
}

/// The first 200 bytes of 300.
fn gif() -> String {
    format!("GIF89a{}", "a".repeat(194))
}

fn opened(scene: &Scene) -> Option<(StreamId, &Deferred)> {
    scene.deferred.iter().find_map(|(stream, input)| match input {
        DeferInput::Open(download) => Some((*stream, &**download)),
        _ => None,
    })
}

/// A download behind its page, of which 200 bytes have come.
fn begun(policy: Arc<Policy>) -> (Scene, StreamId) {
    let mut scene = Scene::new(policy);
    scene.client(NAVIGATE);
    scene.origin(format!("{HEAD}{}", gif()));
    assert_eq!(scene.at_client(), "", "nothing leaves before there is a place for it");
    let (stream, download) = opened(&scene).expect("a place is asked for");
    assert_eq!(download.url, "http://a.test/d/x.gif?q");
    assert_eq!(download.length, Some(300));
    assert_eq!(download.waiter.client.to_string(), "192.0.2.7");
    assert_eq!(download.waiter.origin, "http://a.test:80");
    scene.give(Input::Deferred(stream, DeferReport::Opened(TICKET)));
    (scene, stream)
}

/// The bytes that were given to whoever keeps them, and how they end.
fn kept(scene: &Scene) -> (Vec<u8>, String) {
    let (mut bytes, mut rest) = (Vec::new(), Vec::new());
    for (_, input) in &scene.deferred {
        match input {
            DeferInput::Open(_) => {}
            DeferInput::Event(Event::Data(data)) => bytes.extend_from_slice(data),
            DeferInput::Event(Event::ResponseHead(head)) => {
                rest.push(format!("{}", head.status.as_u16()));
            }
            DeferInput::Event(Event::Reset(_)) => rest.push("reset".into()),
            DeferInput::Event(event) => rest.push(format!("{event:?}")),
            DeferInput::Refused(id, _) => rest.push(format!("refused by {id}")),
            other => rest.push(format!("{other:?}")),
        }
    }
    (bytes, rest.join(" "))
}

#[test]
fn what_a_page_stands_for_goes_on_without_the_client() {
    let (mut scene, _) = begun(at_once());
    let page = scene.take_client();
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    assert!(page.contains("Cache-Control: no-store\r\n") && !page.contains("GIF89a"), "{page}");
    assert!(page.contains(&format!("content=\"2;url={}\"", address())), "{page}");
    assert!(page.contains("value=\"66\""), "{page}");
    assert!(page.to_lowercase().contains("connection: close"), "{page}");
    assert!(scene.closed.contains_key(&Wire::Client), "the page is the last answer");
    assert_eq!(kept(&scene), (gif().into(), "200".into()));
    scene.give(Input::Gone(Wire::Client));
    assert!(!scene.session.is_done() && scene.records.is_empty());
    assert!(scene.session.deadline().is_some());

    scene.origin("b".repeat(99));
    assert_eq!(kept(&scene).1, "200", "its end waits for the last byte");
    scene.origin("b");
    let (bytes, rest) = kept(&scene);
    assert_eq!(bytes, format!("{}{}", gif(), "b".repeat(100)).into_bytes());
    assert_eq!(rest, "200 End");
    assert_eq!(scene.take_client(), "");
    let record = scene.requests()[0];
    assert_eq!(text(&record.inspection.release.mode), "progress");
    assert_eq!(record.decision.action, Some(Done::Allow));
    assert_eq!((record.bytes.from_origin, record.bytes.to_client), (Some(300), Some(0)));
    assert_eq!(record.close_reason, None);
    assert!(scene.session.is_done() && scene.sessions() == 1);
}

#[test]
fn what_is_found_behind_a_page_is_refused_and_its_rest_with_it() {
    let policy = at_once();
    let (mut scene, _) = begun(policy.clone());
    scene.origin(format!("{}SECRET", "b".repeat(20)));
    let (bytes, rest) = kept(&scene);
    assert_eq!(rest, "200 refused by down reset");
    assert!(bytes.len() <= 226, "no more than came");
    let record = scene.requests()[0];
    assert_eq!(record.decision.action, Some(Done::Block));
    assert_eq!(text(&record.decision.policy_id), "down");
    assert_eq!(text(&record.inspection.release.mode), "progress");
    assert_eq!(record.bytes.released_before_block, Some(0));
    assert!(scene.session.is_done() && scene.sessions() == 1);

    let mut again = Scene::new(policy);
    again.client(NAVIGATE.replace("Accept:", "Range: bytes=100-\r\nAccept:"));
    assert!(again.at_client().starts_with("HTTP/1.1 403 "), "{}", again.at_client());
}

#[test]
fn whoever_is_no_browser_gets_it_otherwise() {
    let ranged = NAVIGATE.replace("Accept:", "Range: bytes=0-\r\nAccept:");
    let image = NAVIGATE.replace("document", "image");
    for (otherwise, leaves) in [(HoldPolicy::Whole, 0), (HoldPolicy::Tail(50), 150)] {
        for (request, head) in [
            (GET, HEAD),
            (ranged.as_str(), HEAD),
            (image.as_str(), HEAD),
            (NAVIGATE, &HEAD.replace("200 OK", "404 No")),
        ] {
            let mut scene = Scene::new(behind_page(Duration::ZERO, otherwise));
            scene.client(request);
            scene.origin(format!("{head}{}", gif()));
            assert!(scene.deferred.is_empty(), "{request}");
            let left = scene.at_client().split_once("\r\n\r\n").map_or(0, |(_, body)| body.len());
            assert_eq!(left, leaves, "{request}");
            scene.origin("b".repeat(100));
            assert!(scene.at_client().ends_with("b"), "{request}");
            let mode = if otherwise == HoldPolicy::Whole { "hold" } else { "tail" };
            assert_eq!(text(&scene.requests()[0].inspection.release.mode), mode);
        }
        // There is no place for it.
        let mut scene = Scene::new(behind_page(Duration::ZERO, otherwise));
        scene.client(NAVIGATE);
        scene.origin(format!("{HEAD}{}", gif()));
        let (stream, _) = opened(&scene).unwrap();
        scene.give(Input::Deferred(stream, DeferReport::Unavailable));
        let left = scene.at_client().split_once("\r\n\r\n").map_or(0, |(_, body)| body.len());
        assert_eq!(left, leaves);
        scene.origin("b".repeat(100));
        assert!(scene.at_client().ends_with("b"));
        assert_eq!(scene.deferred.len(), 1);
    }
}

#[test]
fn a_page_comes_when_it_takes_too_long_or_is_too_much_to_hold() {
    let after = Duration::from_millis(700);
    let mut scene = Scene::new(behind_page(after, HoldPolicy::Whole));
    scene.client(NAVIGATE);
    scene.origin(format!("{HEAD}{}", gif()));
    assert!(opened(&scene).is_none());
    assert!(scene.session.deadline().unwrap() <= scene.now + after);
    scene.after(after);
    assert!(opened(&scene).is_some());

    // In time: as if there were no page.
    let mut scene = Scene::new(behind_page(after, HoldPolicy::Whole));
    scene.client(NAVIGATE);
    scene.origin(format!("{HEAD}{}{}", gif(), "b".repeat(100)));
    assert!(scene.at_client().ends_with("b") && scene.deferred.is_empty());

    // It ends before there is a place.
    let mut scene = Scene::new(at_once());
    scene.client(NAVIGATE);
    scene.origin(format!("{HEAD}{}", gif()));
    scene.origin("b".repeat(100));
    let (stream, _) = opened(&scene).unwrap();
    assert!(scene.at_client().ends_with("b"));
    assert!(matches!(&scene.deferred[1..], [(of, DeferInput::Cancel)] if *of == stream));
    scene.give(Input::Deferred(stream, DeferReport::Opened(TICKET)));
    assert!(scene.at_client().ends_with("b") && scene.deferred.len() == 2);

    // More than may be held, long before it is time.
    let mut scene = Scene::new(behind_page(after, HoldPolicy::Whole));
    scene.client(NAVIGATE);
    let more = 2 * HELD_BYTES_MAX as usize;
    scene.origin(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", more + 200));
    scene.origin(gif());
    scene.origin("b".repeat(more / 2));
    let (stream, _) = opened(&scene).expect("a place is asked for");
    assert_eq!(scene.at_client(), "");
    scene.give(Input::Deferred(stream, DeferReport::Opened(TICKET)));
    scene.origin("b".repeat(more / 2));
    assert_eq!((kept(&scene).0.len(), kept(&scene).1.as_str()), (more + 200, "200 End"));
}

#[test]
fn it_is_fetched_no_faster_than_it_is_kept() {
    let (mut scene, stream) = {
        let mut scene = Scene::new(at_once());
        scene.client(NAVIGATE);
        scene.origin(format!("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n{}", gif()));
        let (stream, _) = opened(&scene).unwrap();
        scene.give(Input::Deferred(stream, DeferReport::Opened(TICKET)));
        (scene, stream)
    };
    let origin = Wire::Origin(scene.last_origin());
    let mut sent = 200;
    while scene.session.wants(origin) {
        scene.origin("b".repeat(32 << 10));
        sent += 32 << 10;
        assert!(sent < 2 << 20, "nobody has kept a byte");
    }
    assert_eq!(kept(&scene).1, "200");
    scene.give(Input::Deferred(stream, DeferReport::Taken(sent)));
    assert!(scene.session.wants(origin));
}

#[test]
fn however_it_ends_there_is_one_record_of_it() {
    type End = fn(&mut Scene, StreamId);
    let ends: [(&str, End, CloseReason); 5] = [
        (
            "nobody asks for it",
            |scene, stream| scene.give(Input::Deferred(stream, DeferReport::Abandoned)),
            CloseReason::ClientClosed,
        ),
        (
            "the disk is full",
            |scene, stream| scene.give(Input::Deferred(stream, DeferReport::Failed)),
            CloseReason::ProxyConnRefused,
        ),
        (
            "the origin breaks off",
            |scene, _| {
                let origin = scene.last_origin();
                scene.give(Input::Gone(Wire::Origin(origin)));
            },
            CloseReason::OriginError,
        ),
        ("the gateway drains", |scene, _| scene.give(Input::Drain), CloseReason::ProxyConnRefused),
        (
            "the session is ended",
            |scene, _| scene.give(Input::Abort(CloseReason::Unknown)),
            CloseReason::Unknown,
        ),
    ];
    for (why, end, reason) in ends {
        for client_is_there in [true, false] {
            let (mut scene, stream) = begun(at_once());
            if !client_is_there {
                scene.give(Input::Gone(Wire::Client));
            }
            end(&mut scene, stream);
            assert_eq!(kept(&scene).1, "200 reset", "{why}");
            assert_eq!(scene.requests().len(), 1, "{why}");
            assert_eq!(scene.requests()[0].close_reason, Some(reason), "{why}");
            assert_eq!(text(&scene.requests()[0].inspection.release.mode), "progress", "{why}");
            assert!(scene.session.is_done() && scene.sessions() == 1, "{why}");
        }
    }
}

/// A request for `path` of a.test, and the stream that whoever keeps downloads is asked on.
fn asking(path: &str) -> (Scene, Option<StreamId>) {
    let mut scene = Scene::new(at_once());
    let fields = "Host: a.test\r\nAccept: text/html\r\n";
    scene.client(format!("GET http://a.test{path} HTTP/1.1\r\n{fields}\r\n"));
    let stream = scene.picked_up.first().map(|(stream, _)| *stream);
    (scene, stream)
}

fn standing() -> Box<Running> {
    let (scene, _) = begun(at_once());
    Box::new(Running::new(opened(&scene).unwrap().1, 150))
}

#[test]
fn no_reserved_path_reaches_an_origin() {
    for path in [
        "/.well-known/gateway",
        "/.well-known/gateway/",
        "/.well-known/gateway/x?y",
        "/.well-known/gateway/download/",
        "/.well-known/gateway/download/ABCD",
    ] {
        let (scene, stream) = asking(path);
        assert_eq!((stream, scene.asked.len()), (None, 0), "{path}");
        assert!(scene.at_client().starts_with("HTTP/1.1 404 "), "{path}: {}", scene.at_client());
        assert_eq!(scene.requests().len(), 1, "{path}");
    }
    let mut scene = Scene::new(at_once());
    let head = format!("POST http://a.test{} HTTP/1.1\r\nHost: a.test\r\n", address());
    scene.client(format!("{head}Content-Length: 2\r\n\r\nab"));
    assert!(scene.at_client().starts_with("HTTP/1.1 404 ") && scene.asked.is_empty());
    assert!(scene.picked_up.is_empty());
}

#[test]
fn who_asks_is_told_how_it_is() {
    let refused = PickupReport::Refused(standing(), "down".into(), "No <words>".into());
    for (report, status, says) in [
        (PickupReport::Unknown, "404", "no such download"),
        (PickupReport::Running(standing()), "200", "value=\"50\""),
        (refused, "403", "No &lt;words&gt;"),
        (PickupReport::Failed(standing()), "502", "could not be fetched"),
    ] {
        let (mut scene, stream) = asking(&address());
        let [(_, PickupInput::Ask(ticket, waiter))] = &scene.picked_up[..] else { panic!() };
        assert!(*ticket == TICKET && waiter.origin == "http://a.test:80");
        assert_eq!((waiter.client.to_string().as_str(), &waiter.user[..]), ("192.0.2.7", &b""[..]));
        let is_known = !matches!(report, PickupReport::Unknown);
        scene.give(Input::Picked(stream.unwrap(), report));
        let page = scene.at_client();
        assert!(page.starts_with(&format!("HTTP/1.1 {status} ")) && page.contains(says), "{page}");
        assert!(page.contains("no-store") && page.contains("default-src 'none'"), "{page}");
        let (record, of) = (scene.requests()[0], if is_known { "s-1" } else { "" });
        assert_eq!(text(&record.inspection.release.request_id), of, "{status}");
        let blocked = if status == "403" { Done::Block } else { Done::Allow };
        assert_eq!(record.decision.action, Some(blocked), "{status}");
        assert!(scene.asked.is_empty(), "no origin is asked: {:?}", scene.asked);
    }
}

#[test]
fn a_download_is_handed_out_as_fast_as_it_is_taken() {
    let (mut scene, stream) = asking(&address());
    let stream = stream.unwrap();
    let mut head = ResponseHead::new(StatusCode::OK);
    head.fields.append("Content-Disposition", "attachment").unwrap();
    head.body = BodySize::Length(10);
    scene.give(Input::Picked(stream, PickupReport::Ready(standing(), Box::new(head))));
    let more = |scene: &Scene| {
        scene.picked_up.iter().filter(|(_, input)| *input == PickupInput::More).count()
    };
    assert_eq!(more(&scene), 1);
    for (number, bytes) in [&b"GIF89a"[..], b"bbbb"].into_iter().enumerate() {
        let bytes = Bytes::copy_from_slice(bytes);
        scene.give(Input::Picked(stream, PickupReport::Data(bytes)));
        assert_eq!(more(&scene), number + 2);
    }
    scene.give(Input::Picked(stream, PickupReport::End));
    let sent = scene.at_client();
    assert!(sent.starts_with("HTTP/1.1 200 OK\r\n") && sent.ends_with("\r\n\r\nGIF89abbbb"));
    assert!(sent.contains("Content-Length: 10\r\n") && sent.contains("attachment"), "{sent}");
    let record = scene.requests()[0];
    assert_eq!(record.bytes.to_client, Some(10));
    assert_eq!(text(&record.inspection.release.mode), "progress");
    assert!(!scene.picked_up.iter().any(|(_, input)| *input == PickupInput::Cancel));

    // The client leaves.
    let (mut scene, stream) = asking(&address());
    let mut head = ResponseHead::new(StatusCode::OK);
    head.body = BodySize::Length(10);
    let ready = PickupReport::Ready(standing(), Box::new(head));
    scene.give(Input::Picked(stream.unwrap(), ready));
    scene.give(Input::Gone(Wire::Client));
    assert_eq!(scene.picked_up.last().unwrap().1, PickupInput::Cancel);
    assert_eq!(scene.requests().len(), 1);
}
