//! Datagrams asked for over HTTP (CONNECT-UDP): who is answered, and what the driver is given.

use gateway_h1h2::{BodySize, Event, Target, Version};
use gateway_log::CloseReason;
use gateway_proxy::{Anonymous, AuthScheme, ConnectUdpPolicy, Input, Settings, Source, User, Wire};
use http::Method;

use crate::peers::{Peers, request};
use crate::scene::{Scene, policy, rules};

const ASKED: &str = "GET /.well-known/masque/udp/dns.example/53/ HTTP/1.1\r\nHost: proxy.example\r\n\
    Connection: Upgrade\r\nUpgrade: connect-udp\r\nCapsule-Protocol: ?1\r\n";

fn relaying(change: impl FnOnce(&mut Settings)) -> Scene {
    Scene::new(policy(rules(), |settings| {
        settings.connect_udp = ConnectUdpPolicy::Relay;
        change(settings);
    }))
}

#[test]
fn the_driver_takes_the_stream_when_it_is_answered() {
    let mut scene = relaying(|_| {});
    // The client does not wait for the answer.
    scene.client(format!("{ASKED}\r\n\0\x03\0hi"));
    let answer = scene.take_client();
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    for field in ["Upgrade: connect-udp\r\n", "Connection: Upgrade\r\n", "Capsule-Protocol: ?1\r\n"]
    {
        assert!(answer.contains(field), "{answer}");
    }
    let [stream] = &scene.capsules[..] else { panic!("{:?}", scene.capsules) };
    assert_eq!(stream.destination.host.to_string(), "dns.example");
    assert_eq!((stream.destination.port, &*stream.early), (53, &b"\0\x03\0hi"[..]));
    assert!(scene.asked.is_empty(), "nothing is dialled: {:?}", scene.asked);
    assert!(!scene.session.wants(Wire::Client) && !scene.session.is_done());
    scene.give(Input::AssociationEnded);
    assert!(scene.session.is_done());
    let [record] = &scene.records[..] else { panic!("{}", scene.log()) };
    assert_eq!(record.close_reason, Some(CloseReason::ClientClosed));
    assert_eq!(record.client.detected_protocol, "connect-udp".into());
    assert_eq!(record.http.host, "dns.example".into());
}

#[test]
fn who_asks_in_vain() {
    let mut off = Scene::usual();
    off.client(format!("{ASKED}\r\n"));
    assert!(off.at_client().starts_with("HTTP/1.1 400 "), "{}", off.at_client());
    let mut unfit = relaying(|_| {});
    unfit.client(ASKED.replace("/53/", "/0/") + "\r\n");
    assert!(unfit.at_client().starts_with("HTTP/1.1 400 "), "{}", unfit.at_client());
    let mut nobody = relaying(|settings| {
        settings.identification.schemes = vec![AuthScheme::Basic];
        settings.identification.anonymous = Anonymous::Challenge;
    });
    nobody.client(format!("{ASKED}\r\n"));
    assert!(nobody.at_client().starts_with("HTTP/1.1 407 "), "{}", nobody.at_client());
    for scene in [off, unfit, nobody] {
        assert!(scene.capsules.is_empty());
    }
}

#[test]
fn in_http2_it_is_a_stream() {
    let mut peers = Peers::at_the_proxy(relaying(|_| {}), Version::Http2);
    peers.settle();
    let mut head = request(Method::CONNECT, "proxy.example:443", BodySize::Empty);
    let target = "https://proxy.example/.well-known/masque/udp/192.0.2.6/443/";
    head.target = Target::parse(&Method::GET, target.into()).unwrap();
    head.protocol = Some("connect-udp".into());
    head.fields.append("Capsule-Protocol", "?1").unwrap();
    let outer = peers.ask(head);
    let (id, mut inner) = peers.branch();
    let [stream] = &inner.capsules[..] else { panic!("{}", inner.at_client()) };
    assert_eq!(stream.destination.host.to_string(), "192.0.2.6");
    peers.scene.give(Input::Bytes(Wire::Origin(id), inner.take_client().into()));
    peers.settle();
    assert_eq!(peers.client.status(outer), Some(200));
    // From here on it is a stream of bytes.
    peers.client.send(outer, [Event::Data("\0\u{3}\0hi".into())]);
    peers.settle();
    assert_eq!(peers.origin().taken(), b"\0\x03\0hi");
    peers.scene.give(Input::Bytes(Wire::Origin(id), "\0\u{3}\0ho".into()));
    peers.settle();
    assert_eq!(peers.client.body(outer), b"\0\x03\0ho");
}

#[test]
fn whoever_is_known_is_known_to_the_relay() {
    let mut scene = relaying(|settings| settings.identification.schemes = vec![AuthScheme::Basic]);
    scene.client(format!("{ASKED}Proxy-Authorization: Basic YTpi\r\n\r\n"));
    assert_eq!((scene.identifying.len(), scene.capsules.len()), (1, 0));
    let user = User { id: "a".into(), source: Source::Password, ..User::default() };
    let stream = scene.identifying[0].stream;
    scene.give(Input::Identified(stream, Ok(user.into())));
    assert_eq!(scene.capsules[0].known.user.as_ref().unwrap().id, "a");
}
