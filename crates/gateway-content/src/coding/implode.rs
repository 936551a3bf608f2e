//! Imploded data, method 6 of ZIP (APPNOTE.TXT, section 5.3): Shannon-Fano trees, then bytes and
//! matches in a window of 4 or 8 KiB.

use super::bits::{Bits, Fault, MALFORMED, Order};
use super::prefix_code::{INVERTED, PrefixCode};
use super::stepped::{Sink, Symbols};

/// The flags of a member that tell about this.
const FLAG_8K: u16 = 1 << 1;
const FLAG_LITERALS: u16 = 1 << 2;
/// The length that goes on in a byte of its own.
const LONGEST: usize = 63;

/// The symbols.
pub(crate) struct Implode {
    flags: u16,
    trees: Option<Trees>,
}

struct Trees {
    literals: Option<PrefixCode>,
    lengths: PrefixCode,
    distances: PrefixCode,
}

impl Implode {
    /// By the general purpose flags of the member.
    pub(crate) const fn new(flags: u16) -> Self {
        Self { flags, trees: None }
    }

    fn read_trees(&self, bits: &mut Bits<'_>) -> Result<Trees, Fault> {
        let has_literals = self.flags & FLAG_LITERALS != 0;
        Ok(Trees {
            literals: if has_literals { Some(read_tree(bits, 256)?) } else { None },
            lengths: read_tree(bits, 64)?,
            distances: read_tree(bits, 64)?,
        })
    }
}

/// A tree of `count` codes: pairs of a length and how many codes in a row have it.
fn read_tree(bits: &mut Bits<'_>, count: usize) -> Result<PrefixCode, Fault> {
    let mut lengths = Vec::with_capacity(count);
    for _ in 0..=bits.take(8)? {
        let (length, run) = (bits.take(4)? + 1, bits.number(4)? + 1);
        lengths.resize(lengths.len() + run, length as u8);
    }
    if lengths.len() != count {
        return Err(MALFORMED);
    }
    PrefixCode::new(&lengths)
}

impl Symbols for Implode {
    fn step(&mut self, bits: &mut Bits<'_>, sink: &mut Sink<'_>) -> Result<(), Fault> {
        let Some(trees) = &self.trees else {
            self.trees = Some(self.read_trees(bits)?);
            return Ok(());
        };
        if bits.take(1)? == 1 {
            let byte = match &trees.literals {
                Some(literals) => literals.read_inverted(bits)? as u8,
                None => bits.take(8)? as u8,
            };
            sink.byte(byte);
            return Ok(());
        }
        let low_bits = if self.flags & FLAG_8K != 0 { 7 } else { 6 };
        let low = bits.number(low_bits)?;
        let high = usize::from(trees.distances.read_inverted(bits)?);
        let mut len = usize::from(trees.lengths.read_inverted(bits)?);
        if len == LONGEST {
            len += bits.number(8)?;
        }
        len += if trees.literals.is_some() { 3 } else { 2 };
        sink.copy((high << low_bits | low) + 1, len)
    }

    fn order(&self) -> Order {
        INVERTED
    }

    fn window(&self) -> (usize, u8) {
        (8 << 10, 0)
    }
}
