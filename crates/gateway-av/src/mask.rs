//! Which signatures of a database are hidden: those that have changed or gone since it was built.

use std::sync::Arc;

use gateway_inspect::Entry;

use crate::image::{Input, Stored};
use crate::names::Names;

/// Bits of a word.
const BITS: u32 = 64;

/// A set of ids, of a bit each: as cheap to look up with half of a database in it as with one id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ids(Vec<u64>);

impl Ids {
    fn place(id: u32) -> (usize, u64) {
        ((id / BITS) as usize, 1 << (id % BITS))
    }

    /// Puts `id` into the set.
    pub(crate) fn insert(&mut self, id: u32) {
        let (word, bit) = Self::place(id);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    /// Takes `id` out, and says whether it was in the set.
    pub(crate) fn remove(&mut self, id: u32) -> bool {
        let was_in = self.contains(id);
        let (word, bit) = Self::place(id);
        if let Some(word) = self.0.get_mut(word) {
            *word &= !bit;
        }
        was_in
    }

    /// Whether `id` is in the set.
    pub(crate) fn contains(&self, id: u32) -> bool {
        let (word, bit) = Self::place(id);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    pub(crate) fn store(&self, out: &mut Vec<u8>) {
        self.0.store(out);
    }

    /// Reads what [`store`](Self::store) wrote, of ids less than `end`.
    pub(crate) fn load(input: &mut Input<'_>, end: u32) -> Option<Self> {
        let words = Vec::load(input)?;
        (words.len() <= end.div_ceil(BITS) as usize).then_some(Self(words))
    }

    /// All of them in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        let words = (0..).step_by(BITS as usize).zip(&self.0);
        words.filter(|(_, word)| **word != 0).flat_map(|(first, word): (u32, &u64)| {
            (0..BITS).filter(move |bit| word >> bit & 1 != 0).map(move |bit| first + bit)
        })
    }
}

/// The ids of signatures that are hidden; mostly there are none, and then it costs one look at a pointer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mask(Option<Arc<Ids>>);

impl Mask {
    /// Hides `ids`.
    pub(crate) fn new(ids: Ids) -> Self {
        let is_empty = ids.iter().next().is_none();
        Self((!is_empty).then(|| Arc::new(ids)))
    }

    /// Whether it hides none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether the signature `id` is hidden.
    pub(crate) fn hides(&self, id: u32) -> bool {
        self.0.as_ref().is_some_and(|ids| ids.contains(id))
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
    fn what_is_in_the_set_is_hidden() {
        let mut ids = Ids::default();
        for id in [7, 3, 64, 200, 8] {
            ids.insert(id);
        }
        assert!(ids.remove(8) && !ids.remove(8) && !ids.remove(9) && !ids.remove(9_999));
        assert_eq!(ids.iter().collect::<Vec<_>>(), [3, 7, 64, 200]);
        let mut out = Vec::new();
        ids.store(&mut out);
        assert_eq!(Ids::load(&mut Input::new(&out), 201), Some(ids.clone()));
        assert_eq!(Ids::load(&mut Input::new(&out), 192), None);
        let mask = Mask::new(ids);
        let hidden: Vec<_> = (0..999).filter(|id| mask.hides(*id)).collect();
        assert_eq!(hidden, [3, 7, 64, 200]);
    }

    #[test]
    fn a_set_of_none_hides_nothing() {
        let mut ids = Ids::default();
        ids.insert(70);
        ids.remove(70);
        assert!(Mask::new(ids).is_empty() && !Mask::default().hides(0));
    }
}
