//! Sides that take little of what waits for them, and those that take nothing.

use std::time::Duration;

use bytes::Bytes;
use gateway_h1h2::{BodySize, Event, StreamId, Version};
use gateway_log::CloseReason;
use gateway_proxy::{Input, Timeouts, Wire};
use http::Method;

use crate::peers::{Peers, request, response};
use crate::scene::{Peer, Scene, policy, rules};

/// More than any side takes ahead of the other.
const BODY_BYTES: usize = 4 << 20;
/// What a window of HTTP/2 must be given so that the peer is told.
const SOME: u64 = 48 << 10;

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// A policy under which an end must take something within `stall`.
fn scene(stall: Duration) -> Scene {
    Scene::new(policy(rules(), |settings| settings.timeouts.stall = stall))
}

/// A client of HTTP/2 that has more to send than its origin takes.
fn upload(scene: Scene, origin: Version) -> (Peers, StreamId) {
    let mut peers = Peers::inside(scene, Version::Http2, origin);
    peers.settle();
    let stream = peers.ask(request(Method::POST, "/x", BodySize::Length(BODY_BYTES as u64)));
    if origin == Version::Http11 {
        peers.scene.origins = Peer::Stalls;
    }
    peers.client.send(stream, [Event::Data(Bytes::from(vec![b'x'; BODY_BYTES])), Event::End]);
    peers.settle();
    (peers, stream)
}

fn wait(peers: &mut Peers, time: Duration) {
    peers.scene.after(time);
    peers.settle();
}

#[test]
fn an_origin_that_takes_a_little_all_the_time_is_waited_for() {
    let stall = Timeouts::default().stall;
    assert_eq!(stall, seconds(120));
    let little_less = stall - seconds(1);
    // HTTP/1.1: the driver tells what the connection takes.
    let (mut peers, stream) = upload(scene(stall), Version::Http11);
    for _ in 0..10 {
        peers.scene.now += little_less;
        let wire = Wire::Origin(peers.scene.last_origin());
        peers.scene.give(Input::Taken(wire, peers.scene.now - seconds(1)));
        wait(&mut peers, Duration::ZERO);
        assert_eq!(peers.client.status(stream), None);
    }
    wait(&mut peers, little_less - seconds(1));
    assert_eq!(peers.client.status(stream), None);
    wait(&mut peers, seconds(1));
    assert_eq!(peers.client.status(stream), Some(504));
    // HTTP/2: the windows that it gives tell.
    let (mut peers, stream) = upload(scene(stall), Version::Http2);
    let own = peers.origin().requests()[0].0;
    for _ in 0..10 {
        wait(&mut peers, little_less);
        peers.origin().codec.credit(own, SOME);
        peers.settle();
        assert_eq!(peers.client.status(stream), None);
        assert!(!peers.origin().was_reset(own));
    }
    // The wait may begin once more when somebody looks.
    wait(&mut peers, little_less);
    wait(&mut peers, stall);
    assert!(matches!(peers.client.status(stream), Some(502 | 504)));
    assert!(peers.origin().was_reset(own));
}

#[test]
fn how_long_an_origin_may_take_nothing_can_be_set() {
    for origin in [Version::Http11, Version::Http2] {
        let (mut peers, stream) = upload(scene(seconds(7)), origin);
        wait(&mut peers, seconds(6));
        assert_eq!(peers.client.status(stream), None, "{origin:?}");
        wait(&mut peers, seconds(1));
        wait(&mut peers, seconds(7));
        assert!(matches!(peers.client.status(stream), Some(502 | 504)), "{origin:?}");
    }
}

#[test]
fn the_answer_is_awaited_from_the_last_byte_that_the_origin_takes() {
    let within = Timeouts::default().response_head;
    let mut peers = Peers::inside(scene(seconds(3_600)), Version::Http2, Version::Http2);
    peers.settle();
    // All of it is sent, and most of it waits for the origin's window.
    let length = 200 << 10;
    let stream = peers.ask(request(Method::POST, "/x", BodySize::Length(length as u64)));
    peers.client.send(stream, [Event::Data(Bytes::from(vec![b'x'; length])), Event::End]);
    peers.settle();
    let own = peers.origin().requests()[0].0;
    while !peers.origin().has_ended(own) {
        wait(&mut peers, within - seconds(1));
        assert_eq!(peers.client.status(stream), None);
        peers.origin().codec.credit(own, SOME);
        peers.settle();
    }
    wait(&mut peers, within - seconds(1));
    assert_eq!(peers.client.status(stream), None);
    peers.origin().send(own, response(200, "ok"));
    peers.settle();
    assert_eq!(peers.client.status(stream), Some(200));
}

/// A client of HTTP/2 that has been sent more than it takes, by an origin of HTTP/1.1 that has not
/// sent all.
fn download(stall: Duration) -> (Peers, StreamId) {
    let mut peers = Peers::inside(scene(stall), Version::Http2, Version::Http11);
    peers.settle();
    let stream = peers.get("/x");
    let wire = Wire::Origin(peers.scene.last_origin());
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 16 << 20);
    peers.scene.give(Input::Bytes(wire, head.into()));
    fill(&mut peers);
    assert_eq!(peers.client.status(stream), Some(200));
    (peers, stream)
}

/// The origin sends as much as it may.
fn fill(peers: &mut Peers) {
    let wire = Wire::Origin(peers.scene.last_origin());
    peers.settle();
    while peers.scene.session.wants(wire) {
        peers.scene.give(Input::Bytes(wire, vec![b'x'; 64 << 10].into()));
        peers.settle();
    }
}

#[test]
fn a_client_that_takes_a_little_all_the_time_makes_no_origin_idle() {
    let stall = seconds(100);
    let (mut peers, stream) = download(stall);
    // Far longer than an origin may be silent that is not kept waiting.
    for _ in 0..10 {
        wait(&mut peers, stall - seconds(1));
        peers.client.codec.credit(stream, SOME);
        fill(&mut peers);
        assert!(!peers.client.was_reset(stream));
    }
    wait(&mut peers, stall - seconds(1));
    wait(&mut peers, stall);
    assert!(peers.client.was_reset(stream) || peers.client.failed.is_some());
}

#[test]
fn a_client_of_http1_that_takes_nothing_is_cut() {
    let mut scene = scene(seconds(7));
    let get = "GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n";
    scene.client(get);
    let wire = Wire::Origin(scene.last_origin());
    scene.taker = Peer::Stalls;
    scene.origin(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 16 << 20));
    while scene.session.wants(wire) {
        scene.give(Input::Bytes(wire, vec![b'x'; 64 << 10].into()));
    }
    for _ in 0..20 {
        scene.now += seconds(6);
        scene.give(Input::Taken(Wire::Client, scene.now - seconds(1)));
        scene.give(Input::Timeout);
        assert!(scene.requests().is_empty());
    }
    scene.after(seconds(5));
    assert!(scene.requests().is_empty());
    scene.after(seconds(1));
    assert_eq!(scene.requests()[0].close_reason, Some(CloseReason::ClientIdleTimeout));
}
