//! How much a stream may unpack to for what it takes, whatever the pieces that it comes in.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use crate::Limits;

/// Packed bytes count in steps of so many: how far into a step a decoder has looked when its bytes
/// come out depends on the pieces.
const STEP: u64 = 4 << 10;

/// The bytes of one stream, before and after.
pub(crate) struct Ratio {
    packed: u64,
    unpacked: u64,
    ratio_max: u64,
    floor_bytes: u64,
}

impl Ratio {
    /// A stream of which nothing was decoded.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            packed: 0,
            unpacked: 0,
            ratio_max: limits.ratio_max.into(),
            floor_bytes: limits.ratio_floor_bytes,
        }
    }

    /// Bytes that were taken.
    pub(crate) const fn packed(&self) -> u64 {
        self.packed
    }

    /// Bytes that came out.
    pub(crate) const fn unpacked(&self) -> u64 {
        self.unpacked
    }

    /// What that has cost, in bytes of output that take as long.
    pub(crate) const fn work(&self) -> u64 {
        self.unpacked.saturating_add(self.packed)
    }

    /// The part of `input` up to the end of the step: none while, at its end, not all that follows
    /// from it is out, as it is when `drained`.
    pub(crate) fn of_step<'i>(&self, input: &'i [u8], drained: bool) -> &'i [u8] {
        let left = match self.packed % STEP {
            0 if !drained => 0,
            past => STEP - past,
        };
        usize::try_from(left).ok().and_then(|left| input.get(..left)).unwrap_or(input)
    }

    /// Counts what one call took and what it appended to `out`. If that is too much, all beyond
    /// what is allowed goes out again, so that as much is shown whatever the pieces were, and the
    /// answer is an error.
    pub(crate) fn add(
        &mut self,
        packed: usize,
        unpacked: usize,
        out: &mut BytesMut,
    ) -> Result<(), Unscannable> {
        self.packed += packed as u64;
        self.unpacked += unpacked as u64;
        // What comes out by now follows from no byte beyond the step that was begun.
        let taken = self.packed.next_multiple_of(STEP);
        let allowed = taken.saturating_mul(self.ratio_max).max(self.floor_bytes);
        let Some(excess @ 1..) = self.unpacked.checked_sub(allowed) else { return Ok(()) };
        let excess = usize::try_from(excess).unwrap_or(usize::MAX);
        out.truncate(out.len().saturating_sub(excess));
        Err(Unscannable::RatioExceeded)
    }
}
