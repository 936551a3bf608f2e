//! WebSockets whose messages are written anew: one that is refused is taken out, and the others
//! reach the other end as they were meant.

use std::time::Duration;

use bytes::Bytes;
use flate2::{Compress, Compression};
use gateway_h1h2::ws::{
    Agreement, Control, FrameReader, Opcode, Piece, Sender, Tap, TapLimits, Tapped, close_frame,
};
use gateway_log::{Action, CloseReason};
use gateway_proxy::{Close, Input, RefusedMessage, WebSocketPolicy, Wire};
use proptest::prelude::*;

use crate::scene::{Scene, policy, rules};
use crate::websockets::{
    MASK, REASON, at_client, at_origin, both_answer, deflated, down, only_record, open, up,
};

const DEFLATE: &str = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

fn rewriting(refused: RefusedMessage, extra: &str) -> Scene {
    let policy = policy(rules(), |settings| settings.websocket = WebSocketPolicy::Rewrite(refused));
    open(policy, extra)
}

/// What one end reads from the gateway: it keeps its window, as real ends do.
struct End {
    frames: FrameReader,
    tap: Tap,
    message: Option<(Opcode, Vec<u8>)>,
}

impl End {
    fn new(sender: Sender, deflate: bool) -> Self {
        let agreed = deflate.then(Agreement::default);
        let tap = Tap::new(agreed.as_ref().map(|agreed| (agreed, sender)), TapLimits::default());
        Self { frames: FrameReader::new(sender, agreed.as_ref()), tap, message: None }
    }

    /// The whole messages in `wire`, and control frames as such.
    fn read(&mut self, wire: Vec<u8>) -> Vec<String> {
        let (mut input, mut told) = (Bytes::from(wire), Vec::new());
        while let Some(piece) = self.frames.next(&mut input).unwrap() {
            match piece {
                Piece::Begin { header, .. } => {
                    if header.opcode != Opcode::Continuation {
                        assert!(self.message.is_none());
                        self.message = Some((header.opcode, Vec::new()));
                    }
                    self.tap.begin(&header);
                }
                Piece::Payload { wire } => self.tap.push(&wire),
                Piece::End => self.tap.end_frame(),
                Piece::Control(Control::Close { close, .. }) => {
                    told.push(format!("close {}", close.code.unwrap_or(0)));
                }
                Piece::Control(_) => told.push("control".into()),
            }
            loop {
                match self.tap.step().unwrap() {
                    Tapped::Data(plain) => self.message.as_mut().unwrap().1.extend(plain),
                    Tapped::Drained => break,
                    Tapped::MessageEnd => {
                        let (opcode, content) = self.message.take().unwrap();
                        let mark = if opcode == Opcode::Text { "t" } else { "b" };
                        told.push(format!("{mark}:{}", String::from_utf8_lossy(&content)));
                        break;
                    }
                }
            }
        }
        told
    }
}

#[test]
fn a_message_that_is_refused_is_taken_out_and_the_others_arrive() {
    let notice = format!("t:{REASON}");
    for (refused, expected) in [
        (RefusedMessage::Drop, vec!["t:SECRE one", "t:SECRE two", "b:three"]),
        (RefusedMessage::Replace, vec!["t:SECRE one", notice.as_str(), "t:SECRE two", "b:three"]),
    ] {
        for deflate in [false, true] {
            let mut scene = rewriting(refused, if deflate { DEFLATE } else { "" });
            let mut engine = Compress::new(Compression::new(6), false);
            let mut origin = End::new(Sender::Client, deflate);
            let mut told = Vec::new();
            // What follows the refused one refers back to it.
            for (first, content) in [
                (0x81, "SECRE one"),
                (0x81, "a SECRET SECRE"),
                (0x81, "SECRE two"),
                (0x82, "three"),
            ] {
                let message = match deflate {
                    true => up(first | 0x40, deflated(&mut engine, content.as_bytes())),
                    false => up(first, content),
                };
                for byte in message.chunks(3) {
                    scene.client(byte);
                }
                told.extend(origin.read(at_origin(&mut scene)));
            }
            assert_eq!(told, expected, "deflate {deflate}");
            assert_eq!(at_client(&mut scene), b"");
            scene.client(up(0x88, 1000_u16.to_be_bytes()));
            assert_eq!(origin.read(at_origin(&mut scene)), ["close 1000"]);
            scene.origin(down(0x88, 1000_u16.to_be_bytes()));
            scene.give(Input::End(Wire::Origin(scene.last_origin())));
            let record = only_record(&scene);
            assert_eq!(record.websocket.messages_refused, Some(1));
            assert_eq!(record.websocket.messages_from_client, Some(4));
            assert_eq!(record.websocket.close_code_sent, None);
            assert_eq!(record.decision.action, Some(Action::Block));
            assert_eq!(record.decision.policy_id, "up".into());
            assert!(scene.log().contains("\"words\""), "it was found: {}", scene.log());
            assert!(!scene.log().contains("SECRET"), "{}", scene.log());
        }
    }
}

#[test]
fn both_directions_are_judged_by_what_they_let_through() {
    let mut scene = rewriting(RefusedMessage::Drop, "");
    let mut client = End::new(Sender::Server, false);
    for message in ["ok", "SECRET", "fine", "SECRET", "good"] {
        scene.client(up(0x81, message));
        scene.origin(down(0x81, message));
    }
    assert_eq!(
        End::new(Sender::Client, false).read(at_origin(&mut scene)),
        ["t:ok", "t:fine", "t:good"]
    );
    assert_eq!(client.read(at_client(&mut scene)), ["t:ok", "t:fine", "t:good"]);
    // Refused in its midst: its rest goes nowhere either, and a ping is none of it.
    scene.origin([down(0x01, "SEC"), down(0x00, "RET"), down(0x89, "p"), down(0x00, "x")].concat());
    scene.origin([down(0x80, "y"), down(0x81, "last")].concat());
    assert_eq!(client.read(at_client(&mut scene)), ["control", "t:last"]);
    scene.give(Input::Gone(Wire::Client));
    assert_eq!(only_record(&scene).websocket.messages_refused, Some(5));
}

#[test]
fn fragments_become_one_frame_and_long_messages_stream() {
    let mut scene = rewriting(RefusedMessage::Close, "");
    scene.client([up(0x01, "frag"), up(0x89, "ping"), up(0x80, "mented")].concat());
    assert_eq!(at_origin(&mut scene), [up(0x89, "ping"), up(0x81, "fragmented")].concat());
    scene.client(up(0x82, ""));
    assert_eq!(at_origin(&mut scene), up(0x82, ""));
    let long = vec![b'x'; 200_000];
    let wire = up(0x82, &long);
    scene.client(&wire[..150_000]);
    let begun = at_origin(&mut scene);
    assert!((140_000..=150_100).contains(&begun.len()), "{}", begun.len());
    scene.client(&wire[150_000..]);
    let told = End::new(Sender::Client, false).read([begun, at_origin(&mut scene)].concat());
    assert_eq!(told, [format!("b:{}", String::from_utf8(long).unwrap())]);
}

#[test]
fn what_has_left_in_part_closes_between_frames() {
    for refused in [RefusedMessage::Close, RefusedMessage::Drop, RefusedMessage::Replace] {
        let mut scene = rewriting(refused, "");
        let clean = vec![b'x'; 200_000];
        let message = up(0x82, [clean.as_slice(), b"SECRET", &clean].concat());
        scene.client(&message[..150_000]);
        scene.client(&message[150_000..]);
        let told = at_origin(&mut scene);
        let close = close_frame(1008, REASON, Some(MASK));
        assert!(told.len() > 60_000 && told.ends_with(&close), "{}", told.len());
        assert_eq!(at_client(&mut scene), close_frame(1008, REASON, None));
        both_answer(&mut scene);
        assert_eq!(scene.closed.get(&Wire::Client), Some(&Close::Graceful));
        let record = only_record(&scene);
        assert_eq!(record.websocket.messages_refused, Some(0));
        assert_eq!(record.close_reason, Some(CloseReason::ProxyConnRefused));
    }
}

#[test]
fn what_is_not_whole_does_not_come_to_look_so() {
    let mut scene = rewriting(RefusedMessage::Drop, "");
    scene.client([up(0x01, "half"), up(0x88, 1001_u16.to_be_bytes())].concat());
    assert_eq!(End::new(Sender::Client, false).read(at_origin(&mut scene)), ["close 1001"]);
    // A bomb ends the connection here too.
    let mut scene = rewriting(RefusedMessage::Drop, DEFLATE);
    let bomb = deflated(&mut Compress::new(Compression::new(9), false), &vec![0; 32 << 20]);
    scene.client(up(0xc2, bomb));
    assert!(!at_origin(&mut scene).is_empty());
    scene.after(Duration::from_secs(6));
    let told = at_client(&mut scene);
    assert_eq!(told[2..4], 1009_u16.to_be_bytes());
    scene.after(Duration::from_secs(6));
    assert_eq!(only_record(&scene).websocket.close_code_sent, Some(1009));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn all_that_is_let_through_arrives(
        messages in proptest::collection::vec(("[SECRET x]{0,40}|SECRET", any::<bool>(), any::<bool>()), 1..12),
        size in 1_usize..60,
        deflate in any::<bool>(),
    ) {
        let mut scene = rewriting(RefusedMessage::Drop, if deflate { DEFLATE } else { "" });
        let mut engine = Compress::new(Compression::new(6), false);
        let (mut wire, mut expected) = (Vec::new(), Vec::new());
        for (content, packed, splits) in &messages {
            let packed = *packed && deflate;
            let payload = match packed {
                true => deflated(&mut engine, content.as_bytes()),
                false => content.clone().into_bytes(),
            };
            let first = if packed { 0x41 } else { 0x01 };
            let middle = if *splits { payload.len() / 2 } else { payload.len() };
            if *splits {
                wire.extend(up(first, &payload[..middle]));
                wire.extend(up(0x80, &payload[middle..]));
            } else {
                wire.extend(up(first | 0x80, &payload));
            }
            if !content.contains("SECRET") {
                expected.push(format!("t:{content}"));
            }
        }
        for piece in wire.chunks(size) {
            scene.client(piece);
        }
        let told = End::new(Sender::Client, deflate).read(at_origin(&mut scene));
        prop_assert_eq!(told, expected);
    }
}
