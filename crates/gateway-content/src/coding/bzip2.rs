//! The bzip2 format: any number of streams, one after the other.

use bytes::BytesMut;
use bzip2::{Decompress, Status};
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

/// bzip2 data on their way.
pub(crate) struct Bzip2 {
    engine: Decompress,
    out: Box<[u8]>,
    ratio: Ratio,
    drained: bool,
    /// After a stream: another one, or the end.
    between: bool,
    any: bool,
    /// What of the magic of another stream was taken.
    magic: usize,
}

const MAGIC: &[u8] = b"BZh";

impl Bzip2 {
    /// Data of which nothing was seen.
    pub(crate) fn new(limits: &Limits) -> Self {
        let engine = Decompress::new(false);
        let out = vec![0; WINDOW].into();
        let ratio = Ratio::new(limits);
        Self { engine, out, ratio, drained: true, between: true, any: false, magic: 0 }
    }

    /// Looks whether another stream follows; bytes that might begin one are given to its decoder.
    fn begin(&mut self, input: &[u8]) -> (usize, Decoded) {
        for (i, byte) in input.iter().enumerate() {
            if MAGIC.get(self.magic) != Some(byte) {
                let foreign =
                    if self.any { Decoded::End } else { Decoded::Failed(Unscannable::Malformed) };
                return (i, foreign);
            }
            self.magic += 1;
            if self.magic == MAGIC.len() {
                self.engine = Decompress::new(false);
                let mut none = [0; 1];
                let begun = self.engine.decompress(MAGIC, &mut none);
                self.between = false;
                let state = if begun.is_ok() {
                    Decoded::More
                } else {
                    Decoded::Failed(Unscannable::Malformed)
                };
                return (i + 1, state);
            }
        }
        (input.len(), Decoded::More)
    }
}

impl Transform for Bzip2 {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        if self.between {
            return self.begin(input);
        }
        let input = self.ratio.of_step(input, self.drained);
        let (taken, given) = (self.engine.total_in(), self.engine.total_out());
        let status = self.engine.decompress(input, &mut self.out);
        // Both are bounded by the slices.
        let used = (self.engine.total_in() - taken) as usize;
        let produced = (self.engine.total_out() - given) as usize;
        out.extend_from_slice(self.out.get(..produced).unwrap_or_default());
        self.drained = produced < WINDOW;
        if let Err(reason) = self.ratio.add(used, produced, out) {
            return (used, Decoded::Failed(reason));
        }
        match status {
            Ok(Status::StreamEnd) => {
                (self.between, self.any, self.magic, self.drained) = (true, true, 0, true);
                (used, Decoded::More)
            }
            Ok(Status::MemNeeded) => (used, Decoded::Failed(Unscannable::NoMemory)),
            Ok(_) => (used, Decoded::More),
            Err(_) => (used, Decoded::Failed(Unscannable::Malformed)),
        }
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        if self.between && self.any { Ok(()) } else { Err(Unscannable::Malformed) }
    }

    fn is_drained(&self) -> bool {
        self.drained
    }

    // Nothing comes out of a block before all of it is there, whoever decodes it.
    fn lag(&self) -> usize {
        if self.between { self.magic } else { 0 }
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.unpacked()
    }

    fn memory_max(&self) -> usize {
        4 << 20
    }

    fn unread(&self) -> &[u8] {
        MAGIC.get(..self.magic).unwrap_or_default()
    }
}
