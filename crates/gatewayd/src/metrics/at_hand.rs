//! Metrics of a family that every request counts in, found by number: to find one by its labels
//! takes a lock and a hash.

use std::sync::OnceLock;

/// `N` metrics, each looked up in its family once.
#[derive(Clone, Debug)]
pub(super) struct AtHand<M, const N: usize>([OnceLock<M>; N]);

impl<M, const N: usize> Default for AtHand<M, N> {
    fn default() -> Self {
        Self([const { OnceLock::new() }; N])
    }
}

impl<M: Clone, const N: usize> AtHand<M, N> {
    /// Lets `count` use the metric of this number, which `find` finds in the family.
    pub(super) fn with(&self, number: usize, find: impl FnOnce() -> M, count: impl FnOnce(&M)) {
        match self.0.get(number) {
            Some(slot) => count(slot.get_or_init(find)),
            None => count(&find()),
        }
    }
}
