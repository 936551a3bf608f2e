//! Which signatures were found in a part: each once, and not more than a few of them.

use crate::mask::Mask;

/// Signatures that are reported of one part. One is enough to condemn it; the others help those
/// who read about it.
pub(crate) const SIGNATURES_FOUND_MAX: usize = 32;

/// A match of a signature. Matches come in the order of their ends, those that end together in
/// the order in which the signatures were loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// Position after the last byte.
    pub(crate) end: u64,
    /// The id of the signature.
    pub(crate) signature: u32,
    /// Position of the first byte of the last segment.
    pub(crate) start: u64,
}

/// The first matches of the first [`SIGNATURES_FOUND_MAX`] signatures.
#[derive(Debug, Default)]
pub(crate) struct Found {
    reported: Vec<u32>,
    fresh: Vec<Hit>,
    /// What is hidden is as if it were reported, but was never found.
    mask: Mask,
}

impl Found {
    /// Bytes that it holds at most.
    pub(crate) const MEMORY_MAX: usize =
        SIGNATURES_FOUND_MAX * (2 * size_of::<u32>() + 4 * size_of::<Hit>());

    /// Nothing was found yet, and nothing will be that `mask` hides.
    pub(crate) const fn new(mask: Mask) -> Self {
        Self { reported: Vec::new(), fresh: Vec::new(), mask }
    }

    /// The signatures of which no match matters.
    pub(crate) const fn mask(&self) -> &Mask {
        &self.mask
    }

    /// Whether the first match of `signature` was reported, or it is hidden, so that no other one
    /// matters.
    pub(crate) fn is_reported(&self, signature: u32) -> bool {
        self.reported.contains(&signature) || self.mask.hides(signature)
    }

    /// Whether `signature` was found already, or is hidden.
    pub(crate) fn contains(&self, signature: u32) -> bool {
        self.is_reported(signature) || self.fresh.iter().any(|hit| hit.signature == signature)
    }

    /// Adds a match of a signature. Of those that are added between two reports the first one
    /// counts, in whatever order they come.
    pub(crate) fn add(&mut self, hit: Hit) {
        if self.is_reported(hit.signature) {
            return;
        }
        if let Some(other) = self.fresh.iter_mut().find(|one| one.signature == hit.signature) {
            *other = hit.min(*other);
            return;
        }
        if self.fresh.len() >= 2 * SIGNATURES_FOUND_MAX {
            self.fresh.sort_unstable();
            self.fresh.truncate(SIGNATURES_FOUND_MAX);
        }
        self.fresh.push(hit);
    }

    /// Whether anything was found.
    pub(crate) fn is_any(&self) -> bool {
        !(self.reported.is_empty() && self.fresh.is_empty())
    }

    /// Whether no more will be reported.
    pub(crate) fn is_full(&self) -> bool {
        self.reported.len() >= SIGNATURES_FOUND_MAX
    }

    /// Hands what was added since the last time to `report`, in order.
    pub(crate) fn report(&mut self, mut report: impl FnMut(Hit)) {
        self.fresh.sort_unstable();
        self.fresh.truncate(SIGNATURES_FOUND_MAX.saturating_sub(self.reported.len()));
        for hit in self.fresh.drain(..) {
            self.reported.push(hit.signature);
            report(hit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_few_are_reported_in_order() {
        let mut found = Found::default();
        let hit = |end, signature| Hit { end, signature, start: 0 };
        for end in (0..500).rev() {
            found.add(hit(end + 1, end as u32));
            found.add(hit(end, end as u32));
            found.add(hit(end + 2, end as u32));
        }
        let mut hits = Vec::new();
        found.report(|hit| hits.push(hit));
        assert_eq!(hits, (0..32).map(|end| hit(end, end as u32)).collect::<Vec<_>>());
        assert!(found.is_full() && found.contains(31) && !found.contains(32));
        found.add(hit(600, 600));
        found.report(|hit| panic!("{hit:?}"));
    }
}
