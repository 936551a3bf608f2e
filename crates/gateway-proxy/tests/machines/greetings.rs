//! A client that is silent at first, and an origin that may be the one to begin: what is decided is
//! decided on what is complete, however it comes.

use std::time::Duration;

use gateway_log::CloseReason;
use gateway_proxy::{Input, Settings, UnknownProtocol, Wire};
use gateway_rules::{Action, Layer, Rule};

use crate::scene::{Scene, policy, text};
use crate::tunnels::hello;

const PATIENCE: Duration = Duration::from_secs(6);

/// Rules that know some protocols.
fn rules() -> Vec<Rule> {
    let filter = "net.protocol.detection == \"pop3\"";
    vec![Rule::new("no", Layer::Network, Action::Block, filter)]
}

/// A client that has been silent until its origin was connected.
fn silent() -> Scene {
    let relay = |settings: &mut Settings| settings.unknown_protocol = UnknownProtocol::Relay;
    let mut scene = Scene::transparent(policy(rules(), relay), "203.0.113.9:25");
    scene.after(PATIENCE);
    assert_eq!(scene.asked, ["dial 203.0.113.9:25"]);
    scene
}

/// What became of a session.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    asked: Vec<String>,
    detected: String,
    close: Option<CloseReason>,
    to_client: String,
    to_origins: Vec<Vec<u8>>,
}

fn outcome(mut scene: Scene) -> Outcome {
    scene.give(Input::Abort(CloseReason::ProxyConnRefused));
    let record =
        scene.records.iter().find(|record| record.kind == gateway_log::RecordKind::Session);
    let record = record.expect("one session, one record");
    Outcome {
        detected: text(&record.client.detected_protocol).to_owned(),
        close: record.close_reason,
        to_client: scene.at_client(),
        to_origins: scene.to_origin.values().cloned().collect(),
        asked: scene.asked,
    }
}

/// Who says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Client,
    Origin,
}

fn say(scene: &mut Scene, side: Side, bytes: &[u8]) {
    if scene.session.is_done() || bytes.is_empty() {
        return;
    }
    match side {
        Side::Client => scene.client(bytes),
        Side::Origin => {
            let (id, _) = scene.to_origin.first_key_value().expect("it was dialled");
            let wire = Wire::Origin(*id);
            scene.give(Input::Bytes(wire, bytes::Bytes::copy_from_slice(bytes)));
        }
    }
}

/// Says `bytes` in two pieces of every size, and byte by byte: the outcome is the same. Behind what
/// is not complete comes the end of the patience.
fn check(side: Side, bytes: &[u8], expected: &[&str], detected: &str) -> Outcome {
    let mut whole = None;
    let cuts = (0..=bytes.len()).map(|cut| vec![&bytes[..cut], &bytes[cut..]]);
    for pieces in cuts.chain([bytes.chunks(1).collect()]) {
        let mut scene = silent();
        for piece in &pieces {
            say(&mut scene, side, piece);
            // What the driver relays from then on it reads itself.
            if scene.asked.last().is_some_and(|last| last == "splice") {
                break;
            }
        }
        let spliced = scene.asked.last().is_some_and(|last| last == "splice");
        let undecided = scene.asked == [DIAL];
        if undecided && !scene.session.is_done() {
            scene.after(PATIENCE);
        }
        let mut outcome = outcome(scene);
        if spliced {
            // How much of it was needed to decide depends on the pieces, what is decided does not.
            outcome.to_client.clear();
            outcome.to_origins.clear();
        }
        let asked: Vec<&str> = outcome.asked.iter().map(String::as_str).collect();
        assert_eq!(asked, expected, "{} in {pieces:?}", bytes.escape_ascii());
        assert_eq!(outcome.detected, detected, "{} in {pieces:?}", bytes.escape_ascii());
        assert_eq!(*whole.get_or_insert(outcome.close), outcome.close, "{pieces:?}");
    }
    let mut scene = silent();
    say(&mut scene, side, bytes);
    outcome(scene)
}

const DIAL: &str = "dial 203.0.113.9:25";

#[test]
fn the_greeting_of_a_server_is_decided_on_whole() {
    for (greeting, detected) in [
        ("220 mx.example ESMTP ready\r\n", "smtp"),
        ("220-welcome\r\n220 files FTP\r\n", "ftp"),
        ("SSH-2.0-x\r\n", "ssh"),
        ("* OK IMAP4rev1 ready\r\n", "imap"),
        ("220 nobody knows\r\n", ""),
        ("Hello\r\n", ""),
        ("220 without an end", ""),
    ] {
        check(Side::Origin, greeting.as_bytes(), &[DIAL, "splice"], detected);
        let mut scene = silent();
        say(&mut scene, Side::Origin, greeting.as_bytes());
        scene.after(PATIENCE);
        assert_eq!(scene.at_client(), greeting, "all of it goes on");
    }
    let refused = check(Side::Origin, b"+OK POP3 ready\r\n", &[DIAL], "pop3");
    assert_eq!(
        (refused.to_client.as_str(), refused.close),
        ("", Some(CloseReason::ProxyConnRefused))
    );
}

#[test]
fn a_client_that_speaks_late_is_decided_on_whole() {
    for (bytes, detected) in [
        (&b"SSH-2.0-OpenSSH_9.2\r\n"[..], "ssh"),
        (b"EHLO client.example\r\n", "smtp"),
        (b"\x13BitTorrent protocol", "bittorrent"),
        (b"\xff\xfe\xfd\xfc what is this", ""),
        // Never complete: the patience ends it.
        (b"EH", ""),
        (b"\x13BitTorr", ""),
    ] {
        check(Side::Client, bytes, &[DIAL, "splice"], detected);
        let mut scene = silent();
        say(&mut scene, Side::Client, bytes);
        scene.after(PATIENCE);
        assert_eq!(scene.to_origin.values().collect::<Vec<_>>(), [bytes], "all of it goes on");
    }
    let refused = check(Side::Client, b"CAPA\r\n", &[DIAL], "pop3");
    assert_eq!(refused.close, Some(CloseReason::ProxyConnRefused));
    assert_eq!(refused.to_origins, [b""], "not a byte of it has gone on");
}

#[test]
fn who_begins_late_with_tls_is_looked_into_or_let_go_nowhere() {
    let whole = hello("a.test");
    let looked_into = [DIAL, DIAL, "tls a.test mirrors true", "park"];
    let seen = check(Side::Client, &whole, &looked_into, "tls");
    assert!(seen.to_origins.iter().all(Vec::is_empty), "not a byte of it has gone on");
    for broken in [&whole[..whole.len() - 1], &whole[..1], b"\x16\x03\x01\0\x02\xff\xff"] {
        let refused = check(Side::Client, broken, &[DIAL], "");
        assert!(refused.to_origins.iter().all(Vec::is_empty), "{broken:?}");
    }
}

#[test]
fn who_begins_late_with_http_is_looked_into() {
    let bytes = b"GET /x HTTP/1.1\r\nHost: a.test:25\r\n\r\n";
    let seen = check(Side::Client, bytes, &[DIAL, DIAL], "http1");
    let [greeted, asked] = &seen.to_origins[..] else { panic!("{seen:?}") };
    assert!(greeted.is_empty(), "{seen:?}");
    assert!(asked.starts_with(b"GET /x HTTP/1.1\r\nHost: a.test:25\r\n"), "{seen:?}");
}

#[test]
fn what_the_other_side_has_half_said_changes_nothing() {
    // The client says what is not complete, then the origin what is; and the other way round.
    let (greeting, client) = (&b"220 mx.example ESMTP\r\n"[..], &b"EHLO a\r\n"[..]);
    for cut in 0..5 {
        let mut scene = silent();
        say(&mut scene, Side::Client, &client[..cut]);
        say(&mut scene, Side::Origin, greeting);
        assert_eq!(scene.asked, [DIAL, "splice"], "{cut}");
        let at_origin = scene.to_origin.values().next().expect("it was dialled");
        assert_eq!((scene.at_client().as_bytes(), &at_origin[..]), (greeting, &client[..cut]));
    }
    for cut in 0..greeting.len() {
        let mut scene = silent();
        say(&mut scene, Side::Origin, &greeting[..cut]);
        assert!(scene.to_client.is_empty(), "undecided");
        say(&mut scene, Side::Client, client);
        assert_eq!(scene.asked, [DIAL, "splice"], "{cut}");
        assert_eq!(scene.at_client().as_bytes(), &greeting[..cut]);
    }
    // What the origin has said goes nowhere when the client turns out to speak HTTP.
    let mut scene = silent();
    say(&mut scene, Side::Origin, b"220 mx");
    say(&mut scene, Side::Client, b"GET /blocked HTTP/1.1\r\nHost: a.test\r\n\r\n");
    assert!(!scene.at_client().contains("220 mx") && scene.asked[..] != [DIAL, "splice"]);
    let (first, _) = scene.to_origin.first_key_value().expect("it was dialled");
    assert!(scene.closed.contains_key(&Wire::Origin(*first)));
}

#[test]
fn the_end_of_an_origin_completes_what_it_has_said() {
    let mut scene = silent();
    say(&mut scene, Side::Origin, b"220 no line end");
    scene.give(Input::End(Wire::Origin(scene.last_origin())));
    assert_eq!(
        (&scene.asked[..], scene.at_client()),
        (&[DIAL.into(), "splice".into()][..], "220 no line end".into())
    );
    for gone in [Input::End as fn(Wire) -> Input, Input::Gone] {
        let mut scene = silent();
        let wire = Wire::Origin(scene.last_origin());
        scene.give(gone(wire));
        assert!(scene.session.is_done() && scene.to_client.is_empty());
    }
    let mut scene = silent();
    say(&mut scene, Side::Origin, b"220 no");
    scene.give(Input::Gone(Wire::Origin(scene.last_origin())));
    assert!(scene.session.is_done(), "nothing is left to be relayed");
}
