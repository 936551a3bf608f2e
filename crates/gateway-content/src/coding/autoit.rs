//! How compiled scripts of AutoIt 3 are packed: bytes, and matches within 32 KiB.

use super::bits::{Bits, Fault, MALFORMED, Order};
use super::stepped::{Sink, Symbols};

/// The two versions of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Ea05,
    Ea06,
}

/// The symbols.
pub(crate) struct AutoIt {
    version: Version,
    /// The size that has to stand before the data.
    size: u32,
    is_begun: bool,
}

impl AutoIt {
    /// Data of `size` bytes.
    pub(crate) const fn new(version: Version, size: u32) -> Self {
        Self { version, size, is_begun: false }
    }

    fn begin(&self, bits: &mut Bits<'_>) -> Result<(), Fault> {
        let mut half = || bits.take(16);
        let (magic, size) = ((half()?, half()?), half()? << 16 | half()?);
        let version = match self.version {
            Version::Ea05 => 0x3035,
            Version::Ea06 => 0x3036,
        };
        if magic == (0x4541, version) && size == self.size { Ok(()) } else { Err(MALFORMED) }
    }
}

/// Each is tried before the next: so many bits, and what to add; all ones lead on.
const LENGTHS: [(u32, usize); 4] = [(2, 0), (3, 3), (5, 10), (8, 41)];
/// What to add where bytes follow, up to one that is not 255.
const LONG: usize = 296;
const MATCH_MIN: usize = 3;
/// Nothing is longer, whatever it says.
const MATCH_MAX: usize = 1 << 20;

fn length(bits: &mut Bits<'_>) -> Result<usize, Fault> {
    for (width, base) in LENGTHS {
        let value = bits.number(width)?;
        if value + 1 < 1 << width {
            return Ok(base + value + MATCH_MIN);
        }
    }
    let mut base = LONG;
    loop {
        let value = bits.number(8)?;
        if value < 255 {
            return Ok(base + value + MATCH_MIN);
        }
        base += 255;
        if base > MATCH_MAX {
            return Err(MALFORMED);
        }
    }
}

impl Symbols for AutoIt {
    fn step(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_>) -> Result<(), Fault> {
        if !self.is_begun {
            self.begin(bits)?;
            self.is_begun = true;
            return Ok(());
        }
        let is_match = (bits.take(1)? == 1) == (self.version == Version::Ea05);
        if is_match {
            let distance = bits.number(15)?;
            let len = length(bits)?;
            return sink.copy(distance, len);
        }
        let byte = bits.take(8)? as u8;
        sink.byte(byte);
        Ok(())
    }

    fn order(&self) -> Order {
        Order::High
    }

    fn window(&self) -> (usize, u8) {
        (32 << 10, 0)
    }
}
