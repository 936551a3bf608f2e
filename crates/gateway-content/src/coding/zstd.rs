//! The content-coding `zstd` (RFC 8878), fed in any pieces, within a ratio: any number of frames, one
//! after the other.

use bytes::BytesMut;
use gateway_inspect::Unscannable;
use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer};

use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

/// Bits of the largest window: 8 MiB, what a content-coding may ask for (RFC 9659).
const WINDOW_LOG_MAX: u32 = 23;

/// The longest frame header (RFC 8878, section 3.1.1.1). What is behind its first bytes is given byte by byte: of a
/// frame that it has from its first byte to its last the engine would show all or, when it is corrupt, nothing.
const HEADER_BYTES_MAX: u64 = 18;
/// Bytes that each header has: magic number and descriptor. No frame ends with them.
const HEADER_BYTES_MIN: u64 = 5;

/// Bytes of the header before each block (RFC 8878, section 3.1.1.2).
const BLOCK_HEADER_BYTES: usize = 3;

/// What a packed byte costs at the least, in bytes of output that take as long.
const PACKED_WORK: u64 = 16;

/// A sequence of zstd frames on its way.
pub(crate) struct Zstd {
    engine: DCtx<'static>,
    out: Box<[u8]>,
    ratio: Ratio,
    /// Bytes of the present frame that were taken.
    of_frame: u64,
    /// Bytes up to the header behind the next block, that header included, as the engine says.
    awaited: usize,
    drained: bool,
}

impl Zstd {
    /// A stream of which nothing was seen.
    pub(crate) fn new(limits: &Limits) -> Self {
        let mut engine = DCtx::create();
        // A bound that the library refuses leaves its own, of 128 MiB, in place.
        let _ = engine.set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX));
        Self {
            engine,
            out: vec![0; WINDOW].into(),
            ratio: Ratio::new(limits),
            of_frame: 0,
            awaited: 0,
            drained: true,
        }
    }

    /// Whether all that follows from the input so far is out.
    pub(crate) const fn is_drained(&self) -> bool {
        self.drained
    }

    /// What it has cost so far, in bytes of output that take as long.
    pub(crate) const fn work(&self) -> u64 {
        let packed = self.ratio.packed().saturating_mul(PACKED_WORK);
        self.ratio.unpacked().saturating_add(packed)
    }

    /// The input has ended: whether it did so between frames.
    pub(crate) const fn finish(&self) -> Result<(), Unscannable> {
        if self.of_frame == 0 && self.drained { Ok(()) } else { Err(Unscannable::Malformed) }
    }

    /// Takes the next step through `input`; frames end only with it.
    pub(crate) fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        if input.is_empty() && self.drained {
            return (0, Decoded::More);
        }
        let input = self.ratio.of_step(input, self.drained);
        let input = input.get(..self.most()).unwrap_or(input);
        let mut packed = InBuffer::around(input);
        let mut unpacked = OutBuffer::around(&mut self.out[..]);
        let result = self.engine.decompress_stream(&mut unpacked, &mut packed);
        let (consumed, produced) = (packed.pos, unpacked.pos());
        out.extend_from_slice(self.out.get(..produced).unwrap_or_default());
        let allowed = self.ratio.add(consumed, produced, out);
        self.of_frame += consumed as u64;
        // A full buffer may leave something behind.
        self.drained = produced < self.out.len();
        let decoded = match result {
            _ if let Err(reason) = allowed => Decoded::Failed(reason),
            Err(_) => Decoded::Failed(Unscannable::Malformed),
            Ok(0) => {
                (self.of_frame, self.drained) = (0, true);
                Decoded::More
            }
            Ok(awaited) => {
                self.awaited = awaited;
                Decoded::More
            }
        };
        (consumed, decoded)
    }

    /// How many bytes the engine may be given: not more than one block, and none while something is
    /// left of the one before. What one call has decoded before a fault is lost, and would be shown
    /// if it came in smaller pieces.
    fn most(&self) -> usize {
        match self.awaited.checked_sub(BLOCK_HEADER_BYTES) {
            _ if !self.drained => 0,
            _ if self.of_frame < HEADER_BYTES_MIN => (HEADER_BYTES_MIN - self.of_frame) as usize,
            _ if self.of_frame < HEADER_BYTES_MAX => 1,
            Some(block @ 1..) => block,
            Some(0) | None => self.awaited.max(1),
        }
    }
}

/// A member of an archive is a sequence of frames as well.
impl Transform for Zstd {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        Self::run(self, input, out)
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        Self::finish(self)
    }

    fn is_drained(&self) -> bool {
        self.drained
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        Self::work(self)
    }
}
