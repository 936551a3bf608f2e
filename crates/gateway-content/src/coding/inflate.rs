//! The deflate decompressor (RFC 1951, RFC 1950), fed in any pieces, within a ratio.
//!
//! It drives the engine of `miniz_oxide` itself, over a window of its own, so that every byte
//! before a corrupt symbol comes out whatever the pieces were.

use bytes::BytesMut;
use gateway_inspect::Unscannable;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use super::ratio::Ratio;
use crate::Limits;

/// The window of RFC 1951; also the most bytes that one call yields.
pub(crate) const WINDOW: usize = 32 << 10;

/// What a block costs, in bytes of output that take as long: its tables are built even when
/// nothing comes out of it.
pub(crate) const BLOCK_WORK: u64 = 1 << 10;

/// Which wrapper is around the compressed data.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wrapper {
    /// None (RFC 1951).
    Raw,
    /// zlib header and Adler-32 (RFC 1950), both checked.
    Zlib,
}

/// One compressed stream on its way.
pub(crate) struct Inflate {
    engine: Box<DecompressorOxide>,
    window: Box<[u8]>,
    /// Where the next byte goes in the window.
    at: usize,
    flags: u32,
    ratio: Ratio,
    blocks: u64,
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
        let wrapper = match wrapper {
            Wrapper::Raw => inflate_flags::TINFL_FLAG_IGNORE_ADLER32,
            Wrapper::Zlib => {
                inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER
                    | inflate_flags::TINFL_FLAG_COMPUTE_ADLER32
            }
        };
        Self {
            engine: Box::default(),
            window: vec![0; WINDOW].into_boxed_slice(),
            at: 0,
            flags: wrapper
                | inflate_flags::TINFL_FLAG_HAS_MORE_INPUT
                | inflate_flags::TINFL_FLAG_STOP_ON_BLOCK_BOUNDARY,
            ratio: Ratio::new(limits),
            blocks: 0,
            drained: true,
        }
    }

    /// Begins the next stream of the same kind, as gzip members follow each other. The ratio is
    /// that of all of them together.
    pub(crate) fn restart(&mut self) {
        self.engine.init();
        self.at = 0;
    }

    /// Begins the next stream, which may refer to the bytes of those before it.
    pub(crate) fn restart_behind(&mut self) {
        self.engine.init();
    }

    /// Whether all that follows from the input so far is out.
    pub(crate) fn is_drained(&self) -> bool {
        self.drained
    }

    /// What all that was decoded so far has cost, in bytes of output that take as long.
    pub(crate) fn work(&self) -> u64 {
        self.ratio.unpacked().saturating_add(self.blocks.saturating_mul(BLOCK_WORK))
    }

    /// Decodes from `input`, up to the end of a block, and appends to `out`, by at most [`WINDOW`] bytes.
    pub(crate) fn run(&mut self, input: &[u8], out: &mut BytesMut) -> Inflated {
        let input = self.ratio.of_step(input, self.drained);
        let (status, consumed, produced) =
            decompress(&mut self.engine, input, &mut self.window, self.at, self.flags);
        let fresh = self.window.get(self.at..self.at + produced).unwrap_or_default();
        out.extend_from_slice(fresh);
        self.at = (self.at + produced) % WINDOW;
        let allowed = self.ratio.add(consumed, produced, out);
        self.blocks += u64::from(matches!(status, TINFLStatus::BlockBoundary | TINFLStatus::Done));
        self.drained = !matches!(status, TINFLStatus::HasMoreOutput | TINFLStatus::BlockBoundary);
        let state = match status {
            _ if let Err(reason) = allowed => InflateState::Failed(reason),
            TINFLStatus::Done => InflateState::End,
            TINFLStatus::NeedsMoreInput
            | TINFLStatus::HasMoreOutput
            | TINFLStatus::BlockBoundary => InflateState::More,
            // Each of the others is a kind of failure.
            _ => InflateState::Failed(Unscannable::Malformed),
        };
        Inflated { consumed, state }
    }
}
