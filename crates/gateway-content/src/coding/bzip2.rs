//! The bzip2 format: any number of streams, one after the other.
//!
//! It is decoded here: what it holds grows with what a block has, so that many small members, or streams without any
//! block, cost little; and what is wrong is told at the same bit whatever the pieces.

mod block;
mod code;
mod random;
mod reader;
mod sorted;

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use self::block::Block;
use self::reader::{Held, Reader};
use self::sorted::Sorted;
use super::bits::{Fault, MALFORMED};
use super::decoder::Decoded;
use super::inflate::{BLOCK_WORK, WINDOW};
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

const MAGIC: &[u8] = b"BZh";
/// What a block begins with, and what the end of a stream does.
const BLOCK: u64 = 0x3141_5926_5359;
const END: u64 = 0x1772_4538_5090;
/// Bytes of a block, for each level.
const LEVEL_BYTES: usize = 100_000;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// Another stream, or the end.
    Stream,
    /// The level.
    Level,
    /// A block, or the end of the stream.
    Head,
    /// What is in a block.
    Block,
    /// What comes out of it.
    Out,
    /// The sum over the stream.
    Sum,
}

/// bzip2 data on their way.
pub(crate) struct Bzip2 {
    next: Next,
    block: Box<Block>,
    sorted: Sorted,
    held: Held,
    ratio: Ratio,
    /// Bytes of a block, and the sum over the blocks so far.
    block_max: usize,
    sum: u32,
    /// Blocks and streams that are behind.
    ended: u64,
    any: bool,
    /// What of the magic of another stream was taken.
    magic: usize,
}

impl Bzip2 {
    /// Data of which nothing was seen.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            next: Next::Stream,
            block: Box::new(Block::new()),
            sorted: Sorted::new(),
            held: Held::default(),
            ratio: Ratio::new(limits),
            block_max: 0,
            sum: 0,
            ended: 0,
            any: false,
            magic: 0,
        }
    }

    /// Looks whether another stream follows.
    fn begin(&mut self, input: &[u8]) -> (usize, Decoded) {
        for (i, byte) in input.iter().enumerate() {
            if MAGIC.get(self.magic) != Some(byte) {
                let foreign =
                    if self.any { Decoded::End } else { Decoded::Failed(Unscannable::Malformed) };
                return (i, foreign);
            }
            self.magic += 1;
            if self.magic == MAGIC.len() {
                (self.next, self.sum, self.held) = (Next::Level, 0, Held::default());
                return (i + 1, Decoded::More);
            }
        }
        (input.len(), Decoded::More)
    }

    /// Goes on, up to what comes out of a block, or the end of a stream.
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        loop {
            match self.next {
                Next::Level => match reader.take(8)? as u8 {
                    level @ b'1'..=b'9' => {
                        self.block_max = LEVEL_BYTES * usize::from(level - b'0');
                        self.next = Next::Head;
                    }
                    _ => return Err(MALFORMED),
                },
                Next::Head => match reader.take(48)? {
                    BLOCK => {
                        self.block.begin();
                        self.sorted.begin(self.block_max);
                        self.next = Next::Block;
                    }
                    END => self.next = Next::Sum,
                    _ => return Err(MALFORMED),
                },
                Next::Block => {
                    self.block.run(reader, &mut self.sorted)?;
                    self.next = Next::Out;
                }
                Next::Sum => {
                    if reader.take(32)? as u32 != self.sum {
                        return Err(MALFORMED);
                    }
                    reader.align();
                    self.ended += 1;
                    (self.next, self.any, self.magic) = (Next::Stream, true, 0);
                }
                Next::Out | Next::Stream => return Ok(()),
            }
        }
    }

    /// Lets come out of a block what there is room for.
    fn write(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        if self.sorted.write(WINDOW, out) {
            return Ok(());
        }
        let sum = self.sorted.sum().filter(|sum| *sum == self.block.sum());
        self.sum = self.sum.rotate_left(1) ^ sum.ok_or(Unscannable::Malformed)?;
        self.ended += 1;
        self.next = Next::Head;
        Ok(())
    }
}

impl Transform for Bzip2 {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        if self.next == Next::Stream {
            return self.begin(input);
        }
        let input = self.ratio.of_step(input, self.is_drained());
        let mut reader = Reader::new(self.held, input);
        let read = self.read(&mut reader);
        if read.is_ok() {
            reader.leave();
        }
        let used;
        (used, self.held) = reader.end();
        let before = out.len();
        let written = if self.next == Next::Out { self.write(out) } else { Ok(()) };
        if let Err(reason) = self.ratio.add(used, out.len() - before, out) {
            return (used, Decoded::Failed(reason));
        }
        let decoded = match (read, written) {
            (Err(Fault::Broken(reason)), _) | (_, Err(reason)) => Decoded::Failed(reason),
            (Ok(()) | Err(Fault::Short), Ok(())) => Decoded::More,
        };
        (used, decoded)
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        if self.next == Next::Stream && self.any { Ok(()) } else { Err(Unscannable::Malformed) }
    }

    fn is_drained(&self) -> bool {
        self.next != Next::Out
    }

    // Nothing comes out of a block before all of it is there, whoever decodes it.
    fn lag(&self) -> usize {
        if self.next == Next::Stream { self.magic } else { 0 }
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.unpacked().saturating_add(self.ended.saturating_mul(BLOCK_WORK))
    }

    fn memory_max(&self) -> usize {
        4 << 20
    }

    fn unread(&self) -> &[u8] {
        MAGIC.get(..self.magic).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// What comes out of `packed` in pieces of `cut` bytes, how many are used, and how it ends.
    fn unpack(packed: &[u8], cut: usize) -> (Vec<u8>, usize, Decoded) {
        let (mut decoder, mut out) = (Bzip2::new(&Limits::default()), BytesMut::new());
        let (mut used, mut last) = (0, Decoded::More);
        for piece in packed.chunks(cut) {
            let mut rest = piece;
            while last == Decoded::More && (!rest.is_empty() || !decoder.is_drained()) {
                let (n, decoded) = decoder.run(rest, &mut out);
                used += n;
                (rest, last) = (&rest[n..], decoded);
            }
        }
        if last == Decoded::End {
            used -= decoder.unread().len();
        } else if let (Decoded::More, Err(reason)) = (last, decoder.finish(&mut out)) {
            last = Decoded::Failed(reason);
        }
        (out.to_vec(), used, last)
    }

    fn pack(content: &[u8], level: u32) -> Vec<u8> {
        let mut encoder =
            ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::new(level));
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn noise(len: u32) -> impl Iterator<Item = u8> {
        (0..len).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
    }

    /// Bytes of many kinds: words, noise, runs of many lengths.
    fn content() -> Vec<u8> {
        let words =
            (0..9_000u32).flat_map(|i| format!("{} ", i.wrapping_mul(i) % 977).into_bytes());
        let runs = (0..600usize).flat_map(|i| vec![i as u8; i]);
        words.chain(noise(50_000)).chain(runs).chain([7; 300_000]).collect()
    }

    const MALFORMED: Decoded = Decoded::Failed(Unscannable::Malformed);
    const EMPTY: &[u8] = b"BZh9\x17\x72\x45\x38\x50\x90\0\0\0\0";

    #[test]
    fn what_was_packed_comes_out_at_any_pieces() {
        let content = content();
        for level in [1, 9] {
            let one = pack(&content, level);
            let both = [&one[..], EMPTY, &pack(b"and", 1), b"BZ and so on"].concat();
            let all = [&content[..], b"and"].concat();
            for cut in [1, 2, 7, 4_095, both.len()] {
                let (out, used, end) = unpack(&both, cut);
                assert_eq!((used, end), (both.len() - 12, Decoded::End), "pieces of {cut}");
                assert!(out == all, "pieces of {cut}");
            }
            let (out, _, end) = unpack(&one[..one.len() - 1], 1 << 20);
            assert_eq!(end, MALFORMED, "it breaks off");
            assert!(out == content);
        }
    }

    #[test]
    fn what_is_wrong_is_told_at_the_same_byte_at_any_pieces() {
        let whole = pack(&content()[..9_000], 1);
        for at in (0..whole.len()).step_by(41).chain([0, 3, 4, 9, 10, whole.len() - 1]) {
            let mut packed = [&whole[..], EMPTY].concat();
            packed[at] ^= 0x10;
            let (out, _, end) = unpack(&packed, packed.len());
            assert_eq!(end, MALFORMED, "byte {at}");
            for cut in [1, 3, 700] {
                let (same, _, end) = unpack(&packed, cut);
                assert_eq!(end, MALFORMED, "byte {at}, pieces of {cut}");
                assert!(out == same, "byte {at}, pieces of {cut}");
            }
        }
    }

    #[test]
    fn what_a_random_block_changes_is_changed_back() {
        let content: Vec<u8> = noise(2_000).collect();
        let mut packed = pack(&content, 1);
        packed[14] |= 0x80;
        let (out, _, end) = unpack(&packed, 100);
        assert_eq!(end, MALFORMED, "the sum is that of the other block");
        let changed = |i: &usize| out[*i] != content[*i];
        let places: Vec<usize> = (0..content.len()).filter(changed).collect();
        assert_eq!(places, [617, 1_337, 1_464, 1_945], "as far as the first distances go");
    }

    #[test]
    fn little_is_held_of_what_is_small() {
        let mut decoder = Bzip2::new(&Limits::default());
        let (mut flood, mut out) = (&EMPTY.repeat(10_000)[..], BytesMut::new());
        while !flood.is_empty() {
            let (used, decoded) = decoder.run(flood, &mut out);
            assert!(used > 0 && decoded == Decoded::More);
            flood = &flood[used..];
        }
        assert_eq!((out.len(), decoder.sorted.held()), (0, 0));
        assert_eq!(decoder.work(), 10_000 * BLOCK_WORK);
        let mut decoder = Bzip2::new(&Limits::default());
        decoder.run(b"BZh", &mut out);
        decoder.run(&pack(b"hello, hello", 9)[3..], &mut out);
        assert_eq!(&out[..], b"hello, hello");
        assert!(decoder.sorted.held() <= 4 << 10, "{}", decoder.sorted.held());
    }
}
