//! Bytes and matches by places that are counted from the start of a window: eight flags at a time, as in
//! the files of Microsoft's `compress.exe` and in `-lz5-` of LArc, and bit by bit, as in its `-lzs-`.

use std::sync::LazyLock;

use super::bits::{Bits, Fault, Order};
use super::stepped::{Sink, Symbols};

const WINDOW: usize = 4 << 10;
const MATCH_MIN: usize = 3;

/// What LArc thinks likely. Zeros up to the end; from the start on runs of each byte, all bytes up and down,
/// zeros; the rest are blanks.
static LIKELY: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let runs = (0..=u8::MAX).flat_map(|byte| [byte; 13]);
    let all = runs.chain(0..=u8::MAX).chain((0..=u8::MAX).rev());
    [0; 18].into_iter().chain(all).chain([0; 128]).collect()
});

/// The symbols.
pub(crate) struct Lzss {
    /// Where in the window the first byte goes.
    start: usize,
    /// Flags that are left, below a bit that is set.
    flags: u32,
    /// What stands in the window at first.
    fill: Fill,
}

/// What stands in the window before anything came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fill {
    Blanks,
    /// All that LArc thinks likely.
    Larc,
}

impl Lzss {
    /// A stream whose first byte goes to `start` in the window.
    pub(crate) const fn new(start: usize) -> Self {
        Self { start, flags: 1, fill: Fill::Blanks }
    }

    /// A stream of `-lz5-`.
    pub(crate) const fn larc() -> Self {
        Self { start: WINDOW - 18, flags: 1, fill: Fill::Larc }
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

    fn fill(&self, window: &mut [u8]) {
        if self.fill == Fill::Larc {
            window.iter_mut().zip(&*LIKELY).for_each(|(slot, byte)| *slot = *byte);
        }
    }
}

/// The symbols of `-lzs-`.
pub(crate) struct Lzs;

impl Lzs {
    const WINDOW: usize = 2 << 10;
    const START: usize = Self::WINDOW - 17;
    const MATCH_MIN: usize = 2;
}

impl Symbols for Lzs {
    fn step(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_>) -> Result<(), Fault> {
        if bits.take(1)? == 1 {
            let byte = bits.take(8)? as u8;
            sink.byte(byte);
            return Ok(());
        }
        let (place, len) = (bits.number(11)?, bits.number(4)?);
        let here = Self::START + sink.position();
        let distance = (here + Self::WINDOW - 1 - place) % Self::WINDOW + 1;
        sink.copy(distance, len + Self::MATCH_MIN)
    }

    fn order(&self) -> Order {
        Order::High
    }

    fn window(&self) -> (usize, u8) {
        (Self::WINDOW, b' ')
    }
}
