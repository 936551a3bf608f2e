//! Ranges of numbers: sets of numbers and addresses, exactly.

/// Ascending, disjoint and apart from each other, both ends inclusive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ranges(Vec<(u128, u128)>);

impl Ranges {
    /// The numbers of any of `ranges`.
    pub(super) fn new(mut ranges: Vec<(u128, u128)>) -> Self {
        ranges.retain(|(first, last)| first <= last);
        ranges.sort_unstable();
        let mut merged: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                Some(_) | None => merged.push((first, last)),
            }
        }
        Self(merged)
    }

    /// Everything from 0 to `max`.
    pub(super) fn whole(max: u128) -> Self {
        Self(vec![(0, max)])
    }

    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The numbers up to `max` that are not among these.
    pub(super) fn complement(&self, max: u128) -> Self {
        let mut gaps = Vec::with_capacity(self.0.len() + 1);
        let mut next = Some(0_u128);
        for &(first, last) in &self.0 {
            if let Some(next) = next.filter(|next| *next < first) {
                gaps.push((next, first - 1));
            }
            next = last.checked_add(1).filter(|next| *next <= max);
        }
        gaps.extend(next.filter(|next| *next <= max).map(|next| (next, max)));
        Self(gaps)
    }

    pub(super) fn intersection(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut common = Vec::new();
        while let (Some(&&(a, b)), Some(&&(c, d))) = (left.peek(), right.peek()) {
            let (first, last) = (a.max(c), b.min(d));
            if first <= last {
                common.push((first, last));
            }
            if b < d {
                left.next()
            } else {
                right.next()
            };
        }
        Self(common)
    }

    /// The ranges.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u128, u128)> {
        self.0.iter().copied()
    }

    /// The numbers, where they are no more than `max`.
    pub(super) fn few(&self, max: usize) -> Option<Vec<u128>> {
        let mut numbers = Vec::new();
        for &(first, last) in &self.0 {
            let more = usize::try_from(last - first).ok()?;
            if numbers.len().saturating_add(more) >= max {
                return None;
            }
            numbers.extend(first..=last);
        }
        Some(numbers)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MAX: u128 = 15;

    fn ranges() -> impl Strategy<Value = Ranges> {
        prop::collection::vec((0..=MAX, 0..=MAX), 0..4).prop_map(Ranges::new)
    }

    fn holds(ranges: &Ranges, number: u128) -> bool {
        ranges.0.iter().any(|&(first, last)| first <= number && number <= last)
    }

    proptest! {
        #[test]
        fn they_are_sets(left in ranges(), right in ranges()) {
            let (common, rest) = (left.intersection(&right), left.complement(MAX));
            for number in 0..=MAX {
                let (in_left, in_right) = (holds(&left, number), holds(&right, number));
                prop_assert_eq!(holds(&common, number), in_left && in_right);
                prop_assert_eq!(holds(&rest, number), !in_left);
            }
            prop_assert_eq!(&rest.complement(MAX), &left);
            let numbers = left.few(20).expect("few");
            prop_assert_eq!(numbers.is_empty(), left.is_empty());
            prop_assert!(numbers.iter().all(|number| holds(&left, *number)));
        }
    }

    #[test]
    fn the_ends_are_no_edge() {
        let whole = Ranges::whole(u128::MAX);
        assert!(whole.complement(u128::MAX).is_empty());
        assert_eq!(Ranges::none().complement(u128::MAX), whole);
        assert_eq!(whole.few(5), None);
    }
}
