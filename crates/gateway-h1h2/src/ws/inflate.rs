//! The decompressor of permessage-deflate (RFC 7692 §7.2.2), within a ratio and a size.
//!
//! It drives the engine of `miniz_oxide` over a window of its own: what was decoded before a
//! corrupt symbol comes out, whatever the pieces were, and the window outlives the messages.

use bytes::BytesMut;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use super::WsError;

/// The largest window that can be agreed on; also the most bytes that one call yields.
const WINDOW: usize = 32 << 10;

/// The end of a message, which its sender leaves out.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// The ratio is looked at whenever this many packed bytes more are decoded: at fixed places of
/// the message, so that the verdict does not depend on the pieces.
const RATIO_STEP: u64 = 4 << 10;

/// Bounds on what a message may unpack to. They hold for compressed messages alone: one that is
/// not compressed is as long as what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TapLimits {
    /// Bytes that a message may unpack to. Default 1 GiB.
    pub message_bytes_max: u64,
    /// Bytes that one byte may unpack to, on average over a message. Default 200.
    pub ratio_max: u32,
    /// Unpacked bytes from which on the ratio counts. Default 1 MiB.
    pub ratio_floor_bytes: u64,
}

impl Default for TapLimits {
    fn default() -> Self {
        Self { message_bytes_max: 1 << 30, ratio_max: 200, ratio_floor_bytes: 1 << 20 }
    }
}

/// What becomes of the window between messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takeover {
    /// A message may refer to the ones before it.
    Kept,
    /// Each message stands by itself.
    None,
}

/// The compressed messages of one direction.
pub(super) struct Inflate {
    engine: Box<DecompressorOxide>,
    window: Box<[u8]>,
    /// Where the next byte goes in the window.
    at: usize,
    takeover: Takeover,
    limits: TapLimits,
    /// Of the message.
    packed: u64,
    unpacked: u64,
    /// Whether all that follows from the input so far is out.
    drained: bool,
    /// Whether the input so far ends with a block.
    between_blocks: bool,
}

impl Inflate {
    pub(super) fn new(takeover: Takeover, limits: TapLimits) -> Self {
        Self {
            engine: Box::default(),
            window: vec![0; WINDOW].into_boxed_slice(),
            at: 0,
            takeover,
            limits,
            packed: 0,
            unpacked: 0,
            drained: true,
            between_blocks: true,
        }
    }

    /// Whether all that follows from the input so far is out.
    pub(super) const fn is_drained(&self) -> bool {
        self.drained
    }

    /// Decodes from `input` and appends to `out`, by at most 32 KiB: how many bytes were taken.
    pub(super) fn run(&mut self, input: &[u8], out: &mut BytesMut) -> Result<usize, WsError> {
        // All that follows from the bytes before the check is to be out when it comes.
        let until_check = match self.packed % RATIO_STEP {
            0 if !self.drained => 0,
            past => RATIO_STEP - past,
        };
        let input = usize::try_from(until_check).ok().and_then(|n| input.get(..n)).unwrap_or(input);
        let consumed = self.decode(input, out)?;
        self.packed += consumed as u64;
        if self.drained && self.packed.is_multiple_of(RATIO_STEP) {
            self.check_ratio()?;
        }
        Ok(consumed)
    }

    /// The message has ended and its input is used up: decodes what is left. Whether that is all.
    pub(super) fn finish(&mut self, tail: &mut usize, out: &mut BytesMut) -> Result<bool, WsError> {
        let rest = TAIL.get(*tail..).unwrap_or_default();
        *tail += self.decode(rest, out)?;
        if *tail < TAIL.len() || !self.drained {
            return Ok(false);
        }
        if !self.between_blocks {
            return Err(WsError::Corrupt);
        }
        self.check_ratio()?;
        (self.packed, self.unpacked) = (0, 0);
        if self.takeover == Takeover::None {
            self.engine.init();
        }
        Ok(true)
    }

    fn decode(&mut self, input: &[u8], out: &mut BytesMut) -> Result<usize, WsError> {
        const FLAGS: u32 = inflate_flags::TINFL_FLAG_IGNORE_ADLER32
            | inflate_flags::TINFL_FLAG_HAS_MORE_INPUT
            | inflate_flags::TINFL_FLAG_STOP_ON_BLOCK_BOUNDARY;
        let (status, consumed, produced) =
            decompress(&mut self.engine, input, &mut self.window, self.at, FLAGS);
        let room = self.limits.message_bytes_max.saturating_sub(self.unpacked);
        let shown = usize::try_from(room).unwrap_or(usize::MAX).min(produced);
        let fresh = self.window.get(self.at..self.at + shown).unwrap_or_default();
        out.extend_from_slice(fresh);
        self.at = (self.at + produced) % WINDOW;
        self.unpacked += produced as u64;
        if shown < produced {
            return Err(WsError::TooLarge);
        }
        if produced > 0 || consumed > 0 {
            self.between_blocks = false;
        }
        match status {
            TINFLStatus::Done => {
                // The last block of a stream, but not of the connection (RFC 7692 §7.2.3.4):
                // what follows begins at the next byte and may refer to what was before.
                self.engine.init();
                self.between_blocks = true;
            }
            TINFLStatus::BlockBoundary => self.between_blocks = true,
            TINFLStatus::NeedsMoreInput | TINFLStatus::HasMoreOutput => {}
            // Each of the others is a kind of failure.
            _ => return Err(WsError::Corrupt),
        }
        self.drained = status == TINFLStatus::NeedsMoreInput;
        Ok(consumed)
    }

    fn check_ratio(&self) -> Result<(), WsError> {
        let most = self.packed.saturating_mul(self.limits.ratio_max.into());
        if self.unpacked > self.limits.ratio_floor_bytes && self.unpacked > most {
            return Err(WsError::RatioExceeded);
        }
        Ok(())
    }
}

impl std::fmt::Debug for Inflate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inflate")
            .field("packed", &self.packed)
            .field("unpacked", &self.unpacked)
            .finish_non_exhaustive()
    }
}
