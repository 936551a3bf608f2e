//! Decoders over bytes that were gathered before, and the filters of PDF.

use std::collections::VecDeque;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::inflate::{Inflate, InflateState, WINDOW, Wrapper};
use super::transform::Transform;
use crate::Limits;
use crate::declared::hex_digit;

/// Bytes that are given to the first of the decoders at once.
const STEP_BYTES: usize = 4 << 10;

/// Gathered bytes through decoders, one after the other; of the stream below nothing is taken.
pub(crate) struct HeldThrough {
    bytes: Bytes,
    stages: VecDeque<Stage>,
    over: Option<Decoded>,
    expands: bool,
    work: u64,
}

/// One decoder with what waits for it.
struct Stage {
    transform: Box<dyn Transform>,
    waiting: BytesMut,
}

/// What one turn of a stage came to.
struct StageTurn {
    decoded: Decoded,
    work: u64,
    /// Whether nothing was done.
    is_stuck: bool,
}

impl Stage {
    /// Runs it over what waits, into what waits for the next one.
    fn run(&mut self, into: &mut BytesMut) -> StageTurn {
        let len = into.len();
        let before = (self.transform.work(), self.transform.is_drained());
        let (used, decoded) = self.transform.run(&self.waiting, into);
        // A block may end, all of it being out, in bits that were taken before.
        let went_on = before != (self.transform.work(), self.transform.is_drained());
        if decoded == Decoded::End {
            // What is behind the end of one stage no reader looks at.
            self.waiting.clear();
        } else {
            self.waiting.advance(used);
        }
        let produced = into.len().saturating_sub(len);
        let is_stuck = used == 0 && produced == 0 && !went_on && decoded == Decoded::More;
        StageTurn { decoded, work: (used + produced) as u64, is_stuck }
    }
}

impl HeldThrough {
    /// `bytes` through `transforms`, the first of them first.
    pub(crate) fn new(bytes: Bytes, transforms: Vec<Box<dyn Transform>>) -> Self {
        let expands = transforms.iter().any(|transform| transform.expands());
        let stage = |transform| Stage { transform, waiting: BytesMut::new() };
        Self {
            bytes,
            stages: transforms.into_iter().map(stage).collect(),
            over: None,
            expands,
            work: 0,
        }
    }

    /// The same through one more decoder.
    pub(crate) fn through(mut self, transform: Box<dyn Transform>) -> Self {
        self.expands |= transform.expands();
        self.stages.push_back(Stage { transform, waiting: BytesMut::new() });
        self
    }

    /// The same with `head` before what comes out so far.
    pub(crate) fn behind(mut self, head: &[u8]) -> Self {
        match self.stages.back_mut() {
            None => {
                let mut bytes = BytesMut::from(head);
                bytes.extend_from_slice(&self.bytes);
                self.bytes = bytes.freeze();
                self
            }
            Some(_) => self.through(Box::new(Behind { head: head.to_vec() })),
        }
    }

    /// Runs the last stage that has anything to do: whether any had.
    fn turn(&mut self, out: &mut BytesMut) -> Result<bool, Unscannable> {
        for i in (0..self.stages.len()).rev() {
            let (before, behind) = self.stages.make_contiguous().split_at_mut(i + 1);
            let Some(stage) = before.last_mut() else { break };
            if stage.waiting.is_empty() && stage.transform.is_drained() {
                continue;
            }
            let into = match behind.first_mut() {
                Some(next) => &mut next.waiting,
                None => &mut *out,
            };
            let turn = stage.run(into);
            self.work += turn.work;
            if turn.decoded == Decoded::End {
                // It is over: so are those before it.
                self.stages.drain(..=i);
                self.bytes.clear();
            }
            match turn.decoded {
                Decoded::Failed(reason) => return Err(reason),
                _ if !turn.is_stuck => return Ok(true),
                // It waits for what those before it have.
                _ => {}
            }
        }
        let piece = self.bytes.split_to(self.bytes.len().min(STEP_BYTES));
        match self.stages.front_mut() {
            Some(first) => first.waiting.extend_from_slice(&piece),
            None => out.extend_from_slice(&piece),
        }
        Ok(!piece.is_empty())
    }
}

impl HeldThrough {
    /// Nothing more comes for the first of the decoders.
    fn end_stage(&mut self, out: &mut BytesMut) {
        let Some(mut stage) = self.stages.pop_front() else {
            self.over = Some(Decoded::End);
            return;
        };
        let mut last = BytesMut::new();
        let whole = stage.transform.finish(&mut last);
        match self.stages.front_mut() {
            Some(next) => next.waiting.extend_from_slice(&last),
            None => out.extend_from_slice(&last),
        }
        if let Err(reason) = whole {
            self.over = Some(Decoded::Failed(reason));
        }
    }
}

impl Transform for HeldThrough {
    fn run(&mut self, _input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let before = out.len();
        while self.over.is_none() && out.len() - before < WINDOW {
            match self.turn(out) {
                Ok(true) => {}
                Ok(false) => self.end_stage(out),
                Err(reason) => self.over = Some(Decoded::Failed(reason)),
            }
        }
        (0, self.over.unwrap_or(Decoded::More))
    }

    fn is_drained(&self) -> bool {
        false
    }

    fn is_settled(&self) -> bool {
        false
    }

    fn expands(&self) -> bool {
        self.expands
    }

    fn work(&self) -> u64 {
        self.work
    }

    fn memory_max(&self) -> usize {
        self.bytes.len()
            + self
                .stages
                .iter()
                .map(|stage| stage.transform.memory_max() + 2 * WINDOW)
                .sum::<usize>()
    }
}

/// Puts bytes before others.
struct Behind {
    head: Vec<u8>,
}

impl Transform for Behind {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        out.extend_from_slice(&std::mem::take(&mut self.head));
        out.extend_from_slice(input);
        (input.len(), Decoded::More)
    }
}

/// Deflated data, as those of 7z, and with a wrapper those of the filter FlateDecode.
pub(crate) struct Deflated {
    inflate: Inflate,
    /// How it is when the input ends before the data do.
    cut: Result<(), Unscannable>,
}

impl Deflated {
    /// Data without a wrapper.
    pub(crate) fn new(limits: &Limits) -> Self {
        let cut = Err(Unscannable::Malformed);
        Self { inflate: Inflate::new(Wrapper::Raw, limits), cut }
    }

    /// Data in the format of zlib.
    pub(crate) fn zlib(limits: &Limits) -> Self {
        let cut = Err(Unscannable::Malformed);
        Self { inflate: Inflate::new(Wrapper::Zlib, limits), cut }
    }

    /// The same, whose end may be missing: readers of PDF show it as far as it goes, and some writers
    /// leave the last block and the check out.
    pub(crate) fn zlib_cut(limits: &Limits) -> Self {
        Self { cut: Ok(()), ..Self::zlib(limits) }
    }
}

impl Transform for Deflated {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let inflated = self.inflate.run(input, out);
        let decoded = match inflated.state {
            InflateState::More => Decoded::More,
            InflateState::End => Decoded::End,
            InflateState::Failed(reason) => Decoded::Failed(reason),
        };
        (inflated.consumed, decoded)
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        self.cut
    }

    fn is_drained(&self) -> bool {
        self.inflate.is_drained()
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.inflate.work()
    }
}

/// The filter ASCIIHexDecode.
#[derive(Debug, Default)]
pub(crate) struct AsciiHex {
    high: Option<u8>,
}

impl Transform for AsciiHex {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        for (i, byte) in input.iter().enumerate() {
            match (hex_digit(*byte), self.high.take()) {
                (Some(low), Some(high)) => out.put_u8(high << 4 | low),
                (Some(high), None) => self.high = Some(high),
                (None, high) if *byte == b'>' => {
                    if let Some(high) = high {
                        out.put_u8(high << 4);
                    }
                    return (i + 1, Decoded::End);
                }
                (None, high) => self.high = high,
            }
        }
        (input.len(), Decoded::More)
    }
}

/// The filter ASCII85Decode.
#[derive(Debug, Default)]
pub(crate) struct Ascii85 {
    group: [u8; 5],
    have: usize,
    start: Start,
}

/// Whether `<~` may stand in front.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Start {
    #[default]
    Before,
    /// `<` has come.
    Angle,
    Behind,
}

impl Ascii85 {
    fn flush(&mut self, out: &mut BytesMut) {
        if self.have > 1 {
            let digits = (0..5).map(|i| match i < self.have {
                true => u32::from(self.group.get(i).copied().unwrap_or(0)),
                false => 84,
            });
            let value = digits.fold(0u32, |sum, d| sum.wrapping_mul(85).wrapping_add(d));
            let bytes = value.to_be_bytes();
            out.extend_from_slice(bytes.get(..self.have - 1).unwrap_or_default());
        }
        self.have = 0;
    }
}

impl Transform for Ascii85 {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        for (i, byte) in input.iter().enumerate() {
            match (self.start, byte) {
                (Start::Before, b'<') => self.start = Start::Angle,
                (Start::Angle, b'~') => {
                    (self.start, self.have) = (Start::Behind, 0);
                    continue;
                }
                (_, byte) if !byte.is_ascii_whitespace() => self.start = Start::Behind,
                _ => {}
            }
            match byte {
                b'!'..=b'u' => {
                    if let Some(slot) = self.group.get_mut(self.have) {
                        *slot = byte - b'!';
                    }
                    self.have += 1;
                    if self.have == 5 {
                        self.flush(out);
                    }
                }
                b'z' if self.have == 0 => out.extend_from_slice(&[0; 4]),
                b'~' => {
                    self.flush(out);
                    return (i + 1, Decoded::End);
                }
                _ => {}
            }
        }
        (input.len(), Decoded::More)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        self.flush(out);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// What comes out of `packed`, and how it ends.
    fn unpack(packed: &[u8], deflated: Deflated) -> (Vec<u8>, Decoded) {
        let held = Bytes::copy_from_slice(packed);
        let (mut through, mut out) =
            (HeldThrough::new(held, vec![Box::new(deflated)]), BytesMut::new());
        loop {
            let (_, decoded) = through.run(&[], &mut out);
            if decoded != Decoded::More {
                return (out.to_vec(), decoded);
            }
        }
    }

    /// `content`, with the end of a block behind each `block` bytes.
    fn zlib(content: &[u8], block: usize) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        for piece in content.chunks(block) {
            encoder.write_all(piece).unwrap();
            encoder.flush().unwrap();
        }
        encoder.finish().unwrap()
    }

    #[test]
    fn blocks_that_end_where_the_window_does_are_followed() {
        let content = [&[0; 3 * WINDOW][..], b"MALWARE"].concat();
        for block in [WINDOW - 1, WINDOW, 2 * WINDOW] {
            let packed = zlib(&content, block);
            let (out, decoded) = unpack(&packed, Deflated::zlib(&Limits::default()));
            assert_eq!((out.len(), decoded), (content.len(), Decoded::End), "blocks of {block}");
            assert!(out == content);
        }
    }

    #[test]
    fn data_without_an_end_are_taken_where_that_is_usual() {
        let limits = Limits::default();
        let packed = zlib(b"hello", 5);
        let malformed = Decoded::Failed(Unscannable::Malformed);
        for cut in [packed.len() - 1, packed.len() - 4] {
            let cut = &packed[..cut];
            assert_eq!(unpack(cut, Deflated::zlib(&limits)), (b"hello".to_vec(), malformed));
            let as_far = Deflated::zlib_cut(&limits);
            assert_eq!(unpack(cut, as_far), (b"hello".to_vec(), Decoded::End));
        }
        let empty = unpack(b"", Deflated::zlib_cut(&limits));
        assert_eq!(empty, (Vec::new(), Decoded::End));
        let mut wrong = packed;
        wrong[2] = 0xff;
        assert_eq!(unpack(&wrong, Deflated::zlib_cut(&limits)).1, malformed);
    }
}
