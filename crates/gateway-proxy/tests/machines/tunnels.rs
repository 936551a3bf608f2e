//! CONNECT: what is decided on which bytes.

use std::sync::Arc;
use std::time::Duration;

use gateway_log::{Action, CloseReason, RecordKind};
use gateway_proxy::{
    Alpn, AuthorityMismatch, DialError, Http2Policy, Input, OriginHttp2, Policy, Settings,
    UnknownProtocol, Wire,
};
use gateway_rules::{Action as Act, Layer, Rule};

use crate::scene::{Reached, Scene, policy, rules, text};

fn connect(host: &str) -> String {
    format!("CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n")
}

/// A ClientHello that names `host`, in one TLS record (RFC 8446 §4.1.2).
pub(crate) fn hello(host: &str) -> Vec<u8> {
    hello_offering(host, &[])
}

/// The same, with an offer by ALPN (RFC 7301 §3.1), if there is one.
pub(crate) fn hello_offering(host: &str, protocols: &[&str]) -> Vec<u8> {
    let block = |len: usize, bytes: &[u8]| -> Vec<u8> {
        let size = (bytes.len() as u32).to_be_bytes();
        [&size[4 - len..], bytes].concat()
    };
    let name = [&[0][..], &block(2, host.as_bytes())].concat();
    let sni = [&[0, 0][..], &block(2, &block(2, &name))].concat();
    let names: Vec<u8> = protocols.iter().flat_map(|id| block(1, id.as_bytes())).collect();
    let alpn = [&[0, 16][..], &block(2, &block(2, &names))].concat();
    let extensions = if protocols.is_empty() { sni } else { [sni, alpn].concat() };
    let body =
        [&[3, 3][..], &[7; 32], &[0], &block(2, &[0x13, 1]), &[1, 0], &block(2, &extensions)]
            .concat();
    let message = [&[1][..], &block(3, &body)].concat();
    [&[22, 3, 1][..], &block(2, &message)].concat()
}

fn inside(host: &str) -> Scene {
    let mut scene = Scene::usual();
    scene.client(connect(host));
    assert!(scene.take_client().starts_with("HTTP/1.1 200 "));
    scene.client(hello(host));
    scene
}

#[test]
fn tls_is_taken_in_the_name_that_the_client_expects() {
    let mut scene = inside("a.test");
    assert_eq!(scene.asked, ["dial a.test:443", "tls a.test mirrors true"]);
    scene.client("GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n");
    assert!(scene.at_origin().starts_with("GET /x HTTP/1.1\r\nHost: a.test\r\n"));
    scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assert!(scene.at_client().ends_with("ok"));
    assert_eq!(scene.requests()[0].http.url.as_bytes(), b"https://a.test/x");
}

#[test]
fn an_origin_is_offered_what_the_client_offers() {
    use OriginHttp2::{Always, Match, Never};
    for (origin, client, offers, expected) in [
        (Match, true, &["h2", "http/1.1"][..], Alpn::Http2),
        (Match, true, &["http/1.1"], Alpn::Http11),
        (Match, true, &[], Alpn::Http11),
        (Match, false, &["h2", "http/1.1"], Alpn::Http11),
        (Always, false, &[], Alpn::Http2),
        (Never, true, &["h2"], Alpn::Http11),
    ] {
        let http2 = Http2Policy { client, origin };
        let mut scene = Scene::new(policy(rules(), |settings| settings.http2 = http2));
        scene.client(connect("a.test"));
        scene.client(hello_offering("a.test", offers));
        assert_eq!(scene.dialed_alpn, [expected], "{http2:?} {offers:?}");
    }
}

#[test]
fn a_hello_is_decided_on_only_when_it_is_whole() {
    let hello = hello("evil.test");
    for cut in 0..hello.len() {
        let mut scene = Scene::usual();
        scene.client(connect("a.test"));
        scene.client(&hello[..cut]);
        assert!(scene.asked.is_empty(), "decided after {cut} bytes");
        scene.client(&hello[cut..]);
        assert_eq!(scene.asked, ["tls evil.test mirrors false"], "cut at {cut}");
    }
}

#[test]
fn a_refusal_that_needs_the_hello_is_a_page_inside_tls() {
    let mut scene = inside("evil.test");
    assert_eq!(scene.asked, ["tls evil.test mirrors false"]);
    scene.client("GET / HTTP/1.1\r\nHost: evil.test\r\nAccept: text/html\r\n\r\n");
    assert!(scene.at_client().starts_with("HTTP/1.1 403 Forbidden\r\n"));
    assert!(scene.at_client().contains("no evil"));
}

#[test]
fn an_unreachable_origin_is_a_page_inside_tls() {
    let mut scene = Scene::usual();
    scene.reached = vec![Reached::Failed(DialError::Tls)];
    scene.client(connect("a.test"));
    scene.client(hello("a.test"));
    scene.client("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    assert!(scene.at_client().contains("HTTP/1.1 502 Bad Gateway\r\n"));
}

#[test]
fn what_is_not_inspected_is_relayed_with_every_byte() {
    let scene = inside("private.test");
    assert_eq!(scene.asked, ["dial private.test:443", "splice"]);
    let bytes = scene.to_origin.last_key_value().unwrap().1;
    assert_eq!(bytes, &hello("private.test"));
}

#[test]
fn a_network_rule_refuses_connect_itself() {
    let mut scene = Scene::usual();
    scene.client(connect("refused.test"));
    assert!(scene.at_client().starts_with("HTTP/1.1 403 Forbidden\r\n"));
    assert!(scene.session.is_done() && scene.asked.is_empty());
    assert_eq!(scene.sessions(), 1);
}

#[test]
fn ports_that_are_not_named_are_refused() {
    let mut scene = Scene::usual();
    scene.client("CONNECT a.test:25 HTTP/1.1\r\nHost: a.test:25\r\n\r\n");
    assert!(scene.at_client().starts_with("HTTP/1.1 403 "));
}

#[test]
fn silence_and_unknown_protocols_are_never_let_through() {
    for first in [&b""[..], b"SSH-2.0-OpenSSH\r\n", &hello("a.test")[..40], b"\x16\x03\x01\xff"] {
        let mut scene = Scene::usual();
        scene.client(connect("a.test"));
        scene.client(first);
        scene.after(Duration::from_secs(6));
        assert!(scene.session.is_done() && scene.asked.is_empty(), "{first:?} {:?}", scene.asked);
    }
}

#[test]
fn policy_may_relay_the_unknown_but_not_half_a_hello() {
    let relay = || {
        let policy = policy(rules(), |s| s.unknown_protocol = UnknownProtocol::Relay);
        let mut scene = Scene::new(policy);
        scene.client(connect("a.test"));
        scene
    };
    let mut scene = relay();
    scene.client("SSH-2.0-OpenSSH\r\n");
    assert_eq!(scene.asked, ["dial a.test:443", "splice"]);
    let mut scene = relay();
    scene.client(&hello("a.test")[..40]);
    scene.after(Duration::from_secs(6));
    assert!(scene.session.is_done() && scene.asked.is_empty());
}

#[test]
fn plain_http_inside_a_tunnel_is_looked_at() {
    let mut scene = Scene::usual();
    scene.client(connect("a.test"));
    scene.take_client();
    scene.client("GET /blocked HTTP/1.1\r\nHost: a.test:443\r\n\r\n");
    assert!(scene.at_client().starts_with("HTTP/1.1 403 "), "{}", scene.at_client());
}

#[test]
fn another_host_inside_a_tunnel_is_misdirected() {
    let mut scene = inside("a.test");
    scene.client("GET / HTTP/1.1\r\nHost: b.test\r\n\r\n");
    assert!(scene.at_client().starts_with("HTTP/1.1 421 "));
}

#[test]
fn a_splice_tells_what_it_relayed() {
    let mut scene = inside("private.test");
    scene.give(Input::Spliced(10, 20));
    assert!(scene.records.last().unwrap().interim);
    scene.give(Input::SpliceEnded(15, 25, CloseReason::ClientClosed));
    let last = scene.records.last().unwrap();
    assert_eq!((last.bytes.from_client, last.bytes.from_origin), (Some(15), Some(25)));
    assert!(!last.interim && scene.closed.contains_key(&Wire::Client));
}

/// A client that asks for `host` and then says `sni`.
fn asks_and_says(policy: Arc<Policy>, host: &str, sni: &str) -> Scene {
    let mut scene = Scene::new(policy);
    scene.client(connect(host));
    scene.client(hello(sni));
    scene
}

#[test]
fn a_name_that_is_only_said_leaves_nobody_alone() {
    let private =
        |allow| policy(rules(), move |settings: &mut Settings| settings.authority_mismatch = allow);
    let refuse = AuthorityMismatch::Refuse;
    let evil = asks_and_says(private(refuse), "evil.example", "private.test");
    assert_eq!(evil.asked, ["dial evil.example:443", "tls private.test mirrors true"]);
    let mut evil = evil;
    evil.client("GET /x HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    evil.give(Input::Abort(CloseReason::ClientClosed));
    let session = evil.records.iter().find(|record| record.kind == RecordKind::Session).unwrap();
    assert_eq!(session.decision.authority_mismatch, Some(true));
    assert_ne!(session.decision.action, Some(Action::Off));
    assert!(text(&session.warnings[0]).contains("rule `private`"), "{:?}", session.warnings);
    // Where policy bears it, or both are the same, the rule holds.
    let borne = asks_and_says(private(AuthorityMismatch::Allow), "evil.example", "private.test");
    assert_eq!(borne.asked, ["dial evil.example:443", "splice"]);
    let same = asks_and_says(private(refuse), "Private.test", "private.test");
    assert_eq!(same.asked, ["dial private.test:443", "splice"]);
    // An address has no name to compare with.
    let address = asks_and_says(private(refuse), "203.0.113.9", "private.test");
    assert_eq!(address.asked, ["dial 203.0.113.9:443", "splice"]);
    // A rule that names the host of CONNECT needs no hello to leave it alone.
    let by_host = Rule::new("host", Layer::Http, Act::DoNotInspect, "net.dst.port == 443");
    let spliced = asks_and_says(policy(vec![by_host], |_| {}), "evil.example", "private.test");
    assert_eq!(spliced.asked, ["dial evil.example:443", "splice"]);
}
