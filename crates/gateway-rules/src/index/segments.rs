//! Ranges that may overlap, cut where one begins or ends: which of them hold a value is one binary
//! search.

/// Pieces that one range may be cut into; one that is cut into more is kept apart, so that many
/// nested ranges do not make many long lists.
const PIECES_MAX: usize = 64;

/// Ranges over values of one type, each with the rule that it stands for.
#[derive(Clone, Debug)]
pub(super) struct Segments<T> {
    /// Where each piece begins, ascending; a piece ends where the next one begins.
    starts: Vec<T>,
    rules: Vec<Box<[u32]>>,
    /// Rules of ranges that hold much: found by any value.
    wide: Vec<u32>,
}

impl<T: Copy + Ord> Segments<T> {
    /// Cuts `ranges`, first and last value of each; `next` gives the value behind one, if there is
    /// one.
    pub(super) fn new(mut ranges: Vec<(T, T, u32)>, next: impl Fn(T) -> Option<T>) -> Self {
        ranges.retain(|(first, last, _)| first <= last);
        let mut starts: Vec<T> = ranges
            .iter()
            .flat_map(|(first, last, _)| std::iter::once(*first).chain(next(*last)))
            .collect();
        starts.sort_unstable();
        starts.dedup();
        let mut lists: Vec<Vec<u32>> = vec![Vec::new(); starts.len()];
        let mut wide = Vec::new();
        for (first, last, rule) in ranges {
            let from = starts.partition_point(|start| *start < first);
            let to = starts.partition_point(|start| *start <= last);
            if to - from > PIECES_MAX {
                wide.push(rule);
                continue;
            }
            for list in lists.get_mut(from..to).unwrap_or_default() {
                list.push(rule);
            }
        }
        Self { starts, rules: lists.into_iter().map(Into::into).collect(), wide }
    }

    /// Adds the rules of the ranges that hold `value`, and perhaps others, to `found`.
    pub(super) fn find(&self, value: T, found: &mut Vec<u32>) {
        found.extend_from_slice(&self.wide);
        let piece = self.starts.partition_point(|start| *start <= value).checked_sub(1);
        if let Some(rules) = piece.and_then(|piece| self.rules.get(piece)) {
            found.extend_from_slice(rules);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(segments: &Segments<i64>, value: i64) -> Vec<u32> {
        let mut found = Vec::new();
        segments.find(value, &mut found);
        found.sort_unstable();
        found
    }

    proptest! {
        #[test]
        fn a_value_finds_its_ranges(
            ranges in prop::collection::vec((-20_i64..20, 0_i64..10), 0..20),
            value in -25_i64..35,
        ) {
            let ranges: Vec<(i64, i64, u32)> =
                (0..).zip(ranges).map(|(rule, (first, len))| (first, first + len, rule)).collect();
            let holds = |(first, last, _): &&(i64, i64, u32)| (*first..=*last).contains(&value);
            let expected: Vec<u32> = ranges.iter().filter(holds).map(|range| range.2).collect();
            let segments = Segments::new(ranges, |value| value.checked_add(1));
            prop_assert_eq!(found(&segments, value), expected);
        }
    }

    #[test]
    fn the_ends_of_the_type_are_values_too() {
        let ranges = vec![(i64::MIN, -1, 0), (5, i64::MAX, 1), (2, 1, 2)];
        let segments = Segments::new(ranges, |value| value.checked_add(1));
        for (value, expected) in
            [(i64::MIN, &[0][..]), (-1, &[0]), (0, &[]), (4, &[]), (5, &[1]), (i64::MAX, &[1])]
        {
            assert_eq!(found(&segments, value), expected, "{value}");
        }
    }

    #[test]
    fn wide_ranges_do_not_multiply() {
        let nested = (0..1_000).map(|n| (i64::from(n), 5_000 - i64::from(n), n)).collect();
        let segments = Segments::new(nested, |value| value.checked_add(1));
        assert!(segments.rules.iter().map(|rules| rules.len()).sum::<usize>() <= 64 * 1_000);
        assert_eq!(found(&segments, 2_500).len(), 1_000);
    }
}
