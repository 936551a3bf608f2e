//! Sets of numbers, given as ranges: asked in a few steps that do not grow with how many there are,
//! unless many of them lie close together in a wide whole.
//!
//! They are compiled from literals of filters; lists, which may hold millions, have forms of their own.

/// Numbers from the least to the greatest of a set up to which it has a bit for each: so many, and
/// more for each range.
const BITS_MAX: u64 = 4096;
const BITS_MORE: u64 = 2048;
/// Slices for each range: many as long as there are few in all.
const SLICES: usize = 2;
const SLICES_OF_FEW: usize = 16;
const SLICES_FEW: usize = 1024;
/// So few ranges of a slice are looked at one by one.
const FEW: u32 = 4;
/// Says of a slice that it has more.
const MANY: u32 = 1 << 31;

/// A set of numbers.
#[derive(Debug, Default)]
pub(crate) struct Spans {
    /// Ascending and disjoint.
    ranges: Box<[(i64, i64)]>,
    /// The least number, and how far from it the greatest one is.
    first: i64,
    span: u64,
    way: Way,
}

/// How a number between the least and the greatest one is looked for.
#[derive(Debug, Default)]
enum Way {
    /// There is nothing between that is missing, or nothing at all.
    #[default]
    Whole,
    Bits(Box<[u64]>),
    /// The whole is cut into slices of equal width, a power of two. For each slice: how many ranges
    /// end before it, and whether many end in it.
    Slices {
        shift: u32,
        before: Box<[u32]>,
    },
}

impl Spans {
    /// The ranges must ascend and be disjoint.
    pub(crate) fn new(ranges: Vec<(i64, i64)>) -> Self {
        let (Some(&(first, _)), Some(&(_, last))) = (ranges.first(), ranges.last()) else {
            return Self::default();
        };
        let span = last.wrapping_sub(first) as u64;
        let offset = |value: i64| value.wrapping_sub(first) as u64;
        let way = if ranges.len() == 1 {
            Way::Whole
        } else if span < BITS_MAX + BITS_MORE * ranges.len() as u64 {
            let mut bits = vec![0_u64; (span / 64 + 1) as usize];
            for at in ranges.iter().flat_map(|&(first, last)| offset(first)..=offset(last)) {
                if let Some(word) = bits.get_mut((at / 64) as usize) {
                    *word |= 1 << (at % 64);
                }
            }
            Way::Bits(bits.into())
        } else {
            let few = (ranges.len() * SLICES_OF_FEW).min(SLICES_FEW);
            let slices = (ranges.len() * SLICES).max(few).next_power_of_two();
            let shift = (u64::BITS - span.leading_zeros()).saturating_sub(slices.trailing_zeros());
            let before = |slice: u64| {
                let start = slice << shift;
                ranges.partition_point(|&(_, last)| offset(last) < start) as u32
            };
            let behind = (span >> shift) + 1;
            let slice = |slice: u64| {
                let (from, next) = (before(slice), slice + 1);
                let to = if next < behind { before(next) } else { ranges.len() as u32 };
                if to - from < FEW { from } else { from | MANY }
            };
            Way::Slices { shift, before: (0..behind).map(slice).collect() }
        };
        Self { ranges: ranges.into(), first, span, way }
    }

    /// The ranges, ascending and disjoint.
    pub(crate) fn ranges(&self) -> &[(i64, i64)] {
        &self.ranges
    }

    /// Whether a number is in the set.
    #[inline(always)]
    pub(crate) fn holds(&self, value: i64) -> bool {
        let at = value.wrapping_sub(self.first) as u64;
        if at > self.span {
            return false;
        }
        match &self.way {
            Way::Bits(bits) => {
                bits.get((at / 64) as usize).is_some_and(|word| word >> (at % 64) & 1 == 1)
            }
            Way::Slices { shift, before } => {
                before.get((at >> shift) as usize).is_some_and(|from| self.holds_from(*from, value))
            }
            Way::Whole => !self.ranges.is_empty(),
        }
    }

    /// Whether the first range that does not end before a number holds it: one of those of a slice, or
    /// the one behind them.
    #[inline(always)]
    fn holds_from(&self, slice: u32, value: i64) -> bool {
        let left = self.ranges.get((slice & !MANY) as usize..).unwrap_or_default();
        if slice & MANY != 0 {
            let passed = left.partition_point(|&(_, last)| last < value);
            return left.get(passed).is_some_and(|&(first, _)| first <= value);
        }
        for &(first, last) in left {
            if value <= last {
                return first <= value;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Disjoint ranges in ascending order, narrow or wide.
    fn ranges() -> impl Strategy<Value = Vec<(i64, i64)>> {
        let gap = prop_oneof![1_u64..9, Just(1 << 20), Just(u64::MAX >> 5)];
        let start = prop_oneof![Just(i64::MIN), -9_i64..9, Just(i64::MAX - 9)];
        (start, prop::collection::vec((gap.clone(), gap), 0..40)).prop_map(|(start, steps)| {
            let mut ranges = Vec::new();
            let mut next = Some(start);
            for (length, gap) in steps {
                let Some(first) = next else { break };
                let last = first.saturating_add_unsigned(length - 1);
                ranges.push((first, last));
                next = last.checked_add_unsigned(gap + 1);
            }
            ranges
        })
    }

    proptest! {
        #[test]
        fn a_set_holds_what_its_ranges_hold(ranges in ranges(), asked in prop::collection::vec(any::<i64>(), 0..20)) {
            let spans = Spans::new(ranges.clone());
            prop_assert_eq!(spans.ranges(), ranges.as_slice());
            let ends = ranges.iter().flat_map(|&(first, last)| [first, last]);
            let near = ends.flat_map(|end| [end.saturating_sub(1), end, end.saturating_add(1)]);
            for value in near.chain(asked).chain([i64::MIN, 0, i64::MAX]) {
                let is_in = ranges.iter().any(|&(first, last)| first <= value && value <= last);
                prop_assert_eq!(spans.holds(value), is_in, "{}", value);
            }
        }
    }
}
