//! A canonical prefix code by the lengths of its codes, as most packers have them.

use super::bits::{Bits, Fault, MALFORMED, Order};

/// Bits by which the first table is looked up.
const FAST_BITS: u32 = 9;
/// The longest code.
pub(crate) const LENGTH_MAX: usize = 16;

/// The code.
#[derive(Clone, Debug)]
pub(crate) struct PrefixCode {
    /// By the first `fast_bits`: symbol and length; a length of zero where codes are longer.
    fast: Vec<(u16, u8)>,
    fast_bits: u32,
    /// Symbols by the length of their code, then by their number.
    sorted: Vec<u16>,
    /// How many codes there are of each length.
    counts: [u32; LENGTH_MAX + 1],
    /// The one symbol that there is, which takes no bits.
    only: Option<u16>,
}

impl PrefixCode {
    /// A code of those lengths, zero where a symbol has none. Codes may be missing, and not more
    /// than there is room for.
    pub(crate) fn new(lengths: &[u8]) -> Result<Self, Fault> {
        let mut counts = [0; LENGTH_MAX + 1];
        for length in lengths {
            *counts.get_mut(usize::from(*length)).ok_or(MALFORMED)? += 1;
        }
        counts[0] = 0;
        let mut room = 1i64;
        for count in counts.iter().skip(1) {
            room = 2 * room - i64::from(*count);
            if room < 0 {
                return Err(MALFORMED);
            }
        }
        let longest = counts.iter().rposition(|count| *count > 0).unwrap_or(0);
        let fast_bits = FAST_BITS.min(longest as u32);
        let fast = vec![(0, 0); 1 << fast_bits];
        let mut code =
            Self { fast, fast_bits, sorted: sorted(lengths, &counts), counts, only: None };
        code.fill();
        Ok(code)
    }

    /// A code of one symbol, which takes no bits.
    pub(crate) const fn only(symbol: u16) -> Self {
        Self {
            fast: Vec::new(),
            fast_bits: 0,
            sorted: Vec::new(),
            counts: [0; LENGTH_MAX + 1],
            only: Some(symbol),
        }
    }

    fn fill(&mut self) {
        let mut symbols = self.sorted.iter();
        let mut at = 0;
        for length in 1..=self.fast_bits {
            let count = self.counts.get(length as usize).copied().unwrap_or(0);
            let span = 1 << (self.fast_bits - length);
            for symbol in symbols.by_ref().take(count as usize) {
                let slots = self.fast.get_mut(at..at + span).unwrap_or_default();
                slots.fill((*symbol, length as u8));
                at += span;
            }
        }
    }

    /// The next symbol of `bits`, in which a code begins with its highest bit.
    pub(crate) fn read(&self, bits: &mut Bits<'_>) -> Result<u16, Fault> {
        self.take(bits, bits.peek(LENGTH_MAX as u32))
    }

    /// The next symbol of bits that come lowest first, each of the code the other way round.
    pub(crate) fn read_inverted(&self, bits: &mut Bits<'_>) -> Result<u16, Fault> {
        let next = (bits.peek(LENGTH_MAX as u32) as u16).reverse_bits();
        self.take(bits, u32::from(!next))
    }

    /// Uses the symbol with which 16 bits begin, as far as they have come.
    fn take(&self, bits: &mut Bits<'_>, next: u32) -> Result<u16, Fault> {
        let Some((symbol, length)) = self.look_up(next) else {
            return Err(if bits.is_short(LENGTH_MAX as u32) { Fault::Short } else { MALFORMED });
        };
        bits.skip(length)?;
        Ok(symbol)
    }

    /// The symbol with which 16 bits begin, and the length of its code.
    pub(crate) fn look_up(&self, next: u32) -> Option<(u16, u32)> {
        if let Some(symbol) = self.only {
            return Some((symbol, 0));
        }
        let first = next >> (LENGTH_MAX as u32 - self.fast_bits);
        if let Some((symbol, length @ 1..)) = self.fast.get(first as usize) {
            return Some((*symbol, u32::from(*length)));
        }
        let (mut first, mut index) = (0u32, 0u32);
        for (length, count) in self.counts.iter().enumerate().skip(1) {
            let code = next >> (LENGTH_MAX - length);
            if code < first + count {
                let symbol = self.sorted.get((index + code - first) as usize)?;
                return Some((*symbol, length as u32));
            }
            index += count;
            first = (first + count) << 1;
        }
        None
    }
}

/// Symbols by the length of their code, then by their number; `counts` tells how many there are of each length.
fn sorted(lengths: &[u8], counts: &[u32; LENGTH_MAX + 1]) -> Vec<u16> {
    let (mut places, mut at) = ([0; LENGTH_MAX + 1], 0);
    for (place, count) in places.iter_mut().zip(counts) {
        *place = at;
        at += *count as usize;
    }
    let mut sorted = vec![0; at];
    for (length, symbol) in lengths.iter().zip(0u16..).filter(|(length, _)| **length > 0) {
        let Some(place) = places.get_mut(usize::from(*length)) else { continue };
        if let Some(slot) = sorted.get_mut(*place) {
            *slot = symbol;
        }
        *place += 1;
    }
    sorted
}

/// The order of bits for which [`PrefixCode::read_inverted`] is made.
pub(crate) const INVERTED: Order = Order::Low;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_read_by_the_lengths_of_their_codes() {
        // 0: 0, 1: 10, 3: 110, 2: 111 and 16 bits with a long one behind.
        let code = PrefixCode::new(&[1, 2, 3, 3]).unwrap();
        let mut bits = Bits::new(&[0b0101_1011, 0b1000_0000], 0, Order::High);
        let got = [(); 4].map(|()| code.read(&mut bits).unwrap());
        assert_eq!(got, [0, 1, 2, 3]);

        let lengths: Vec<u8> = (1..=15).chain([16, 16]).collect();
        let code = PrefixCode::new(&lengths).unwrap();
        let mut bits = Bits::new(&[0xff, 0xff, 0xff, 0xf8], 0, Order::High);
        assert_eq!(code.read(&mut bits), Ok(16));
        assert_eq!(code.read(&mut bits), Ok(13));
        assert_eq!(code.read(&mut bits), Ok(0));
        assert_eq!(code.read(&mut bits), Ok(0));
        assert_eq!(code.read(&mut bits), Err(Fault::Short));

        assert_eq!(PrefixCode::new(&[1, 1, 1]).unwrap_err(), MALFORMED, "too many codes");
        let incomplete = PrefixCode::new(&[2]).unwrap();
        let read = |bytes: &[u8]| incomplete.read(&mut Bits::new(bytes, 0, Order::High));
        assert_eq!(read(&[0xff]), Err(Fault::Short));
        assert_eq!(read(&[0xff; 2]), Err(MALFORMED));
        assert_eq!(PrefixCode::only(7).read(&mut Bits::new(&[], 0, Order::High)), Ok(7));
    }
}
