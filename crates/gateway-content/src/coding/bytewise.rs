//! Decoders that go by single bytes, within a ratio: what frames them is the same for all.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

/// What single bytes of a stream do.
pub(crate) trait ByteDecoder: Send {
    /// Bytes that it may hold at the most, beyond a few thousand.
    const MEMORY_MAX: usize = 0;

    /// Takes one byte and appends to `out` what follows from it: [`WINDOW`] bytes at the most, or what one
    /// code stands for.
    fn push(&mut self, byte: u8, out: &mut BytesMut) -> Decoded;

    /// Whether the format allows the input to end here.
    fn finish(&self) -> Result<(), Unscannable> {
        Ok(())
    }
}

/// Such a decoder over pieces of any length.
pub(crate) struct Bytewise<D> {
    decoder: D,
    ratio: Ratio,
}

impl<D: ByteDecoder> Bytewise<D> {
    /// `decoder` at the first byte of a stream.
    pub(crate) fn new(decoder: D, limits: &Limits) -> Self {
        Self { decoder, ratio: Ratio::new(limits) }
    }
}

impl<D: ByteDecoder> Transform for Bytewise<D> {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        // All that follows from a byte is out before the next one is taken.
        let input = self.ratio.of_step(input, true);
        let before = out.len();
        let (mut used, mut decoded) = (0, Decoded::More);
        for byte in input {
            if out.len() - before >= WINDOW {
                break;
            }
            used += 1;
            match self.decoder.push(*byte, out) {
                Decoded::More => {}
                over => {
                    decoded = over;
                    break;
                }
            }
        }
        match self.ratio.add(used, out.len() - before, out) {
            Ok(()) => (used, decoded),
            Err(reason) => (used, Decoded::Failed(reason)),
        }
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        self.decoder.finish()
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.work()
    }

    fn memory_max(&self) -> usize {
        D::MEMORY_MAX
    }
}
