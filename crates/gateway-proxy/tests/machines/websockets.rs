//! WebSockets: what passes, what is held, what is refused, and what the record says of it.

use std::sync::Arc;
use std::time::Duration;

use flate2::{Compress, Compression, FlushCompress};
use gateway_h1h2::ws::{FrameHeader, Opcode, apply_mask, close_frame};
use gateway_inspect::HoldPolicy;
use gateway_log::{Action, CloseReason, Record};
use gateway_proxy::{Close, Input, Policy, Scanner, Settings, WebSocketPolicy, Wire};
use gateway_rules::{Action as RuleAction, Layer, Rule};
use proptest::prelude::*;

use crate::scene::{Scene, Whole, policy, rules};

pub(crate) const OFFER: &str = "GET http://a.test/ws HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Extensions: x-other, permessage-deflate; client_max_window_bits\r\n\r\n";
pub(crate) const AGREED: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
pub(crate) const REASON: &str = "Blocked by a rule of your organisation.";
pub(crate) const MASK: [u8; 4] = [1, 2, 3, 4];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    Client,
    Origin,
}

pub(crate) fn frame(from: From, first: u8, payload: &[u8]) -> Vec<u8> {
    let opcode = match first & 15 {
        0 => Opcode::Continuation,
        1 => Opcode::Text,
        2 => Opcode::Binary,
        8 => Opcode::Close,
        9 => Opcode::Ping,
        _ => Opcode::Pong,
    };
    let mask = (from == From::Client).then_some(MASK);
    let (fin, rsv1, length) = (first & 128 != 0, first & 64 != 0, payload.len() as u64);
    let mut out = Vec::new();
    FrameHeader { fin, rsv1, opcode, mask, length }.encode(&mut out);
    let at = out.len();
    out.extend_from_slice(payload);
    if let Some(mask) = mask {
        apply_mask(&mut out[at..], mask, 0);
    }
    out
}

pub(crate) fn up(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    frame(From::Client, first, payload.as_ref())
}

pub(crate) fn down(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    frame(From::Origin, first, payload.as_ref())
}

pub(crate) fn deflated(engine: &mut Compress, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 100);
    engine.compress_vec(content, &mut out, FlushCompress::Sync).unwrap();
    out.truncate(out.len() - 4);
    out
}

/// A scene in which the protocol has changed; what was said until then is taken away.
pub(crate) fn open(policy: Arc<Policy>, extra: &str) -> Scene {
    let mut scene = Scene::new(policy);
    scene.client(OFFER);
    scene.origin(format!("{AGREED}{extra}\r\n"));
    let told = String::from_utf8(std::mem::take(&mut scene.to_client)).unwrap();
    assert!(told.starts_with("HTTP/1.1 101 "), "{told}");
    scene.to_origin.values_mut().for_each(Vec::clear);
    scene
}

fn usual() -> Scene {
    open(policy(rules(), |_| {}), "")
}

pub(crate) fn at_origin(scene: &mut Scene) -> Vec<u8> {
    scene.to_origin.values_mut().next_back().map(std::mem::take).unwrap()
}

pub(crate) fn at_client(scene: &mut Scene) -> Vec<u8> {
    std::mem::take(&mut scene.to_client)
}

/// Both ends say goodbye to a close frame of the gateway.
pub(crate) fn both_answer(scene: &mut Scene) {
    scene.client(up(0x88, 1008_u16.to_be_bytes()));
    assert!(!scene.session.is_done());
    scene.origin(down(0x88, 1008_u16.to_be_bytes()));
    assert!(scene.session.is_done());
}

pub(crate) fn only_record(scene: &Scene) -> Record {
    assert_eq!((scene.sessions(), scene.requests().len()), (1, 1), "{}", scene.log());
    scene.requests()[0].clone()
}

#[test]
fn what_is_in_order_passes_as_it_came() {
    let mut scene = usual();
    let mut sent = Vec::new();
    for bytes in [
        up(0x81, "hello"),
        up(0x01, "frag"),
        up(0x89, "ping"),
        up(0x80, "mented"),
        up(0x82, vec![7; 70_000]),
        up(0x82, ""),
    ] {
        scene.client(&bytes);
        sent.push(bytes);
    }
    // A ping does not wait for the message that it comes within.
    sent.swap(1, 2);
    assert!(at_origin(&mut scene) == sent.concat());
    let answers = [down(0x8a, "ping"), down(0x81, "SECRE"), down(0x81, "T")];
    scene.origin(answers.concat());
    assert_eq!(at_client(&mut scene), answers.concat());
    let (bye, good) = (up(0x88, 1000_u16.to_be_bytes()), down(0x88, 1001_u16.to_be_bytes()));
    scene.client(&bye);
    assert_eq!(at_origin(&mut scene), bye);
    scene.origin(&good);
    assert_eq!(at_client(&mut scene), good);
    scene.give(Input::End(Wire::Origin(scene.last_origin())));
    assert!(scene.session.is_done());
    let record = only_record(&scene);
    let socket = &record.websocket;
    assert_eq!((socket.messages_from_client, socket.messages_from_origin), (Some(4), Some(2)));
    assert_eq!(socket.close_code_of_client, Some(1000));
    assert_eq!(socket.close_code_of_origin, Some(1001));
    assert_eq!((socket.close_code_sent, socket.compressed), (None, Some(false)));
    let bytes = Some((sent.concat().len() + bye.len()) as u64);
    assert_eq!((record.bytes.from_client, record.bytes.to_origin), (bytes, bytes));
    assert_eq!(record.decision.action, Some(Action::Allow));
    assert_eq!(record.http.status.map(u32::from), Some(101));
    assert_eq!(record.inspection.scanned_bytes, Some(5 + 10 + 70_000 + 6));
}

#[test]
fn a_message_that_is_refused_closes_both_ways() {
    for (sent, from, rule) in [
        (up(0x81, "a SECRET!"), From::Client, "up"),
        ([up(0x01, "SEC"), up(0x80, "RET")].concat(), From::Client, "up"),
        (down(0x82, "a SECRET!"), From::Origin, "down"),
    ] {
        let mut scene = usual();
        scene.client(up(0x81, "first"));
        assert_eq!(at_origin(&mut scene), up(0x81, "first"));
        match from {
            From::Client => scene.client(&sent),
            From::Origin => scene.origin(&sent),
        }
        assert_eq!(at_client(&mut scene), close_frame(1008, REASON, None));
        assert_eq!(at_origin(&mut scene), close_frame(1008, REASON, Some(MASK)));
        // Nothing passes any more.
        scene.client(up(0x81, "more"));
        scene.origin(down(0x81, "more"));
        assert_eq!((at_client(&mut scene), at_origin(&mut scene)), (vec![], vec![]));
        both_answer(&mut scene);
        let record = only_record(&scene);
        assert_eq!(record.decision.action, Some(Action::Block));
        assert_eq!(record.decision.policy_id, rule.into());
        assert_eq!(record.decision.trail.len(), 1);
        assert_eq!(record.close_reason, Some(CloseReason::ProxyConnRefused));
        assert_eq!(record.websocket.close_code_sent, Some(1008));
        assert_eq!(record.websocket.close_code_of_client, Some(1008));
        assert!(!scene.log().contains("SECRET"), "{}", scene.log());
        assert!(scene.log().contains("\"words\""), "{}", scene.log());
    }
}

#[test]
fn who_does_not_answer_is_not_waited_for() {
    let mut scene = usual();
    scene.client(up(0x81, "SECRET"));
    scene.after(Duration::from_secs(4));
    assert!(!scene.session.is_done());
    scene.after(Duration::from_secs(2));
    assert!(scene.session.is_done());
    assert_eq!(scene.closed.get(&Wire::Client), Some(&Close::Graceful));
    only_record(&scene);
}

#[test]
fn compression_is_kept_and_looked_into() {
    let extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    let mut scene = Scene::usual();
    scene.client(OFFER);
    let asked = scene.at_origin();
    let kept = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    assert!(asked.contains(kept) && !asked.contains("x-other"), "{asked}");
    scene.origin(format!("{AGREED}{extension}\r\n"));
    assert!(scene.at_client().contains(extension), "{}", scene.at_client());
    let mut scene = open(policy(rules(), |_| {}), extension);
    let mut engine = Compress::new(Compression::new(6), false);
    let first = up(0xc1, deflated(&mut engine, b"SECRE SECRE"));
    let plain = up(0x81, "plain");
    scene.client([first.clone(), plain.clone()].concat());
    assert_eq!(at_origin(&mut scene), [first, plain].concat());
    // Most of it is a reference to the message before.
    let second = deflated(&mut engine, b"SECRET SECRE");
    assert!(second.len() < 12);
    scene.client(up(0xc1, second));
    assert_eq!(at_origin(&mut scene), close_frame(1008, REASON, Some(MASK)));
    both_answer(&mut scene);
    assert_eq!(only_record(&scene).websocket.compressed, Some(true));
}

#[test]
fn a_bomb_is_stopped() {
    let extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    let mut scene = open(policy(rules(), |_| {}), extension);
    let bomb = deflated(&mut Compress::new(Compression::new(9), false), &vec![0; 32 << 20]);
    scene.client(up(0xc2, bomb));
    assert_eq!((at_client(&mut scene).len(), at_origin(&mut scene)[0]), (0, 0x88));
    scene.origin(down(0x88, 1009_u16.to_be_bytes()));
    let told = at_client(&mut scene);
    assert_eq!(&told[..4], [&[0x88, told.len() as u8 - 2][..], &1009_u16.to_be_bytes()].concat());
    assert!(scene.session.is_done());
    let record = only_record(&scene);
    assert_eq!(record.websocket.close_code_sent, Some(1009));
    assert_eq!(record.close_reason, Some(CloseReason::ClientError));
    assert!(scene.log().contains("ratio_exceeded"), "{}", scene.log());
}

#[test]
fn a_long_message_streams_and_is_cut() {
    let mut scene = usual();
    let clean = vec![b'x'; 200_000];
    let message = up(0x82, [clean.as_slice(), b"SECRET", &clean].concat());
    scene.client(&message[..150_000]);
    let told = at_origin(&mut scene).len();
    assert!((140_000..=150_000).contains(&told), "{told}");
    scene.client(&message[150_000..]);
    let told = told + at_origin(&mut scene).len();
    assert!(told < 200_014, "{told}");
    // The client stands between frames, the origin within one.
    assert_eq!(at_client(&mut scene), close_frame(1008, REASON, None));
    scene.client(up(0x88, ""));
    scene.after(Duration::from_secs(6));
    assert!(scene.session.is_done());
    assert_eq!(scene.closed.get(&Wire::Client), Some(&Close::Abort));
    assert_eq!(only_record(&scene).decision.action, Some(Action::Block));
}

#[test]
fn frames_of_a_long_message_leave_whole() {
    let mut scene = usual();
    let piece = up(0x00, vec![b'x'; 40_000]);
    scene.client(up(0x02, vec![b'x'; 40_000]));
    scene.client(&piece);
    assert_eq!(at_origin(&mut scene).len(), 2 * piece.len());
    scene.client(&piece[..30_000]);
    assert_eq!(at_origin(&mut scene).len(), 0);
    scene.client(&piece[30_000..]);
    scene.client(up(0x80, "SECRET"));
    assert_eq!(at_origin(&mut scene)[piece.len()..], close_frame(1008, REASON, Some(MASK)));
    both_answer(&mut scene);
}

#[test]
fn a_message_that_stays_open_goes_on_its_way() {
    let releasing = |settings: &mut Settings| settings.limits.inspect.idle_release_ms = 2_000;
    let mut scene = open(policy(rules(), releasing), "");
    let parts = [up(0x01, "a beginning"), up(0x00, " SECR")];
    scene.client(&parts[0]);
    assert_eq!(at_origin(&mut scene), b"");
    scene.after(Duration::from_secs(3));
    assert_eq!(at_origin(&mut scene), parts[0]);
    scene.client(&parts[1]);
    assert_eq!(at_origin(&mut scene), b"", "the beginning of a match");
    scene.client(up(0x80, "ET"));
    assert_eq!(at_origin(&mut scene), close_frame(1008, REASON, Some(MASK)));
    both_answer(&mut scene);
}

#[test]
fn whole_messages_wait_for_those_who_judge_the_whole() {
    let mut both = rules();
    both.push(Rule::new("av", Layer::Http, RuleAction::Block, "av.infected"));
    let mut whole = (*policy(both, |_| {})).clone();
    let hold = HoldPolicy::Tail(1_000);
    whole.scanners.push(Scanner { name: "av", examiner: Arc::new(Whole), hold });
    let mut scene = open(Arc::new(whole), "");
    scene.client(up(0x81, "small"));
    assert_eq!(at_origin(&mut scene), up(0x81, "small"));
    let long = up(0x82, vec![b'x'; 300_000]);
    for piece in long[..200_000].chunks(10_000) {
        scene.client(piece);
    }
    let told = at_origin(&mut scene).len();
    assert!((180_000..199_000).contains(&told), "{told}");
    scene.client(&long[200_000..]);
    assert_eq!(told + at_origin(&mut scene).len(), long.len());
}

#[test]
fn broken_rules_close_with_their_code() {
    for (sent, from, code, reason) in [
        (down(0x81, "x"), From::Client, 1002_u16, CloseReason::ClientError),
        (up(0x81, "x"), From::Origin, 1002, CloseReason::OriginError),
        (up(0x81, b"\xff"), From::Client, 1007, CloseReason::ClientError),
        (up(0xc1, "x"), From::Client, 1002, CloseReason::ClientError),
    ] {
        let mut scene = usual();
        // What the other side says to what came before still goes through, then the end.
        match from {
            From::Client => {
                scene.client([up(0x81, "before"), sent, up(0x81, "behind")].concat());
                assert!(at_origin(&mut scene).starts_with(&up(0x81, "before")));
                scene.origin(down(0x81, "answer"));
                assert_eq!(at_client(&mut scene), down(0x81, "answer"));
                scene.origin(down(0x88, code.to_be_bytes()));
                assert_eq!(at_client(&mut scene)[2..4], code.to_be_bytes());
                assert!(scene.session.is_done());
            }
            From::Origin => {
                scene.origin([down(0x81, "before"), sent].concat());
                let told = at_client(&mut scene).split_off(down(0x81, "before").len());
                assert_eq!(told[2..4], code.to_be_bytes());
                assert_eq!(at_origin(&mut scene), b"");
                // Nobody is waited for without end.
                scene.after(Duration::from_secs(6));
                assert!(!at_origin(&mut scene).is_empty());
                scene.after(Duration::from_secs(6));
            }
        }
        let record = only_record(&scene);
        assert_eq!(record.websocket.close_code_sent, Some(code));
        assert_eq!(record.close_reason, Some(reason));
        assert_eq!(record.warnings.len(), 1);
    }
}

#[test]
fn a_wrong_answer_is_no_change_of_protocol() {
    for answer in [
        AGREED.replace("s3pP", "s3pQ"),
        AGREED.replace("Sec-WebSocket-Accept", "X"),
        format!("{AGREED}Sec-WebSocket-Extensions: x-other\r\n"),
        format!("{AGREED}Sec-WebSocket-Protocol: chat\r\n"),
    ] {
        let mut scene = Scene::usual();
        scene.client(OFFER);
        scene.origin(format!("{answer}\r\n\x01\x02"));
        assert!(scene.at_client().starts_with("HTTP/1.1 502 "), "{}", scene.at_client());
        scene.give(Input::End(Wire::Client));
        assert_eq!(only_record(&scene).close_reason, Some(CloseReason::OriginError));
    }
}

#[test]
fn an_offer_that_is_declined_is_a_request_like_any_other() {
    let mut not = rules();
    let filter = r#"not any(dlp.upload.profiles[*] == "words")"#;
    not.push(Rule::new("not", Layer::Http, RuleAction::Block, filter));
    for (rules, status) in [(rules(), "200 OK"), (not, "403 Forbidden")] {
        let mut scene = Scene::new(policy(rules, |_| {}));
        scene.client(OFFER);
        scene.origin("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        assert!(scene.at_client().contains(status), "{}", scene.at_client());
        scene.give(Input::End(Wire::Client));
        only_record(&scene);
    }
}

#[test]
fn an_offer_that_is_none_is_taken_out() {
    let strip = policy(rules(), |settings: &mut Settings| {
        settings.websocket = WebSocketPolicy::Strip;
    });
    for (policy, offer) in [
        (strip, OFFER.to_owned()),
        (policy(rules(), |_| {}), OFFER.replace("13\r\n", "8\r\n")),
        (policy(rules(), |_| {}), OFFER.replace("dGhl", "")),
    ] {
        let mut scene = Scene::new(policy);
        scene.client(offer);
        assert!(!scene.at_origin().to_lowercase().contains("upgrade"), "{}", scene.at_origin());
    }
}

#[test]
fn what_is_relayed_is_not_looked_at() {
    let relay = policy(rules(), |settings: &mut Settings| {
        settings.websocket = WebSocketPolicy::Relay;
    });
    let mut scene = open(relay, "Sec-WebSocket-Extensions: x-other\r\n");
    scene.client("SECRET, and no frame at all");
    assert_eq!(at_origin(&mut scene), b"SECRET, and no frame at all");
    scene.give(Input::End(Wire::Client));
    scene.give(Input::End(Wire::Origin(scene.last_origin())));
    assert_eq!(only_record(&scene).websocket.messages_from_client, None);
}

#[test]
fn what_nobody_wants_is_counted_and_passes_at_once() {
    let mut scene = open(policy(vec![], |_| {}), "");
    let message = up(0x82, vec![7; 1_000]);
    scene.client(&message[..500]);
    assert_eq!(at_origin(&mut scene), &message[..500]);
    scene.client(&message[500..]);
    scene.client(up(0x81, "SECRET \u{fffd}"));
    assert_eq!(at_origin(&mut scene)[500 + 8..], up(0x81, "SECRET \u{fffd}"));
    scene.give(Input::End(Wire::Client));
    scene.give(Input::End(Wire::Origin(scene.last_origin())));
    let record = only_record(&scene);
    assert_eq!(record.websocket.messages_from_client, Some(2));
    assert_eq!(record.inspection.scanned_bytes, Some(0));
}

#[test]
fn rules_count_messages() {
    let rule = |filter: &str| vec![Rule::new("many", Layer::Http, RuleAction::Block, filter)];
    let mut scene = open(policy(rule("websocket.upload.messages > 2"), |_| {}), "");
    scene.client([up(0x81, "1"), up(0x81, "2")].concat());
    assert_eq!(at_origin(&mut scene).len(), 14);
    scene.client(up(0x81, "3"));
    assert_eq!(at_origin(&mut scene), close_frame(1008, REASON, Some(MASK)));
    let mut scene = Scene::new(policy(rule("websocket.requested"), |_| {}));
    scene.client(OFFER);
    assert!(scene.at_client().starts_with("HTTP/1.1 403 "), "{}", scene.at_client());
}

#[test]
fn a_long_connection_tells_how_far_it_is() {
    let mut scene = usual();
    scene.client(up(0x81, "hello"));
    scene.after(Duration::from_secs(61));
    let interim: Vec<&Record> = scene.records.iter().filter(|r| r.interim).collect();
    assert_eq!(interim.len(), 1);
    assert_eq!(interim[0].websocket.messages_from_client, Some(1));
    scene.after(Duration::from_secs(600));
    assert!(scene.session.is_done());
    only_record(&scene);
}

proptest! {
    #[test]
    fn pieces_make_no_difference(
        messages in proptest::collection::vec(
            (any::<bool>(), prop_oneof![Just(""), Just("SEC"), Just("RET"), Just("abc"), Just("SECRET")]),
            0..6,
        ),
        deflate in any::<bool>(),
        piece in 1..30_usize,
    ) {
        let mut engine = Compress::new(Compression::new(6), false);
        let mut sent = Vec::new();
        let mut open_message = false;
        for (fin, text) in &messages {
            let (content, rsv1) = match deflate && !open_message && *fin {
                true => (deflated(&mut engine, text.as_bytes()), 0x40),
                false => (text.as_bytes().to_vec(), 0),
            };
            let opcode = u8::from(!open_message);
            sent.extend(up(u8::from(*fin) << 7 | rsv1 | opcode, content));
            open_message = !fin;
        }
        let extension = if deflate { "Sec-WebSocket-Extensions: permessage-deflate\r\n" } else { "" };
        let play = |size: usize| {
            let mut scene = open(policy(rules(), |_| {}), extension);
            sent.chunks(size).for_each(|piece| scene.client(piece));
            let told = (at_client(&mut scene), at_origin(&mut scene));
            scene.give(Input::Abort(CloseReason::ClientClosed));
            let records: Vec<_> = scene.requests().iter().map(|r| (r.decision.action, r.websocket.clone())).collect();
            (told, records)
        };
        prop_assert_eq!(play(sent.len().max(1)), play(piece));
    }
}
