//! The two range coders behind models of PPMd: the one of 7z keeps what is left of the range below a code, the
//! other, of ZIP and RAR, lets no carry come to pass and narrows the range instead.

use crate::coding::range::Source;

const TOP: u32 = 1 << 24;
/// A range is no smaller than that, in the coder without carries.
const BOTTOM: u32 = 1 << 15;
/// Bits of the total of two symbols.
pub(super) const BITS: u32 = 14;
/// The most bytes that one choice among symbols takes.
pub(super) const BYTES_MAX: usize = 4;

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Carried,
    Carryless,
}

impl Kind {
    /// Bytes that stand before the first symbol.
    pub(super) const fn start_bytes(self) -> usize {
        match self {
            Self::Carried => 5,
            Self::Carryless => 4,
        }
    }
}

/// What tells a model which of its parts come.
pub(super) trait Parts {
    /// Which of `total` parts the code falls to; `None` for what no encoder writes. [`take`](Self::take) follows.
    fn part(&mut self, total: u32) -> Option<u32>;

    /// The symbol has `size` parts from `start` on.
    fn take(&mut self, start: u32, size: u32, source: &mut Source<'_>);

    /// Whether it is the first of two symbols, which has `size` parts of 2^[`BITS`].
    fn bit(&mut self, size: u32, source: &mut Source<'_>) -> Option<bool>;
}

/// The decoder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coder {
    kind: Kind,
    low: u32,
    range: u32,
    /// As far above the lower end of the range.
    code: u32,
}

impl Coder {
    /// At the beginning, from as many bytes as there are; of five the first is 0.
    pub(super) fn new(kind: Kind, start: &[u8]) -> Option<Self> {
        let code = match (kind, start) {
            (Kind::Carried, [0, code @ ..]) | (Kind::Carryless, code) => code.first_chunk()?,
            (Kind::Carried, _) => return None,
        };
        Some(Self { kind, low: 0, range: u32::MAX, code: u32::from_be_bytes(*code) })
    }

    fn normalize(&mut self, source: &mut Source<'_>) {
        for _ in 0..BYTES_MAX {
            match self.kind {
                Kind::Carried if self.range >= TOP => return,
                Kind::Carried => {}
                Kind::Carryless => {
                    let is_settled = (self.low ^ self.low.wrapping_add(self.range)) < TOP;
                    if !is_settled && self.range >= BOTTOM {
                        return;
                    }
                    if !is_settled {
                        // Up to where a carry would begin.
                        self.range = self.low.wrapping_neg() & (BOTTOM - 1);
                    }
                }
            }
            self.code = self.code << 8 | source.next();
            self.range <<= 8;
            self.low <<= 8;
        }
    }
}

impl Parts for Coder {
    fn part(&mut self, total: u32) -> Option<u32> {
        self.range = self.range.checked_div(total)?;
        self.code.checked_div(self.range).filter(|part| *part < total)
    }

    fn take(&mut self, start: u32, size: u32, source: &mut Source<'_>) {
        let start = start.wrapping_mul(self.range);
        self.low = self.low.wrapping_add(start);
        self.code = self.code.wrapping_sub(start);
        self.range = self.range.wrapping_mul(size);
        self.normalize(source);
    }

    fn bit(&mut self, size: u32, source: &mut Source<'_>) -> Option<bool> {
        match self.kind {
            Kind::Carried => {
                let bound = (self.range >> BITS) * size;
                let is_first = self.code < bound;
                if is_first {
                    self.range = bound;
                } else {
                    self.code -= bound;
                    self.range -= bound;
                }
                self.normalize(source);
                Some(is_first)
            }
            Kind::Carryless => {
                let is_first = self.part(1 << BITS)? < size;
                let (start, size) = if is_first { (0, size) } else { (size, (1 << BITS) - size) };
                self.take(start, size, source);
                Some(is_first)
            }
        }
    }
}
