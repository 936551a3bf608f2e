//! Which signatures of a database are hidden: those of files that have changed or gone since it was
//! built.

use std::ops::Range;
use std::sync::Arc;

use gateway_inspect::Entry;

use crate::names::Names;

/// Ranges of ids, in order; mostly there are none, and then it costs one look at a pointer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mask(Option<Arc<[Range<u32>]>>);

impl Mask {
    /// Hides the ids of `ranges`, none of which overlap.
    pub(crate) fn new(mut ranges: Vec<Range<u32>>) -> Self {
        ranges.retain(|range| !range.is_empty());
        ranges.sort_unstable_by_key(|range| range.start);
        Self((!ranges.is_empty()).then(|| ranges.into()))
    }

    /// Whether it hides none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether the signature `id` is hidden.
    pub(crate) fn hides(&self, id: u32) -> bool {
        let Some(ranges) = &self.0 else { return false };
        let next = ranges.partition_point(|range| range.end <= id);
        ranges.get(next).is_some_and(|range| range.contains(&id))
    }
}

/// The names of signatures of which some may be hidden.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) names: Arc<Names>,
    pub(crate) mask: Mask,
}

impl Named {
    /// The entry that findings of signature `id` carry, unless it is hidden.
    pub(crate) fn entry(&self, id: u32) -> Option<Arc<Entry>> {
        (!self.mask.hides(id)).then(|| self.names.entry(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_a_range_is_hidden() {
        let mask = Mask::new(vec![7..9, 2..2, 3..4, 9..10]);
        let hidden: Vec<_> = (0..12).filter(|id| mask.hides(*id)).collect();
        assert_eq!(hidden, [3, 7, 8, 9]);
        assert!(Mask::new(vec![1..1, 5..5]).is_empty() && !Mask::default().hides(0));
    }
}
