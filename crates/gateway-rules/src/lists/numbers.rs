//! Numbers in a list: ranges, those that overlap or touch made one.

use super::ranges::{united, within, without};

/// A set of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Numbers(Box<[(i64, i64)]>);

const fn next(value: i64) -> Option<i64> {
    value.checked_add(1)
}

impl Numbers {
    pub(super) fn new(ranges: Vec<(i64, i64)>) -> Self {
        Self(united(ranges, next).into())
    }

    pub(super) fn holds(&self, value: i64) -> bool {
        within(&self.0, value)
    }

    /// The greatest number that is listed, and from where on all before it are.
    pub(super) fn last(&self) -> Option<(i64, i64)> {
        self.0.last().copied()
    }

    pub(super) fn changed(&self, added: &[(i64, i64)], removed: &[(i64, i64)]) -> Self {
        let ranges = united([&self.0, added].concat(), next);
        let removed = united(removed.to_vec(), next);
        Self(without(ranges, &removed, |value| value.checked_sub(1), next).into())
    }

    /// How many ranges there are.
    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }
}
