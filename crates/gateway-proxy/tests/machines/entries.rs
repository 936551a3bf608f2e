//! Sessions that begin with SOCKS, or that the network led here.

use std::time::Duration;

use gateway_log::{Action as Done, CloseReason, Record, RecordKind};
use gateway_proxy::{Close, Input, Settings, SocksOffer, UnknownProtocol, Wire};
use gateway_rules::{Action, Layer, Rule};

use crate::scene::{Reached, Scene, policy, rules, text};

const GREETING: &[u8] = b"\x05\x01\0";

fn connect(host: &str, port: u16) -> Vec<u8> {
    let port = port.to_be_bytes();
    [GREETING, b"\x05\x01\0\x03", &[host.len() as u8], host.as_bytes(), &port].concat()
}

fn socks(rules: Vec<Rule>, change: impl FnOnce(&mut Settings)) -> Scene {
    Scene::new(policy(rules, |settings| {
        settings.socks = SocksOffer::TcpAndUdp;
        change(settings);
    }))
}

fn session_record(scene: &Scene) -> &Record {
    scene.records.iter().find(|record| record.kind == RecordKind::Session).unwrap()
}

/// What the client was sent, without the choice of a method.
fn reply(scene: &Scene) -> Option<u8> {
    let rest = scene.to_client.strip_prefix(b"\x05\0")?;
    rest.get(1).copied()
}

#[test]
fn a_request_comes_in_by_socks() {
    let mut scene = socks(rules(), |_| {});
    scene.client(connect("a.test", 80));
    assert_eq!(scene.to_client, b"\x05\0\x05\0\0\x01\0\0\0\0\0\0");
    scene.client("GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n");
    assert_eq!(scene.asked, ["dial a.test:80"]);
    assert!(scene.at_origin().starts_with("GET /x HTTP/1.1\r\n"));
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assert!(scene.at_client().ends_with("ok"));
    scene.give(Input::Abort(CloseReason::ClientClosed));
    assert_eq!(scene.requests().len(), 1);
    assert_eq!(text(&session_record(&scene).http.host), "a.test");
}

#[test]
fn the_rules_of_connect_are_those_of_socks() {
    for (host, port, expected) in [("refused.test", 443, 2), ("a.test", 443, 0)] {
        let mut scene = socks(rules(), |_| {});
        scene.client(connect(host, port));
        assert_eq!(reply(&scene), Some(expected), "{host}");
        assert!(scene.asked.is_empty(), "nothing is dialled yet");
        if expected != 0 {
            let record = session_record(&scene);
            assert_eq!(
                (record.decision.action, text(&record.decision.policy_id)),
                (Some(Done::Block), "l4")
            );
            assert_eq!(scene.closed.get(&Wire::Client), Some(&Close::Graceful));
        }
    }
}

#[test]
fn who_may_not_look_connects_first() {
    let rule = || vec![Rule::new("off", Layer::Http, Action::DoNotInspect, "net.dst.port == 22")];
    let mut scene = socks(rule(), |_| {});
    scene.client(connect("a.test", 22));
    assert_eq!(scene.asked, ["dial a.test:22", "splice"]);
    assert_eq!(scene.to_client, b"\x05\0\x05\0\0\x01\xcb\0\x71\x09\x01\xbb");
    let mut scene = socks(rule(), |_| {});
    scene.reached = vec![Reached::Failed(gateway_proxy::DialError::TimedOut)];
    scene.client(connect("a.test", 22));
    assert_eq!(reply(&scene), Some(6));
    assert_eq!(scene.sessions(), 1);
}

#[test]
fn socks_is_spoken_where_it_is_offered() {
    let mut scene = Scene::new(policy(rules(), |_| {}));
    scene.client(connect("a.test", 80));
    assert!(scene.at_client().starts_with("HTTP/1.1 400"), "{}", scene.at_client());
    let mut scene = socks(rules(), |settings| settings.socks = SocksOffer::Tcp);
    scene.client(b"\x05\x01\0\x05\x03\0\x01\0\0\0\0\0\0");
    assert_eq!(reply(&scene), Some(7));
    let mut scene = socks(rules(), |_| {});
    scene.client("GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n");
    assert_eq!(scene.asked, ["dial a.test:80"], "HTTP on the same port");
}

#[test]
fn datagrams_last_as_long_as_their_connection() {
    let mut scene = socks(rules(), |_| {});
    scene.client(b"\x05\x01\0\x05\x03\0\x01\0\0\0\0\0\0");
    assert_eq!(scene.asked, ["associate"]);
    assert_eq!(scene.to_client, b"\x05\0\x05\0\0\x01\xc0\0\x02\x01\x13\x88");
    assert_eq!(scene.session.deadline(), None);
    scene.give(Input::End(Wire::Client));
    assert!(scene.session.is_done());
    assert_eq!(scene.sessions(), 1);
}

#[test]
fn a_silent_client_of_socks_is_let_go() {
    let mut scene = socks(rules(), |_| {});
    scene.client(GREETING);
    scene.after(Duration::from_secs(11));
    assert_eq!(session_record(&scene).close_reason, Some(CloseReason::ClientIdleTimeout));
}

#[test]
fn a_connection_that_was_led_here_keeps_its_destination() {
    let mut scene = Scene::transparent(policy(rules(), |_| {}), "203.0.113.9:80");
    scene.client("GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n");
    assert_eq!(scene.asked, ["dial 203.0.113.9:80"], "whatever the request calls it");
    assert!(scene.at_origin().contains("Host: a.test\r\n"));
    scene.origin("HTTP/1.1 204 No Content\r\n\r\n");
    let mut blocked = Scene::transparent(policy(rules(), |_| {}), "203.0.113.9:80");
    blocked.client("GET /blocked HTTP/1.1\r\nHost: a.test\r\n\r\n");
    assert!(blocked.at_client().starts_with("HTTP/1.1 403"));
}

#[test]
fn a_destination_is_refused_before_a_byte() {
    let rule = Rule::new("net", Layer::Network, Action::Block, "net.dst.ip in {203.0.113.0/24}");
    let scene = Scene::transparent(policy(vec![rule], |_| {}), "203.0.113.9:443");
    assert_eq!(scene.closed.get(&Wire::Client), Some(&Close::Graceful));
    assert_eq!(text(&session_record(&scene).decision.policy_id), "net");
    assert!(scene.asked.is_empty());
}

#[test]
fn protocols_have_names_in_rules() {
    for (bytes, name) in [
        (&b"SSH-2.0-x\r\n"[..], "ssh"),
        (b"EHLO a\r\n", "smtp"),
        (b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl", "stun"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http2"),
    ] {
        let filter = format!("net.protocol.detection == \"{name}\"");
        let off = Rule::new("off", Layer::Http, Action::DoNotInspect, &filter);
        let block = Rule::new("no", Layer::Network, Action::Block, &filter);
        let mut let_by = socks(vec![off], |_| {});
        let_by.client([&connect("a.test", 9), bytes].concat());
        assert_eq!(let_by.asked, ["dial a.test:9", "splice"], "{name}");
        let mut blocked = socks(vec![block], |s| s.unknown_protocol = UnknownProtocol::Relay);
        blocked.client([&connect("a.test", 9), bytes].concat());
        assert!(blocked.asked.is_empty(), "{name}");
        let record = session_record(&blocked);
        assert_eq!(
            (text(&record.client.detected_protocol), text(&record.decision.policy_id)),
            (name, "no")
        );
        let mut unnamed = socks(vec![], |_| {});
        unnamed.client([&connect("a.test", 9), bytes].concat());
        // HTTP without TLS is looked into like any other.
        let is_over = name != "http2";
        assert!(unnamed.asked.is_empty(), "{name}");
        assert_eq!(unnamed.session.is_done(), is_over, "{name}");
    }
}

#[test]
fn a_server_that_speaks_first_is_told_by_its_greeting() {
    let relay = |s: &mut Settings| s.unknown_protocol = UnknownProtocol::Relay;
    let greet = |rules: Vec<Rule>, greeting: &str| {
        let mut scene = Scene::transparent(policy(rules, relay), "203.0.113.9:25");
        scene.after(Duration::from_secs(6));
        assert_eq!(scene.asked, ["dial 203.0.113.9:25"]);
        let (first, rest) = greeting.split_at(3);
        scene.origin(first);
        assert!(scene.to_client.is_empty(), "undecided");
        scene.origin(rest);
        scene
    };
    let smtp = "220 mx.example ESMTP\r\n";
    let passed = greet(vec![], smtp);
    assert_eq!(passed.asked, ["dial 203.0.113.9:25", "splice"]);
    assert_eq!(passed.at_client(), smtp);
    let filter = "net.protocol.detection == \"smtp\"";
    let rule = Rule::new("no", Layer::Network, Action::Block, filter);
    let blocked = greet(vec![rule], smtp);
    assert!(blocked.to_client.is_empty() && blocked.session.is_done());
    assert_eq!(text(&session_record(&blocked).decision.policy_id), "no");
    assert_eq!(text(&session_record(&blocked).client.detected_protocol), "smtp");
    assert!(blocked.closed.contains_key(&Wire::Origin(blocked.last_origin())));
    // Where the unknown is refused, nobody is dialled.
    let mut refused = Scene::transparent(policy(vec![], |_| {}), "203.0.113.9:25");
    refused.after(Duration::from_secs(6));
    assert!(refused.asked.is_empty() && refused.session.is_done());
}
