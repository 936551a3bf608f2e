//! Ranges that may overlap, cut where one begins or ends: which of them hold a value is one binary
//! search.

/// Pieces that one range may be cut into; one that is cut into more is kept by halves of the whole, so
/// that many nested ranges do not make many long lists.
const PIECES_MAX: usize = 16;

/// Ranges over values of one type, each with the rule that it stands for.
#[derive(Clone, Debug)]
pub(super) struct Segments<T> {
    /// Where each piece begins, ascending; a piece ends where the next one begins.
    starts: Vec<T>,
    rules: Lists,
    /// What is cut into many pieces: for each group of pieces that a half, a quarter and so on of the
    /// whole makes, the rules that hold all of it and not all of the next larger one. The group `n`
    /// is made of those of `2 * n` and `2 * n + 1`; the pieces themselves stand from their count on.
    wide: Option<Lists>,
}

/// Many lists of rules in one.
#[derive(Clone, Debug)]
struct Lists {
    /// Where each list ends.
    ends: Box<[u32]>,
    rules: Box<[u32]>,
}

impl Lists {
    fn new(lists: &[Vec<u32>]) -> Self {
        let end = |sum: &mut u32, list: &Vec<u32>| {
            // A rule has few entries, and of rules there are less than can be counted.
            *sum = sum.saturating_add(list.len() as u32);
            Some(*sum)
        };
        Self { ends: lists.iter().scan(0, end).collect(), rules: lists.concat().into() }
    }

    fn of(&self, list: usize) -> &[u32] {
        let end = |list: usize| self.ends.get(list).map(|end| *end as usize);
        let from = list.checked_sub(1).and_then(end).unwrap_or(0);
        end(list).and_then(|end| self.rules.get(from..end)).unwrap_or_default()
    }
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
                wide.push((from, to, rule));
                continue;
            }
            for list in lists.get_mut(from..to).unwrap_or_default() {
                list.push(rule);
            }
        }
        let wide = (!wide.is_empty()).then(|| by_halves(&wide, starts.len()));
        Self { starts, rules: Lists::new(&lists), wide }
    }

    /// Adds the rules of the ranges that hold `value` to `found`.
    pub(super) fn find(&self, value: T, found: &mut Vec<u32>) {
        let behind = self.starts.partition_point(|start| *start <= value);
        let Some(piece) = behind.checked_sub(1) else { return };
        found.extend_from_slice(self.rules.of(piece));
        if let Some(wide) = &self.wide {
            let mut group = piece + self.starts.len();
            while group > 0 {
                found.extend_from_slice(wide.of(group));
                group /= 2;
            }
        }
    }
}

/// The ranges of pieces, each in the largest groups that it is made of: no more than two of a size.
fn by_halves(ranges: &[(usize, usize, u32)], pieces: usize) -> Lists {
    let mut groups: Vec<Vec<u32>> = vec![Vec::new(); 2 * pieces];
    for &(from, to, rule) in ranges {
        let (mut from, mut to) = (from + pieces, to + pieces);
        let mut enter = |group: usize| {
            if let Some(group) = groups.get_mut(group) {
                group.push(rule);
            }
        };
        while from < to {
            if from % 2 == 1 {
                enter(from);
                from += 1;
            }
            if to % 2 == 1 {
                to -= 1;
                enter(to);
            }
            from /= 2;
            to /= 2;
        }
    }
    Lists::new(&groups)
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
            ranges in prop::collection::vec((-20_i64..20, prop_oneof![0_i64..10, 20_i64..40]), 0..40),
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
        let wide = segments.wide.as_ref().map_or(0, |wide| wide.rules.len());
        assert!(segments.rules.rules.len() + wide <= 24 * 1_000);
        assert_eq!(found(&segments, 2_500).len(), 1_000);
        assert_eq!(found(&segments, 4_995), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn thresholds_above_a_value_are_not_found() {
        let above = (0..1_000).map(|n| (i64::from(n), i64::MAX, n)).collect();
        let segments = Segments::new(above, |value| value.checked_add(1));
        assert!(found(&segments, -1).is_empty());
        assert_eq!(found(&segments, 2), [0, 1, 2]);
        let below = (0..1_000).map(|n| (i64::MIN, i64::from(n), n)).collect();
        let segments = Segments::new(below, |value| value.checked_add(1));
        assert_eq!(found(&segments, 998), [998, 999]);
    }
}
