//! The files of Microsoft's `compress.exe`: eight flags at a time, bytes and matches in a window of
//! 4 KiB whose places are counted from its start.

use super::bits::{Bits, Fault, Order};
use super::stepped::{Sink, Symbols};

const WINDOW: usize = 4 << 10;
const MATCH_MIN: usize = 3;

/// The symbols.
pub(crate) struct Lzss {
    /// Where in the window the first byte goes.
    start: usize,
    /// Flags that are left, below a bit that is set.
    flags: u32,
}

impl Lzss {
    /// A stream whose first byte goes to `start` in the window.
    pub(crate) const fn new(start: usize) -> Self {
        Self { start, flags: 1 }
    }
}

impl Symbols for Lzss {
    fn step(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_>) -> Result<(), Fault> {
        let flags = if self.flags == 1 { bits.take(8)? | 0x100 } else { self.flags };
        if flags & 1 == 1 {
            let byte = bits.take(8)? as u8;
            sink.byte(byte);
        } else {
            let (low, high) = (bits.number(8)?, bits.number(8)?);
            let place = low | (high & 0xf0) << 4;
            let here = self.start + sink.position();
            let distance = (here + WINDOW - 1 - place) % WINDOW + 1;
            sink.copy(distance, (high & 0x0f) + MATCH_MIN)?;
        }
        self.flags = flags >> 1;
        Ok(())
    }

    fn order(&self) -> Order {
        Order::Low
    }

    fn window(&self) -> (usize, u8) {
        (WINDOW, b' ')
    }
}
