//! A decoder of any format, as the stream above another one sees it.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::remains::Remains;

/// Turns the bytes of one stream into those of the stream above it, in any pieces.
pub(crate) trait Transform: Send {
    /// Takes the next step: consumes some of `input` and appends to `out`. It consumes or yields
    /// something whenever `input` is not empty or it is not drained, or says that it is over.
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded);

    /// The input has ended: appends what was still under way, and says whether the format allows
    /// it to end there.
    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        Ok(())
    }

    /// Whether all that follows from the input so far is out.
    fn is_drained(&self) -> bool {
        true
    }

    /// Whether no byte that was taken may yet come out as it is.
    fn is_settled(&self) -> bool {
        true
    }

    /// Bytes that were taken last and of which nothing can have come out: all that follows from those
    /// before is out.
    fn lag(&self) -> usize {
        0
    }

    /// Whether it produces bytes that were not there before.
    fn expands(&self) -> bool {
        false
    }

    /// Whether what comes out is what goes in, from the first byte on.
    fn copies(&self) -> bool {
        false
    }

    /// Whether the container says what the CRC-32 of the bytes is.
    fn is_checked(&self) -> bool {
        false
    }

    /// Whether what goes in is text of which some can be overwritten without harm to its form.
    fn keeps_text(&self) -> bool {
        false
    }

    /// Instructions of a program that it may run from now on.
    fn allow(&mut self, _steps: u64) {}

    /// Those that it has run.
    fn steps(&self) -> u64 {
        0
    }

    /// What it has cost so far, in bytes of output that take as long.
    fn work(&self) -> u64 {
        0
    }

    /// Bytes that it may hold at the most, beyond a few thousand.
    fn memory_max(&self) -> usize {
        0
    }

    /// After the end: what a member that goes on from this one needs of it.
    fn remains(&mut self) -> Option<Remains> {
        None
    }

    /// After the end: bytes that were taken and are not part of the stream.
    fn unread(&self) -> &[u8] {
        &[]
    }

    /// The same after the end of the input, once it is [finished](Self::finish): what something else begins with.
    fn rest(&self) -> &[u8] {
        &[]
    }
}
