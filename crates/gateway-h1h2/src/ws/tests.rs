//! Laws of the WebSocket codec: any chunks, any compression.

use bytes::Bytes;
use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;

use super::*;

/// A message as its sender means it.
#[derive(Clone, Debug)]
struct Message {
    text: bool,
    content: Vec<u8>,
    /// Sizes of its frames but the last one.
    cuts: Vec<usize>,
    compressed: bool,
    /// Whether a ping comes behind its first frame.
    ping: bool,
}

/// What is read of a direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Read {
    wire: Vec<u8>,
    messages: Vec<Vec<u8>>,
    controls: Vec<&'static str>,
    error: Option<WsError>,
    open: bool,
}

fn read<'a>(
    sender: Sender,
    deflate: Option<&Agreement>,
    limits: TapLimits,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Read {
    let mut frames = FrameReader::new(sender, deflate);
    let mut tap = Tap::new(deflate.map(|agreed| (agreed, sender)), limits);
    let mut read = Read::default();
    let mut content = Vec::new();
    'all: for chunk in chunks {
        let mut input = Bytes::copy_from_slice(chunk);
        loop {
            match frames.next(&mut input) {
                Ok(None) => break,
                Ok(Some(Piece::Begin { header, wire })) => {
                    tap.begin(&header);
                    read.wire.extend(wire);
                }
                Ok(Some(Piece::Payload { wire })) => {
                    tap.push(&wire);
                    read.wire.extend(wire);
                }
                Ok(Some(Piece::End)) => tap.end_frame(),
                Ok(Some(Piece::Control(control))) => {
                    read.controls.push(match control {
                        Control::Close { .. } => "close",
                        Control::Ping { .. } => "ping",
                        Control::Pong { .. } => "pong",
                    });
                    read.wire.extend(control.into_wire());
                }
                Err(error) => {
                    assert_eq!(frames.next(&mut input), Err(error));
                    read.error = Some(error);
                    break 'all;
                }
            }
            loop {
                match tap.step() {
                    Ok(Tapped::Data(data)) => content.extend(data),
                    Ok(Tapped::Drained) => break,
                    Ok(Tapped::MessageEnd) => {
                        read.messages.push(std::mem::take(&mut content));
                        break;
                    }
                    Err(error) => {
                        assert_eq!(tap.step(), Err(error));
                        read.error = Some(error);
                        break 'all;
                    }
                }
            }
        }
    }
    read.open = !frames.is_between_messages();
    read
}

/// The compressor of one sender.
struct Deflater {
    engine: Compress,
    forgets: bool,
}

impl Deflater {
    fn new(agreed: &Agreement, sender: Sender) -> Self {
        Self { engine: Compress::new(Compression::new(6), false), forgets: agreed.forgets(sender) }
    }

    fn message(&mut self, content: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(content.len() * 2 + 100);
        self.engine.compress_vec(content, &mut out, FlushCompress::Sync).unwrap();
        assert!(out.ends_with(&[0, 0, 0xff, 0xff]));
        out.truncate(out.len() - 4);
        if self.forgets {
            self.engine.reset();
        }
        out
    }
}

fn frame(out: &mut Vec<u8>, header: FrameHeader, payload: &[u8]) {
    header.encode(out);
    let at = out.len();
    out.extend_from_slice(payload);
    if let Some(mask) = header.mask {
        apply_mask(&mut out[at..], mask, 0);
    }
}

fn write(sender: Sender, deflate: Option<&Agreement>, messages: &[Message]) -> Vec<u8> {
    let mut out = Vec::new();
    let mask = |n: usize| (sender == Sender::Client).then(|| (n as u32 * 77).to_le_bytes());
    let mut deflater = deflate.map(|agreed| Deflater::new(agreed, sender));
    for (n, message) in messages.iter().enumerate() {
        let payload = match &mut deflater {
            Some(deflater) if message.compressed => deflater.message(&message.content),
            _ => message.content.clone(),
        };
        let rsv1 = message.compressed && deflater.is_some();
        let mut rest = payload.as_slice();
        let mut first = true;
        for cut in message.cuts.iter().map(Some).chain([None]) {
            let take = cut.map_or(rest.len(), |cut| *cut % (rest.len() + 1));
            let (piece, behind) = rest.split_at(take);
            rest = behind;
            let kind = if message.text { Opcode::Text } else { Opcode::Binary };
            let opcode = if first { kind } else { Opcode::Continuation };
            let (fin, length) = (cut.is_none(), piece.len() as u64);
            let header =
                FrameHeader { fin, rsv1: rsv1 && first, opcode, mask: mask(n + take), length };
            frame(&mut out, header, piece);
            if first && message.ping {
                let ping = FrameHeader {
                    fin: true,
                    rsv1: false,
                    opcode: Opcode::Ping,
                    mask: mask(n),
                    length: 4,
                };
                frame(&mut out, ping, b"ping");
            }
            first = false;
        }
    }
    out
}

fn any_message() -> impl Strategy<Value = Message> {
    let content = prop_oneof![
        "[a-f]{0,200}".prop_map(String::into_bytes),
        any::<String>().prop_map(String::into_bytes),
        (0..70_000_usize).prop_map(|n| vec![b'x'; n]),
    ];
    let cuts = proptest::collection::vec(any::<usize>(), 0..4);
    (any::<bool>(), content, cuts, any::<bool>(), any::<bool>()).prop_map(
        |(text, content, cuts, compressed, ping)| Message { text, content, cuts, compressed, ping },
    )
}

fn any_agreement() -> impl Strategy<Value = Option<Agreement>> {
    proptest::option::of((any::<bool>(), any::<bool>()).prop_map(|(server, client)| Agreement {
        server_no_context_takeover: server,
        client_no_context_takeover: client,
        ..Agreement::default()
    }))
}

fn any_sender() -> impl Strategy<Value = Sender> {
    prop_oneof![Just(Sender::Client), Just(Sender::Server)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_written_is_read(
        sender in any_sender(),
        deflate in any_agreement(),
        messages in proptest::collection::vec(any_message(), 0..6),
        chunk in prop_oneof![1..40_usize, Just(usize::MAX)],
    ) {
        let deflate = deflate.as_ref();
        let wire = write(sender, deflate, &messages);
        let read = read(sender, deflate, TapLimits::default(), wire.chunks(chunk.min(wire.len().max(1))));
        prop_assert_eq!(read.error, None);
        prop_assert_eq!(read.open, false);
        let contents: Vec<_> = messages.iter().map(|message| message.content.clone()).collect();
        prop_assert_eq!(read.messages, contents);
        prop_assert_eq!(read.controls.len(), messages.iter().filter(|m| m.ping).count());
        prop_assert_eq!(read.wire, wire);
    }

    #[test]
    fn chunks_make_no_difference(
        sender in any_sender(),
        deflate in any_agreement(),
        messages in proptest::collection::vec(any_message(), 0..4),
        noise in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        chunk in 1..20_usize,
    ) {
        let deflate = deflate.as_ref();
        let mut wire = write(sender, deflate, &messages);
        for (at, byte) in noise {
            if !wire.is_empty() {
                let at = at.index(wire.len());
                wire[at] = byte;
            }
        }
        let limits = TapLimits { message_bytes_max: 50_000, ratio_max: 20, ratio_floor_bytes: 9_000 };
        let whole = read(sender, deflate, limits, [&wire[..]]);
        let pieces = read(sender, deflate, limits, wire.chunks(chunk));
        prop_assert_eq!(whole.messages, pieces.messages);
        prop_assert_eq!(whole.error, pieces.error);
        prop_assert_eq!(whole.controls, pieces.controls);
    }
}

fn one(sender: Sender, deflate: bool, wire: &[u8]) -> Read {
    let agreed = deflate.then(Agreement::default);
    read(sender, agreed.as_ref(), TapLimits::default(), [wire])
}

#[test]
fn what_a_direction_may_not_do() {
    let text = b"\x81\x02hi";
    for (wire, error) in [
        (&b"\x80\x00"[..], WsError::UnexpectedContinuation),
        (b"\x01\x01a\x81\x01b", WsError::NotContinued),
        (b"\x81\x80\0\0\0\0", WsError::Masked),
        (b"\xc1\x00", WsError::ReservedBits),
        (b"\x81\x01\xff", WsError::InvalidUtf8),
        (b"\x81\x01\xc3", WsError::InvalidUtf8),
        (b"\x88\x02\x03\xed", WsError::CloseCode { code: 1005 }),
    ] {
        assert_eq!(one(Sender::Server, false, wire).error, Some(error), "{wire:x?}");
        let wire = [text, wire].concat();
        let read = one(Sender::Server, false, &wire);
        assert_eq!((read.error, read.messages), (Some(error), vec![b"hi".to_vec()]));
    }
    assert_eq!(one(Sender::Client, false, text).error, Some(WsError::Unmasked));
    // A character over two frames.
    let read = one(Sender::Server, false, b"\x01\x01\xc3\x89\x00\x80\x01\xa4");
    assert_eq!((read.error, read.messages), (None, vec!["ä".as_bytes().to_vec()]));
    // A compressed continuation, a compressed ping.
    for wire in [&b"\x41\x01a\xc0\x00"[..], b"\xc9\x00"] {
        assert_eq!(one(Sender::Server, true, wire).error, Some(WsError::ReservedBits));
    }
}

#[test]
fn nothing_follows_a_close() {
    let mut frames = FrameReader::new(Sender::Server, None);
    let mut input = Bytes::from_static(b"\x88\x00\xff\xff\xff");
    assert!(matches!(frames.next(&mut input), Ok(Some(Piece::Control(Control::Close { .. })))));
    assert_eq!(frames.next(&mut input), Ok(None));
    assert!(frames.is_closed() && input.is_empty());
}

#[test]
fn the_examples_of_the_compression_standard() {
    // RFC 7692 §7.2.3: one block, two frames, a shared window, no compression, a final block, two
    // blocks.
    for (wire, messages) in [
        (&b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"[..], 1),
        (b"\x41\x03\xf2\x48\xcd\x80\x04\xc9\xc9\x07\x00", 1),
        (b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11\x00\x00", 2),
        (b"\xc1\x0b\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 1),
        (b"\xc1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 1),
        (b"\xc1\x0d\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 1),
    ] {
        let read = one(Sender::Server, true, wire);
        assert_eq!((read.error, read.messages), (None, vec![b"Hello".to_vec(); messages]));
    }
    for wire in [&b"\xc1\x01\x06"[..], b"\xc1\x03\xf2\x48\xcd", b"\xc1\x00"] {
        assert_eq!(one(Sender::Server, true, wire).error, Some(WsError::Corrupt), "{wire:x?}");
    }
}

#[test]
fn a_window_is_forgotten_where_that_was_agreed() {
    let agreed = Agreement { server_no_context_takeover: true, ..Agreement::default() };
    let message = Message {
        text: true,
        content: b"the same words again and again".to_vec(),
        cuts: vec![],
        compressed: true,
        ping: false,
    };
    let messages = vec![message; 3];
    let kept = write(Sender::Server, Some(&Agreement::default()), &messages);
    let forgotten = write(Sender::Server, Some(&agreed), &messages);
    assert!(kept.len() < forgotten.len());
    for (agreed, wire) in [(Agreement::default(), kept), (agreed, forgotten)] {
        let read = read(Sender::Server, Some(&agreed), TapLimits::default(), [&wire[..]]);
        assert_eq!((read.error, read.messages.len()), (None, 3));
    }
}

#[test]
fn bombs_stop() {
    let zeros = |n: usize| {
        vec![Message {
            text: false,
            content: vec![0; n],
            cuts: vec![],
            compressed: true,
            ping: false,
        }]
    };
    let agreed = Some(&Agreement::default());
    let run = |wire: &[u8], limits| read(Sender::Server, agreed, limits, [wire]).error;
    let bomb = write(Sender::Server, agreed, &zeros(8 << 20));
    assert!(bomb.len() < 16 << 10);
    assert_eq!(run(&bomb, TapLimits::default()), Some(WsError::RatioExceeded));
    let lenient = TapLimits { ratio_max: 2_000, ..TapLimits::default() };
    assert_eq!(run(&bomb, lenient), None);
    let small = TapLimits { message_bytes_max: 1 << 20, ..lenient };
    assert_eq!(run(&bomb, small), Some(WsError::TooLarge));
    let below = write(Sender::Server, agreed, &zeros(1 << 20));
    assert_eq!(run(&below, small), None);
    assert_eq!(run(&below, TapLimits::default()), None);
}
