//! Associations: flows of datagrams, and what is let pass of them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_h1h2::socks::{Destination, Host};
use gateway_log::{Action as Done, CloseReason, JsonLines, Record};
use gateway_proxy::{
    AddressCheck, Association, AssociationInput as Input, AssociationOutput as Output, Clock,
    DialError, Opened, QuicPolicy, Settings, UnknownProtocol,
};
use gateway_rules::{Action, Layer, Rule};
use proptest::prelude::*;

use crate::scene::{policy, text};

const BINDING: &[u8] = b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl";
const ALLOCATE: &[u8] = b"\0\x03\0\0\x21\x12\xa4\x42abcdefghijkl";
const QUERY: &[u8] = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01";
const RTP: &[u8] = b"\x80\x60\0\x01\0\0\0\x01\0\0\0\x01payload";
/// One Initial packet for www.example.com, of version 1 and of version 2 (for v2.example).
const QUIC: &[u8] = include_bytes!("../../../../fuzz/corpus/quic_initial/v1");
const QUIC_2: &[u8] = include_bytes!("../../../../fuzz/corpus/quic_initial/v2");
/// A ClientHello for big.example over three datagrams.
const SPREAD: &[u8] = include_bytes!("../../../../fuzz/corpus/quic_initial/spread");
/// Two connections, for www.example.com and other.example.
const TWO: &[u8] = include_bytes!("../../../../fuzz/corpus/quic_initial/two_connections");
const DTLS: &[u8] = include_bytes!("../../../../fuzz/corpus/quic_initial/dtls");
const DTLS_FRAGMENTS: &[u8] = include_bytes!("../../../../fuzz/corpus/quic_initial/dtls_fragments");

/// The datagrams of a corpus file: each behind its length.
fn datagrams(mut file: &'static [u8]) -> Vec<&'static [u8]> {
    let mut all = Vec::new();
    while let Some((&[high, low], rest)) = file.split_first_chunk() {
        let (datagram, after) = rest.split_at(u16::from_be_bytes([high, low]).into());
        all.push(datagram);
        file = after;
    }
    all
}

/// A message of TURN that names `peer`.
fn turn(kind: u16, peer: &str) -> Vec<u8> {
    let peer: SocketAddr = peer.parse().unwrap();
    let IpAddr::V4(ip) = peer.ip() else { panic!("IPv4 only") };
    let port = (peer.port() ^ 0x2112).to_be_bytes();
    let ip = (u32::from(ip) ^ 0x2112_a442).to_be_bytes();
    let head = [&kind.to_be_bytes()[..], &[0, 12], b"\x21\x12\xa4\x42abcdefghijkl"].concat();
    [&head[..], b"\0\x12\0\x08\0\x01", &port, &ip].concat()
}

const CREATE_PERMISSION: u16 = 8;
const SEND: u16 = 0x16;

/// Refuses 10.0.0.0/8.
struct NotTen;

impl AddressCheck for NotTen {
    fn refusal(&self, address: SocketAddr) -> Option<&'static str> {
        match address.ip() {
            IpAddr::V4(ip) if ip.octets()[0] == 10 => Some("private"),
            _ => None,
        }
    }
}

struct Scene {
    association: Association,
    now: Instant,
    to_peers: Vec<(SocketAddr, Bytes)>,
    to_client: Vec<(SocketAddr, Bytes)>,
    asked: Vec<String>,
    records: Vec<Record>,
    /// Datagrams that came while it lasted.
    came: u64,
}

impl Scene {
    fn new(rules: Vec<Rule>, change: impl FnOnce(&mut Settings)) -> Self {
        let now = Instant::now();
        let opened = Opened {
            known: gateway_proxy::Known::default(),
            policy: policy(rules, change),
            clock: Clock::new(now, 1_750_000_000_000_000_000, || Duration::ZERO),
            client: SocketAddr::from((Ipv4Addr::new(192, 0, 2, 7), 4000)),
            id: "a".into(),
            addresses: Arc::new(NotTen),
        };
        let association = Association::new(opened, now);
        let (to_peers, to_client, asked) = (vec![], vec![], vec![]);
        Self { association, now, to_peers, to_client, asked, records: vec![], came: 0 }
    }

    fn give(&mut self, input: Input) {
        let is_datagram =
            matches!(input, Input::FromClient { .. } | Input::FromPeer { .. } | Input::Malformed);
        self.came += u64::from(is_datagram && !self.association.is_done());
        self.association.handle(input, self.now);
        while let Some(output) = self.association.poll() {
            match output {
                Output::Resolve(id, host) => {
                    self.asked.push(host.clone());
                    let found = match &*host {
                        "none.test" => Err(DialError::Resolve { host }),
                        "ten.test" => Ok(vec![IpAddr::from([10, 0, 0, 9])]),
                        _ => Ok(vec![IpAddr::from([10, 0, 0, 1]), IpAddr::from([203, 0, 113, 9])]),
                    };
                    self.association.handle(Input::Resolved(id, found), self.now);
                }
                Output::ToPeer { peer, payload } => self.to_peers.push((peer, payload)),
                Output::ToClient { peer, payload } => self.to_client.push((peer, payload)),
                Output::Record(record) => self.records.push(*record),
                other => panic!("{other:?}"),
            }
        }
    }

    fn client(&mut self, to: &str, payload: impl AsRef<[u8]>) {
        let (host, port) = to.rsplit_once(':').unwrap();
        let host = match host.parse() {
            Ok(ip) => Host::Ip(ip),
            Err(_) => Host::Name(host.into()),
        };
        let to = Destination { host, port: port.parse().unwrap() };
        self.give(Input::FromClient { to, payload: Bytes::copy_from_slice(payload.as_ref()) });
    }

    fn peer(&mut self, from: &str, payload: impl AsRef<[u8]>) {
        let payload = Bytes::copy_from_slice(payload.as_ref());
        self.give(Input::FromPeer { peer: from.parse().unwrap(), payload });
    }

    fn after(&mut self, wait: Duration) {
        self.now += wait;
        self.give(Input::Timeout);
    }

    /// How many datagrams have reached peers.
    fn passed(&self) -> usize {
        self.to_peers.len()
    }

    /// Ends it, and gives the record of the flow to `to`.
    fn record(&mut self, to: &str) -> Record {
        self.give(Input::Abort(CloseReason::ClientClosed));
        let to = to.parse().unwrap();
        let mut of_flow = self.records.iter().filter(|record| record.origin.addr == Some(to));
        of_flow.next().unwrap_or_else(|| panic!("{:#?}", self.records)).clone()
    }
}

fn block(filter: &str) -> Vec<Rule> {
    vec![Rule::new("no", Layer::Network, Action::Block, filter)]
}

fn relay_quic(settings: &mut Settings) {
    settings.quic = QuicPolicy::Relay;
}

const PEER: &str = "203.0.113.9:443";

#[test]
fn a_query_and_its_answer_pass() {
    let mut scene = Scene::new(vec![], |_| {});
    scene.client("203.0.113.9:53", QUERY);
    scene.peer("203.0.113.9:53", "answer");
    scene.peer("203.0.113.8:53", "nobody asked");
    assert_eq!((scene.passed(), scene.to_client.len()), (1, 1));
    let record = scene.record("203.0.113.9:53");
    assert_eq!(text(&record.client.detected_protocol), "dns");
    assert_eq!(record.datagrams.from_client, Some(1));
    assert_eq!(record.bytes.to_client, Some(6));
    let whole = scene.records.last().unwrap();
    assert_eq!((whole.datagrams.dropped, whole.datagrams.to_client), (Some(1), Some(1)));
    assert_eq!(scene.records.len(), 2);
}

#[test]
fn names_are_resolved_and_only_allowed_addresses_used() {
    let mut scene = Scene::new(vec![], |_| {});
    scene.client("a.test:53", QUERY);
    assert_eq!(scene.asked, ["a.test"]);
    assert_eq!(scene.to_peers[0].0, "203.0.113.9:53".parse().unwrap());
    for (host, reason) in [
        ("none.test:53", CloseReason::OriginUnroutable),
        ("ten.test:53", CloseReason::ProxyConnRefused),
        ("10.1.1.1:53", CloseReason::ProxyConnRefused),
    ] {
        scene.client(host, QUERY);
        let record = scene.records.last().unwrap();
        assert_eq!(record.close_reason, Some(reason), "{host}");
        assert_eq!(record.decision.action, Some(Done::Block));
    }
    assert_eq!(scene.passed(), 1);
}

#[test]
fn rules_decide_before_a_datagram_is_relayed() {
    for (filter, payload) in [
        ("net.dst.port == 443", QUERY),
        ("net.protocol == \"udp\"", QUERY),
        ("net.dst.ip in {203.0.113.0/24}", QUERY),
        ("net.protocol.detection == \"dns\"", QUERY),
        ("net.protocol.detection == \"stun\"", BINDING),
        ("webrtc.stun.method == \"allocate\"", ALLOCATE),
        ("net.protocol.detection == \"rtp\"", RTP),
        ("quic.sni == \"www.example.com\"", datagrams(QUIC)[0]),
        ("any(net.sni.domains[*] == \"example.com\")", datagrams(QUIC)[0]),
        ("any(quic.alpn[*] == \"h3\")", datagrams(QUIC)[0]),
        ("quic.sni == \"v2.example\"", datagrams(QUIC_2)[0]),
        ("webrtc.dtls.sni == \"a.tes\"", datagrams(DTLS)[0]),
    ] {
        let mut blocked = Scene::new(block(filter), relay_quic);
        blocked.client(PEER, payload);
        blocked.client(PEER, payload);
        assert_eq!(blocked.passed(), 0, "{filter}");
        let record = &blocked.records[0];
        assert_eq!(
            (record.decision.action, text(&record.decision.policy_id)),
            (Some(Done::Block), "no")
        );
        assert_eq!(blocked.records.len(), 1, "{filter}: one record, at once");
        let mut other = Scene::new(block(&format!("{filter} and net.dst.port == 1")), relay_quic);
        other.client(PEER, payload);
        assert_eq!(other.passed(), 1, "{filter}");
    }
}

#[test]
fn what_cannot_be_told_or_looked_into_is_refused_unless_let() {
    let quic = datagrams(QUIC)[0];
    let mut scene = Scene::new(vec![], |_| {});
    scene.client(PEER, quic);
    scene.client("203.0.113.9:9", "whatever");
    assert_eq!(scene.passed(), 0);
    let record = scene.record(PEER);
    assert_eq!(
        (text(&record.client.sni), record.decision.action),
        ("www.example.com", Some(Done::Block))
    );
    let off =
        Rule::new("off", Layer::Http, Action::DoNotInspect, "quic.sni == \"www.example.com\"");
    let mut scene = Scene::new(vec![off], |settings| {
        settings.unknown_protocol = UnknownProtocol::Relay;
    });
    scene.client(PEER, quic);
    scene.client("203.0.113.9:9", "whatever");
    assert_eq!(scene.passed(), 2);
    assert_eq!(scene.record(PEER).decision.action, Some(Done::Off));
}

#[test]
fn a_hello_over_several_datagrams_is_decided_as_a_whole() {
    let spread = datagrams(SPREAD);
    let mut scene = Scene::new(block("quic.sni == \"other.example\""), relay_quic);
    for (n, datagram) in spread.iter().enumerate() {
        assert_eq!(scene.passed(), 0, "{n}");
        scene.client(PEER, datagram);
    }
    assert_eq!(scene.passed(), spread.len());
    assert_eq!(text(&scene.record(PEER).client.sni), "big.example");
    let mut blocked = Scene::new(block("quic.sni == \"big.example\""), relay_quic);
    spread.iter().for_each(|datagram| blocked.client(PEER, datagram));
    assert_eq!(blocked.passed(), 0);
    let mut scene = Scene::new(vec![], |_| {});
    datagrams(DTLS_FRAGMENTS).iter().for_each(|datagram| scene.client(PEER, datagram));
    assert_eq!(scene.passed(), 2);
    let mut silent = Scene::new(vec![], relay_quic);
    silent.client(PEER, spread[0]);
    silent.after(Duration::from_secs(3));
    assert_eq!(silent.passed(), 0);
    assert_eq!(silent.records[0].close_reason, Some(CloseReason::ClientIdleTimeout));
}

#[test]
fn something_new_in_a_flow_is_asked_about() {
    let [first, second] = datagrams(TWO)[..] else { panic!() };
    let mut scene = Scene::new(block("quic.sni == \"other.example\""), relay_quic);
    scene.client(PEER, first);
    scene.client(PEER, first);
    scene.client(PEER, "\x41 short header");
    assert_eq!(scene.passed(), 3);
    scene.client(PEER, second);
    scene.client(PEER, "\x41 short header");
    assert_eq!(scene.passed(), 3);
    let mut scene = Scene::new(block("net.protocol.detection == \"rtp\""), |_| {});
    scene.client(PEER, BINDING);
    scene.client(PEER, datagrams(DTLS)[0]);
    assert_eq!(scene.passed(), 2);
    scene.client(PEER, RTP);
    assert_eq!(scene.passed(), 2, "media in a flow of data");
}

#[test]
fn the_peers_of_a_relay_are_destinations() {
    let mut scene = Scene::new(block("net.dst.ip in {198.51.100.0/24}"), |_| {});
    scene.client(PEER, ALLOCATE);
    scene.client(PEER, turn(CREATE_PERMISSION, "192.0.2.9:5000"));
    scene.client(PEER, turn(SEND, "192.0.2.9:5000"));
    assert_eq!(scene.passed(), 3);
    for peer in ["10.0.0.1:80", "198.51.100.1:80"] {
        scene.client(PEER, turn(CREATE_PERMISSION, peer));
        scene.client(PEER, turn(SEND, peer));
        assert_eq!(scene.passed(), 3, "{peer}");
    }
    // With a tail it is no message, yet some relay might read it.
    scene.client(PEER, [turn(SEND, "10.0.0.1:80"), vec![0; 4]].concat());
    scene.client(PEER, turn(SEND, "192.0.2.9:5000"));
    assert_eq!(scene.passed(), 4, "the relay goes on for others");
    let record = scene.record(PEER);
    assert_eq!(record.datagrams.dropped, Some(5));
    let warnings = format!("{:?}", record.warnings);
    assert!(warnings.contains("10.0.0.1:80 is refused: private"), "{warnings}");
    assert!(warnings.contains("198.51.100.1:80 is refused: rule no"), "{warnings}");
    let mut by_name = Scene::new(block("any(webrtc.turn.peer_ip[*] == 192.0.2.9)"), |_| {});
    by_name.client(PEER, ALLOCATE);
    by_name.client(PEER, turn(CREATE_PERMISSION, "192.0.2.9:5000"));
    assert_eq!(by_name.passed(), 1);
}

#[test]
fn limits_hold_and_what_is_dropped_is_counted() {
    let mut scene = Scene::new(vec![], |settings| {
        settings.limits.association.peers_max = 2;
        settings.limits.association.held_bytes_max = 1300;
        settings.limits.association.datagram_bytes_max = 1400;
        relay_quic(settings);
    });
    for port in 1..=3 {
        scene.client(&format!("203.0.113.9:{port}"), QUERY);
    }
    assert_eq!(scene.passed(), 2);
    scene.client("203.0.113.9:1", [0; 1401]);
    let spread = datagrams(SPREAD);
    scene.client("203.0.113.9:1", spread[0]);
    scene.client("203.0.113.9:1", spread[1]);
    scene.give(Input::Malformed);
    scene.give(Input::Abort(CloseReason::ClientClosed));
    let whole = scene.records.last().unwrap();
    // The third peer, too large, no room, never decided, malformed.
    assert_eq!(whole.datagrams.dropped, Some(5));
}

#[test]
fn idle_flows_and_associations_end() {
    let mut scene = Scene::new(vec![], |_| {});
    scene.client(PEER, QUERY);
    scene.after(Duration::from_secs(100));
    scene.peer(PEER, "answer");
    scene.after(Duration::from_secs(100));
    assert!(scene.records.is_empty() && !scene.association.is_done());
    scene.after(Duration::from_secs(21));
    assert!(scene.association.is_done());
    assert_eq!(scene.association.deadline(), None);
    assert_eq!(scene.records.len(), 2);
}

#[test]
fn a_name_that_is_only_said_leaves_no_flow_alone() {
    let alone = || {
        let filter = r#"net.sni.host == "www.example.com""#;
        vec![Rule::new("off", Layer::Http, Action::DoNotInspect, filter)]
    };
    for (to, passes) in [("www.example.com:443", 1), ("evil.test:443", 0), (PEER, 1)] {
        let mut scene = Scene::new(alone(), |_| {});
        scene.client(to, datagrams(QUIC)[0]);
        assert_eq!(scene.passed(), passes, "{to}");
    }
}

#[test]
fn an_association_that_drains_ends_with_its_last_flow() {
    const OTHER: &str = "203.0.113.8:3478";
    let mut scene = Scene::new(block("net.dst.ip == 203.0.113.7"), |_| {});
    scene.client(PEER, QUERY);
    scene.peer(PEER, "answer");
    scene.after(Duration::from_secs(3));
    scene.client(OTHER, QUERY);
    scene.client("203.0.113.7:53", QUERY);
    scene.give(Input::Drain);
    // Who was quiet has finished, and nobody waits for what is refused.
    assert_eq!(scene.records.len(), 2, "{:?}", scene.records);
    assert!(!scene.association.is_done());
    // What goes on is not cut off, whoever speaks, and nothing new begins.
    for _ in 0..20 {
        scene.after(Duration::from_millis(1_500));
        scene.client(OTHER, QUERY);
        scene.after(Duration::from_millis(1_500));
        scene.peer(OTHER, "answer");
    }
    let passed = scene.passed();
    scene.client(PEER, QUERY);
    assert_eq!(scene.passed(), passed);
    assert!(!scene.association.is_done());
    scene.after(Duration::from_millis(2_001));
    assert!(scene.association.is_done());
    assert_eq!(scene.records.len(), 4);
    // Who does nothing ends at once.
    let mut idle = Scene::new(vec![], |_| {});
    idle.give(Input::Drain);
    assert!(idle.association.is_done());
}

/// What happens to an association.
#[derive(Clone, Debug)]
enum Event {
    Client(usize, Vec<u8>),
    Peer(usize, Vec<u8>),
    Wait(u64),
    Malformed,
    Drain,
}

const HOSTS: &[&str] =
    &[PEER, "203.0.113.8:3478", "10.0.0.1:53", "a.test:443", "none.test:1", "203.0.113.9:53"];

fn event() -> impl Strategy<Value = Event> {
    let mut payloads: Vec<Vec<u8>> =
        [BINDING, ALLOCATE, QUERY, RTP, b"what", b"\x40\0\0\x02ab", b""]
            .iter()
            .map(|payload| payload.to_vec())
            .collect();
    for file in [QUIC, QUIC_2, SPREAD, TWO, DTLS, DTLS_FRAGMENTS] {
        payloads.extend(datagrams(file).iter().map(|datagram| datagram.to_vec()));
    }
    for peer in ["10.0.0.1:1", "192.0.2.9:5000", "198.51.100.1:80"] {
        payloads.extend([turn(CREATE_PERMISSION, peer), turn(SEND, peer)]);
    }
    let payload = prop_oneof![
        6 => proptest::sample::select(payloads.clone()),
        1 => (proptest::sample::select(payloads), any::<prop::sample::Index>(), any::<u8>())
            .prop_filter_map("empty", |(mut payload, at, byte)| {
                let at = at.index(payload.len().max(1));
                *payload.get_mut(at)? = byte;
                Some(payload)
            }),
    ];
    let host = 0..HOSTS.len();
    prop_oneof![
        8 => (host.clone(), payload.clone()).prop_map(|(host, p)| Event::Client(host, p)),
        2 => (host, payload).prop_map(|(host, p)| Event::Peer(host, p)),
        2 => (0..70_000u64).prop_map(Event::Wait),
        1 => Just(Event::Malformed),
        1 => Just(Event::Drain),
    ]
}

fn play(events: &[Event]) -> Scene {
    let rules = [
        ("sni", "quic.sni == \"other.example\""),
        ("net", "net.dst.ip in {198.51.100.0/24}"),
        ("method", "webrtc.stun.method == \"send\" and net.dst.port == 3478"),
    ];
    let rule = |(id, filter): (&str, &str)| Rule::new(id, Layer::Network, Action::Block, filter);
    let mut scene = Scene::new(rules.map(rule).to_vec(), |settings| {
        relay_quic(settings);
        settings.limits.association.peers_max = 4;
        settings.limits.association.held_bytes_max = 4000;
    });
    for event in events {
        match event {
            Event::Client(host, payload) => scene.client(HOSTS[*host], payload),
            Event::Peer(host, payload) => {
                let from =
                    if HOSTS[*host].parse::<SocketAddr>().is_ok() { HOSTS[*host] } else { PEER };
                scene.peer(from, payload);
            }
            Event::Wait(ms) => scene.after(Duration::from_millis(*ms)),
            Event::Malformed => scene.give(Input::Malformed),
            Event::Drain => scene.give(Input::Drain),
        }
    }
    scene
}

fn told(scene: &Scene) -> String {
    let mut lines = Vec::new();
    for record in &scene.records {
        JsonLines::new(gateway_log::Limits::default()).encode(record, &mut lines);
    }
    let lines = String::from_utf8(lines).unwrap();
    format!("{:?}\n{:?}\n{:?}\n{lines}", scene.to_peers, scene.to_client, scene.asked)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_same_inputs_give_the_same_outputs(events in prop::collection::vec(event(), 0..20)) {
        prop_assert_eq!(told(&play(&events)), told(&play(&events)));
    }

    #[test]
    fn every_flow_has_one_record_and_every_datagram_is_counted(
        events in prop::collection::vec(event(), 0..20),
    ) {
        let mut scene = play(&events);
        // What is due is done: no deadline stays in the past.
        scene.give(Input::Timeout);
        prop_assert!(scene.association.deadline().is_none_or(|at| at > scene.now));
        scene.give(Input::Abort(CloseReason::ClientClosed));
        prop_assert!(scene.association.is_done());
        let ids: Vec<String> =
            scene.records.iter().map(|record| text(&record.request_id).to_owned()).collect();
        let mut once = ids.clone();
        once.sort();
        once.dedup();
        prop_assert_eq!(once.len(), ids.len());
        prop_assert_eq!(ids.iter().filter(|id| id.is_empty()).count(), 1);
        prop_assert!(scene.to_peers.iter().all(|(peer, _)| NotTen.refusal(*peer).is_none()));
        for (_, payload) in &scene.to_peers {
            let forbidden = [turn(SEND, "10.0.0.1:1"), turn(SEND, "198.51.100.1:80")];
            prop_assert!(forbidden.iter().all(|other| payload != other));
        }
        // What came in went out or was dropped.
        let whole = scene.records.iter().find(|record| record.request_id.is_empty()).unwrap();
        let went = (scene.to_peers.len() + scene.to_client.len()) as u64;
        prop_assert_eq!(whole.datagrams.dropped, Some(scene.came - went));
        let before = told(&scene);
        scene.client(PEER, QUERY);
        scene.give(Input::Abort(CloseReason::ClientClosed));
        prop_assert_eq!(before, told(&scene));
    }
}
