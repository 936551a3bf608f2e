//! The content-coding `br` (RFC 7932), fed in any pieces, within a ratio.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::ratio::Ratio;
use crate::Limits;

/// Bytes that the engine is given at once. What it has decoded of them when it meets a fault does
/// not come out, so this is also how much of a corrupt stream may stay unseen before the fault.
const CELL: u64 = 64;

/// What a packed byte costs at the least, in bytes of output that take as long: tables are built
/// from it though nothing comes out.
const PACKED_WORK: u64 = 16;

/// A brotli stream on its way.
///
/// Windows are those of RFC 7932, of at most 16 MiB.
pub(crate) struct Brotli {
    engine: Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>,
    out: Box<[u8]>,
    ratio: Ratio,
    drained: bool,
    over: bool,
}

impl Brotli {
    /// A stream of which nothing was seen.
    pub(crate) fn new(limits: &Limits) -> Self {
        let alloc = StandardAlloc::default;
        Self {
            engine: Box::new(BrotliState::new(alloc(), alloc(), alloc())),
            out: vec![0; WINDOW].into(),
            ratio: Ratio::new(limits),
            drained: true,
            over: false,
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

    /// The input has ended: whether the stream had, or there was none.
    pub(crate) const fn finish(&self) -> Result<(), Unscannable> {
        if self.over || self.ratio.packed() == 0 { Ok(()) } else { Err(Unscannable::Malformed) }
    }

    /// Takes the next step through `input`. [`Decoded::End`] is answered behind the stream, from
    /// where on nothing is consumed.
    pub(crate) fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        if self.over {
            return (0, Decoded::End);
        }
        let input = self.ratio.of_step(input, self.drained);
        let cell = usize::try_from(CELL - self.ratio.packed() % CELL).unwrap_or(input.len());
        let input = input.get(..cell).unwrap_or(input);
        let (mut left, mut consumed) = (input.len(), 0);
        let (mut room, mut produced, mut total) = (self.out.len(), 0, 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut consumed,
            input,
            &mut room,
            &mut produced,
            &mut self.out,
            &mut total,
            &mut self.engine,
        );
        out.extend_from_slice(self.out.get(..produced).unwrap_or_default());
        let allowed = self.ratio.add(consumed, produced, out);
        self.drained = !matches!(result, BrotliResult::NeedsMoreOutput);
        let decoded = match result {
            _ if let Err(reason) = allowed => Decoded::Failed(reason),
            BrotliResult::ResultSuccess => {
                self.over = true;
                Decoded::More
            }
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => Decoded::More,
            BrotliResult::ResultFailure => Decoded::Failed(Unscannable::Malformed),
        };
        (consumed, decoded)
    }
}
