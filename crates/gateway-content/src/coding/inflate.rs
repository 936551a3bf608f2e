//! The deflate decompressor (RFC 1951, RFC 1950), fed in any pieces, within a ratio.
//!
//! Every byte before a corrupt symbol comes out whatever the pieces were.

pub(super) mod blocks;
pub(super) mod code;
pub(super) mod reader;
pub(super) mod window;

use bytes::BytesMut;
use gateway_inspect::Unscannable;
use simd_adler32::Adler32;

use self::blocks::{Blocks, Stand};
use self::code::Format;
use self::reader::{Held, Reader};
use self::window::Window;
use super::bits::{Fault, MALFORMED};
use super::ratio::Ratio;
use crate::Limits;

/// The window of RFC 1951; also the most bytes that one call yields.
pub(crate) const WINDOW: usize = 32 << 10;

/// What a block costs, in bytes of output that take as long: its tables are built even when
/// nothing comes out of it.
pub(crate) const BLOCK_WORK: u64 = 1 << 10;

/// Blocks that may bring codes of their own in so many packed bytes: some, and one for so many bytes. Those that
/// packers write are larger, and a flood of smaller ones costs time without yielding anything.
pub(super) const fn blocks_max(packed: u64) -> u64 {
    const MIN: u64 = 1 << 12;
    const BYTES: u64 = 48;
    MIN + packed / BYTES
}

/// Which wrapper is around the compressed data.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wrapper {
    /// None (RFC 1951).
    Raw,
    /// zlib header and Adler-32 (RFC 1950), both checked.
    Zlib,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The header of zlib.
    Header,
    /// Blocks.
    Blocks,
    /// The sum of zlib.
    Sum,
    /// Nothing.
    End,
}

/// One compressed stream on its way.
pub(crate) struct Inflate {
    wrapper: Wrapper,
    next: Next,
    blocks: Box<Blocks>,
    window: Window,
    held: Held,
    /// Of what came out, for zlib alone.
    sum: Adler32,
    ratio: Ratio,
    /// Blocks that are behind.
    ended: u64,
    drained: bool,
}

/// What one call did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Inflated {
    /// Bytes of the input that were taken.
    pub(crate) consumed: usize,
    /// How the stream stands.
    pub(crate) state: InflateState,
}

/// How the stream stands after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InflateState {
    /// More to come.
    More,
    /// Its last block, and the check of the wrapper, is behind.
    End,
    /// It cannot be decoded any further.
    Failed(Unscannable),
}

impl Inflate {
    /// A stream of which nothing was seen.
    pub(crate) fn new(wrapper: Wrapper, limits: &Limits) -> Self {
        Self {
            wrapper,
            next: Next::first(wrapper),
            blocks: Box::new(Blocks::new(Format::Deflate)),
            window: Window::new(Format::Deflate),
            held: Held::default(),
            sum: Adler32::new(),
            ratio: Ratio::new(limits),
            ended: 0,
            drained: true,
        }
    }

    /// Begins the next stream of the same kind, as gzip members follow each other. The ratio is
    /// that of all of them together.
    pub(crate) fn restart(&mut self) {
        self.restart_behind();
        self.window.clear();
    }

    /// Begins the next stream, which may refer to the bytes of those before it.
    pub(crate) fn restart_behind(&mut self) {
        self.next = Next::first(self.wrapper);
        self.blocks.restart();
        self.held = Held::default();
        self.sum = Adler32::new();
    }

    /// Whether all that follows from the input so far is out.
    pub(crate) fn is_drained(&self) -> bool {
        self.drained
    }

    /// What all that was decoded so far has cost, in bytes of output that take as long.
    pub(crate) fn work(&self) -> u64 {
        self.ratio.unpacked().saturating_add(self.ended.saturating_mul(BLOCK_WORK))
    }

    /// Decodes from `input`, up to the end of a block, and appends to `out`, by at most [`WINDOW`] bytes.
    pub(crate) fn run(&mut self, input: &[u8], out: &mut BytesMut) -> Inflated {
        let input = self.ratio.of_step(input, self.drained);
        let mut reader = Reader::new(self.held, input);
        self.window.begin(WINDOW);
        let stand = self.step(&mut reader);
        let consumed;
        (consumed, self.held) = reader.end();
        let fresh = self.window.written();
        out.extend_from_slice(fresh);
        let allowed = self.ratio.add(consumed, fresh.len(), out);
        self.drained = !matches!(stand, Ok(Stand::Full | Stand::Block));
        let state = match stand {
            _ if let Err(reason) = allowed => InflateState::Failed(reason),
            // Of both it is certain at the end of a block how many they are, whatever the pieces.
            Ok(Stand::Block | Stand::Over)
                if self.blocks.owned() > blocks_max(self.ratio.packed()) =>
            {
                InflateState::Failed(Unscannable::WorkExceeded)
            }
            Ok(Stand::Over) => InflateState::End,
            Ok(Stand::Short | Stand::Full | Stand::Block) => InflateState::More,
            Err(Fault::Broken(reason)) => InflateState::Failed(reason),
            Err(Fault::Short) => InflateState::Failed(Unscannable::Malformed),
        };
        Inflated { consumed, state }
    }

    /// Goes on with the wrapper, and what it is around.
    fn step(&mut self, reader: &mut Reader<'_>) -> Result<Stand, Fault> {
        if self.next == Next::Header {
            match reader.take(16) {
                Ok(header) => check_header(header)?,
                Err(Fault::Short) => return Ok(Stand::Short),
                Err(fault) => return Err(fault),
            }
            self.next = Next::Blocks;
        }
        if self.next == Next::Blocks {
            let stand = self.blocks.run(reader, &mut self.window);
            if let Wrapper::Zlib = self.wrapper {
                self.sum.write(self.window.written());
            }
            let stand = stand?;
            self.ended += u64::from(matches!(stand, Stand::Block | Stand::Over));
            match (stand, self.wrapper) {
                (Stand::Over, Wrapper::Raw) => self.next = Next::End,
                (Stand::Over, Wrapper::Zlib) => {
                    reader.align();
                    self.next = Next::Sum;
                }
                (Stand::Short | Stand::Full | Stand::Block, _) => return Ok(stand),
            }
        }
        if self.next == Next::Sum {
            match reader.take(32) {
                Ok(sum) if sum.swap_bytes() == self.sum.finish() => {}
                Ok(_) => return Err(MALFORMED),
                Err(Fault::Short) => return Ok(Stand::Short),
                Err(fault) => return Err(fault),
            }
            reader.leave();
            self.next = Next::End;
        }
        Ok(Stand::Over)
    }
}

impl Next {
    const fn first(wrapper: Wrapper) -> Self {
        match wrapper {
            Wrapper::Raw => Self::Blocks,
            Wrapper::Zlib => Self::Header,
        }
    }
}

/// Whether a header of zlib, its first byte the lower one, names deflate with a window of 32 KiB at the most, and
/// no dictionary (RFC 1950, section 2.2).
fn check_header(header: u32) -> Result<(), Fault> {
    let [method, flags, ..] = header.to_le_bytes();
    let is_whole = u16::from_be_bytes([method, flags]).is_multiple_of(31);
    let is_known = method & 15 == 8 && method >> 4 <= 7 && flags & 0x20 == 0;
    if is_whole && is_known { Ok(()) } else { Err(MALFORMED) }
}

/// Whether a stream of zlib begins so: whether all of it decodes. `None` where it goes on, as far as
/// these bytes tell.
pub(crate) fn may_begin(wrapper: Wrapper, first: &[u8]) -> Option<bool> {
    let mut inflate = Inflate::new(wrapper, &Limits::default());
    let (mut rest, mut out) = (first, BytesMut::new());
    loop {
        let Inflated { consumed, state } = inflate.run(rest, &mut out);
        rest = rest.get(consumed..).unwrap_or_default();
        match state {
            InflateState::End => return Some(true),
            InflateState::Failed(Unscannable::Malformed) => return Some(false),
            // A bomb is one.
            InflateState::Failed(_) => return Some(true),
            InflateState::More if inflate.is_drained() && rest.is_empty() => return None,
            InflateState::More => out.clear(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// What comes out of `packed` in pieces of `cut` bytes, how many are used, and how it ends.
    fn unpack(wrapper: Wrapper, packed: &[u8], cut: usize) -> (Vec<u8>, usize, InflateState) {
        let (mut inflate, mut out) = (Inflate::new(wrapper, &Limits::default()), BytesMut::new());
        let (mut used, mut state) = (0, InflateState::More);
        for piece in packed.chunks(cut) {
            let mut rest = piece;
            while state == InflateState::More && (!rest.is_empty() || !inflate.is_drained()) {
                let inflated = inflate.run(rest, &mut out);
                used += inflated.consumed;
                (rest, state) = (&rest[inflated.consumed..], inflated.state);
            }
        }
        (out.to_vec(), used, state)
    }

    fn zlib(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    const MALFORMED: InflateState = InflateState::Failed(Unscannable::Malformed);

    #[test]
    fn what_was_packed_comes_out_at_any_pieces() {
        let numbers = (0..60_000u32).flat_map(|i| (i.wrapping_mul(i) >> 9).to_le_bytes());
        let content: Vec<u8> = numbers.chain([0; 70_000]).chain(0..=255).collect();
        let mut packed = zlib(&content);
        let len = packed.len();
        packed.extend_from_slice(b"and so on");
        for cut in [1, 2, 7, 4_095, packed.len()] {
            let (out, used, state) = unpack(Wrapper::Zlib, &packed, cut);
            assert_eq!((used, state), (len, InflateState::End), "pieces of {cut}");
            assert!(out == content, "pieces of {cut}");
            let (out, used, state) = unpack(Wrapper::Raw, &packed[2..], cut);
            assert_eq!((used, state), (len - 6, InflateState::End), "pieces of {cut}");
            assert!(out == content, "pieces of {cut}");
        }
    }

    #[test]
    fn a_wrapper_that_is_wrong_is_a_fault() {
        let whole = zlib(b"hello");
        let changed = |at: usize, byte: u8| {
            let mut packed = whole.clone();
            packed[at] = byte;
            packed
        };
        let sum = changed(whole.len() - 1, whole[whole.len() - 1] ^ 1);
        // A method that is not deflate, a window of 64 KiB, a dictionary, a check that does not fit.
        let heads = [[0x79, 0x18], [0x88, 0x1c], [0x78, 0xbb], [0x78, 0xdb]];
        let heads = heads.map(|[a, b]| [&[a, b], &whole[2..]].concat());
        for cut in [1, whole.len()] {
            assert_eq!(unpack(Wrapper::Zlib, &sum, cut), (b"hello".to_vec(), sum.len(), MALFORMED));
            for packed in &heads {
                let (out, _, state) = unpack(Wrapper::Zlib, packed, cut);
                assert_eq!((&out[..], state), (&b""[..], MALFORMED), "{packed:x?}");
            }
            let short = &whole[..whole.len() - 1];
            let more = (b"hello".to_vec(), short.len(), InflateState::More);
            assert_eq!(unpack(Wrapper::Zlib, short, cut), more);
        }
    }

    #[test]
    fn what_refers_to_before_the_first_byte_is_a_fault() {
        // A block of fixed codes: `a`, then three bytes from two before.
        let packed = [0x4b, 0x04, 0x42, 0x00];
        let mut inflate = Inflate::new(Wrapper::Raw, &Limits::default());
        let mut out = BytesMut::new();
        assert_eq!(inflate.run(&packed, &mut out).state, MALFORMED);
        // Behind another stream it is none, unless that is forgotten.
        let mut inflate = Inflate::new(Wrapper::Raw, &Limits::default());
        assert_eq!(inflate.run(&[0x4b, 0x04, 0], &mut out).state, InflateState::End);
        inflate.restart_behind();
        out.clear();
        assert_eq!(inflate.run(&packed, &mut out).state, InflateState::End);
        assert_eq!(&out[..], b"aaaa");
        inflate.restart();
        assert_eq!(inflate.run(&packed, &mut out).state, MALFORMED);
    }

    #[test]
    fn codes_with_room_for_others_are_refused() {
        // A block that brings one code for the lengths of codes.
        let mut bits = Bits::default();
        bits.put(0b101 | 14 << 13, 17);
        (0..18).for_each(|i| bits.put(u64::from(i == 2), 3));
        bits.put(0, 8);
        assert_eq!(unpack(Wrapper::Raw, &bits.out, 1).2, MALFORMED, "a single code for lengths");
        // 287 codes for bytes and lengths, and 31 for distances.
        for counts in [30, 30 << 5] {
            let mut bits = Bits::default();
            bits.put(0b101 | counts << 3, 24);
            assert_eq!(unpack(Wrapper::Raw, &bits.out, 1).2, MALFORMED);
        }
    }

    #[derive(Default)]
    struct Bits {
        out: Vec<u8>,
        bits: u64,
        have: u32,
    }

    impl Bits {
        fn put(&mut self, value: u64, count: u32) {
            self.bits |= value << self.have;
            self.have += count;
            while self.have >= 8 {
                self.out.push(self.bits as u8);
                (self.bits, self.have) = (self.bits >> 8, self.have - 8);
            }
        }
    }

    #[test]
    fn a_flood_of_blocks_with_codes_of_their_own_has_an_end_at_any_pieces() {
        let flood = |count: u64| {
            let mut bits = Bits::default();
            for _ in 0..count {
                // Codes of a bit for 18 and 1; with them 255 zeros and three lengths of 1.
                bits.put(0b100 | 14 << 13, 17);
                (0..18).for_each(|i| bits.put(u64::from(i == 2 || i == 17), 3));
                for (value, count) in [(0xff, 8), (1 | 106 << 1, 8), (0, 3), (1, 1)] {
                    bits.put(value, count);
                }
            }
            bits.put(0b011, 20);
            bits.out
        };
        let few = flood(blocks_max(0));
        assert_eq!(unpack(Wrapper::Raw, &few, few.len()).2, InflateState::End);
        let many = flood(2 * blocks_max(0));
        let (_, used, state) = unpack(Wrapper::Raw, &many, many.len());
        assert_eq!(state, InflateState::Failed(Unscannable::WorkExceeded));
        for cut in [1, 7] {
            assert_eq!(unpack(Wrapper::Raw, &many, cut), (Vec::new(), used, state));
        }
    }
}
