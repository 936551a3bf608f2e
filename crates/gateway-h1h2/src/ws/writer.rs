//! Messages of one direction, written anew: for those who change what passes.

use super::compress::Deflate;
use super::inflate::Takeover;
use super::{Agreement, FrameHeader, Opcode, Sender, apply_mask};

/// What a message to be written is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageForm {
    /// [`Opcode::Text`] or [`Opcode::Binary`].
    pub opcode: Opcode,
    /// Whether it is to be compressed, as far as that was agreed on.
    pub packing: Packing,
    /// What its frames are masked with: a client's must be, with a key that those who choose the
    /// content cannot foresee (RFC 6455 §5.3); a server's must not be.
    pub mask: Option<[u8; 4]>,
}

/// Whether a message is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// It is not.
    Plain,
    /// By permessage-deflate.
    Deflate,
}

/// Whether a piece of a message is its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// More follows.
    No,
    /// The message ends with it.
    Yes,
}

/// Writes the messages of one direction, each in one frame or several.
///
/// What it compresses refers to nothing but what it has compressed itself, and no further back than
/// the agreed window; so a receiver that has seen other messages before can read it from any
/// message on, and from then on it must write all that are compressed.
///
/// ```
/// use gateway_h1h2::ws::{Last, MessageForm, MessageWriter, Opcode, Packing};
///
/// let mut writer = MessageWriter::new(None);
/// let form = MessageForm { opcode: Opcode::Text, packing: Packing::Plain, mask: None };
/// let mut out = Vec::new();
/// writer.begin(form);
/// writer.write(b"Hel", Last::No, &mut out);
/// writer.write(b"lo", Last::Yes, &mut out);
/// assert_eq!(out, b"\x01\x03Hel\x80\x02lo");
/// ```
#[derive(Debug)]
pub struct MessageWriter {
    deflate: Option<Deflate>,
    form: MessageForm,
    /// Whether a frame of the message has been written.
    begun: bool,
    /// Reused between frames.
    packed: Vec<u8>,
}

/// How a message that is written piece by piece ends where its compressor would write nothing but
/// the end itself (RFC 7692 §7.2.3.6).
const EMPTY_BLOCK: [u8; 1] = [0];
/// The end of compressed data, which is left out at the end of a message.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

impl MessageWriter {
    /// A direction at its start: what its sender has agreed on, if that is compression.
    #[must_use]
    pub fn new(deflate: Option<(&Agreement, Sender)>) -> Self {
        let deflate = deflate.map(|(agreed, sender)| {
            let takeover = if agreed.forgets(sender) { Takeover::None } else { Takeover::Kept };
            Deflate::new(agreed.window_bits(sender), takeover)
        });
        let form = MessageForm { opcode: Opcode::Binary, packing: Packing::Plain, mask: None };
        Self { deflate, form, begun: false, packed: Vec::new() }
    }

    /// A message begins; the one before it has ended.
    pub fn begin(&mut self, form: MessageForm) {
        self.form = form;
        self.begun = false;
        if let (Packing::Deflate, Some(deflate)) = (form.packing, &mut self.deflate) {
            deflate.begin();
        }
    }

    /// Whether a frame of the message has been written, so that it has to be ended.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.begun
    }

    /// Writes the next piece of the message at the end of `out`, as one frame.
    pub fn write(&mut self, content: &[u8], last: Last, out: &mut Vec<u8>) {
        let compressed = match (self.form.packing, &mut self.deflate) {
            (Packing::Deflate, Some(deflate)) => {
                self.packed.clear();
                if content.is_empty() && last == Last::Yes {
                    self.packed.extend_from_slice(&EMPTY_BLOCK);
                } else {
                    deflate.compress(content, &mut self.packed);
                    if last == Last::Yes && self.packed.ends_with(&TAIL) {
                        self.packed.truncate(self.packed.len() - TAIL.len());
                    }
                }
                true
            }
            (Packing::Plain | Packing::Deflate, _) => false,
        };
        let payload = if compressed { &self.packed } else { content };
        let header = FrameHeader {
            fin: last == Last::Yes,
            rsv1: compressed && !self.begun,
            opcode: if self.begun { Opcode::Continuation } else { self.form.opcode },
            mask: self.form.mask,
            length: payload.len() as u64,
        };
        header.encode(out);
        let at = out.len();
        out.extend_from_slice(payload);
        if let (Some(mask), Some(written)) = (self.form.mask, out.get_mut(at..)) {
            apply_mask(written, mask, 0);
        }
        self.begun = last == Last::No;
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::ws::{FrameReader, Piece, Tap, TapLimits, Tapped};

    /// The messages of a direction, as a receiver reads them.
    fn read(wire: Vec<u8>, agreed: Option<&Agreement>, sender: Sender) -> Vec<Vec<u8>> {
        let mut frames = FrameReader::new(sender, agreed);
        let mut tap = Tap::new(agreed.map(|agreed| (agreed, sender)), TapLimits::default());
        let (mut input, mut messages) = (Bytes::from(wire), vec![Vec::new()]);
        while let Some(piece) = frames.next(&mut input).unwrap() {
            match piece {
                Piece::Begin { header, .. } => tap.begin(&header),
                Piece::Payload { wire } => tap.push(&wire),
                Piece::End => tap.end_frame(),
                Piece::Control(_) => {}
            }
            loop {
                match tap.step().unwrap() {
                    Tapped::Data(plain) => messages.last_mut().unwrap().extend(plain),
                    Tapped::Drained => break,
                    Tapped::MessageEnd => {
                        messages.push(Vec::new());
                        break;
                    }
                }
            }
        }
        assert!(frames.is_between_messages());
        assert_eq!(messages.pop(), Some(Vec::new()));
        messages
    }

    /// A reader of raw deflate that has no more than the agreed window to look back at.
    fn read_in_window(packed: &[u8], window: usize) -> Vec<u8> {
        use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};
        let mut engine = DecompressorOxide::new();
        // Ring buffers of the engine are powers of two: what is further back is overwritten.
        let (mut ring, mut at, mut out, mut input) = (vec![0; window], 0, Vec::new(), packed);
        loop {
            let flags = inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
            let (_, taken, made) = decompress(&mut engine, input, &mut ring, at, flags);
            out.extend_from_slice(&ring[at..at + made]);
            at = (at + made) % window;
            input = &input[taken..];
            if taken == 0 && made == 0 {
                return out;
            }
        }
    }

    #[test]
    fn a_smaller_window_is_kept_to() {
        let text: Vec<u8> = (0..20_000_u32).flat_map(|n| (n % 700).to_le_bytes()).collect();
        for bits in [8, 9, 12, 15] {
            let agreed = Agreement { server_max_window_bits: Some(bits), ..Agreement::default() };
            let mut writer = MessageWriter::new(Some((&agreed, Sender::Server)));
            let form =
                MessageForm { opcode: Opcode::Binary, packing: Packing::Deflate, mask: None };
            writer.begin(form);
            writer.write(&text, Last::Yes, &mut Vec::new());
            let packed = [&*writer.packed, &TAIL].concat();
            assert!(packed.len() < text.len() / 2, "{bits}: {}", packed.len());
            assert!(read_in_window(&packed, 1 << bits) == text, "{bits}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_written_is_read(
            messages in proptest::collection::vec(
                (any::<bool>(), proptest::collection::vec(
                    prop_oneof![
                        proptest::collection::vec(any::<u8>(), 0..60),
                        (any::<u8>(), 0..9_000_usize).prop_map(|(byte, count)| vec![byte; count]),
                        Just(b"the same words again and again".repeat(40)),
                    ],
                    1..5,
                )),
                0..6,
            ),
            bits in proptest::option::of(8_u8..=15),
            (agrees, forgets) in any::<(bool, bool)>(),
            sender in proptest::sample::select(vec![Sender::Client, Sender::Server]),
        ) {
            let mut agreed = Agreement::default();
            (agreed.client_max_window_bits, agreed.server_max_window_bits) = (bits, bits);
            agreed.client_no_context_takeover = forgets;
            agreed.server_no_context_takeover = forgets;
            let agreed = agrees.then_some(&agreed);
            let mut writer = MessageWriter::new(agreed.map(|agreed| (agreed, sender)));
            let (mut wire, mut expected) = (Vec::new(), Vec::new());
            for (packed, pieces) in &messages {
                let mask = (sender == Sender::Client).then_some([9, 8, 7, 6]);
                let packing = if *packed { Packing::Deflate } else { Packing::Plain };
                writer.begin(MessageForm { opcode: Opcode::Binary, packing, mask });
                for (at, piece) in pieces.iter().enumerate() {
                    let last = if at + 1 == pieces.len() { Last::Yes } else { Last::No };
                    writer.write(piece, last, &mut wire);
                }
                expected.push(pieces.concat());
            }
            prop_assert!(read(wire, agreed, sender) == expected);
        }
    }
}
