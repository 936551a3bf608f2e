//! Deflate64, method 9 of ZIP: deflate with a window of 64 KiB.

use bytes::BytesMut;
use deflate64::InflaterManaged;
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

/// Deflate64 data on their way.
pub(crate) struct Deflate64 {
    engine: Box<InflaterManaged>,
    ratio: Ratio,
    drained: bool,
}

impl Deflate64 {
    /// Data of which nothing was seen.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { engine: Box::new(InflaterManaged::new()), ratio: Ratio::new(limits), drained: true }
    }
}

impl Transform for Deflate64 {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = self.ratio.of_step(input, self.drained);
        let before = out.len();
        out.resize(before + WINDOW, 0);
        let result = self.engine.inflate(input, out.get_mut(before..).unwrap_or_default());
        out.truncate(before + result.bytes_written);
        self.drained = result.bytes_written < WINDOW;
        if let Err(reason) = self.ratio.add(result.bytes_consumed, result.bytes_written, out) {
            return (result.bytes_consumed, Decoded::Failed(reason));
        }
        let decoded = match () {
            () if result.data_error => Decoded::Failed(Unscannable::Malformed),
            () if self.engine.finished() && self.engine.available_output() == 0 => Decoded::End,
            () => Decoded::More,
        };
        (result.bytes_consumed, decoded)
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        Err(Unscannable::Malformed)
    }

    fn is_drained(&self) -> bool {
        self.drained
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.unpacked()
    }

    fn memory_max(&self) -> usize {
        256 << 10
    }
}
