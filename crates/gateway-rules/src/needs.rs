//! Needs: which facts could still change a decision, so that nothing else is computed.

use bytes::Bytes;

use crate::scheme::FieldId;

/// A set of field numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldSet(Vec<u64>);

impl FieldSet {
    pub(crate) fn insert(&mut self, field: FieldId) {
        let word = field.index() / 64;
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << (field.index() % 64);
        }
    }

    pub(crate) fn contains(&self, field: FieldId) -> bool {
        self.0.get(field.index() / 64).is_some_and(|word| word >> (field.index() % 64) & 1 == 1)
    }
}

/// Which elements of an array field are of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids<'a> {
    /// Every element, or the field is no array.
    All,
    /// Only these, in ascending order: no other element changes a decision. Empty where the field
    /// is not wanted at all.
    Only(&'a [Bytes]),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Need {
    field: FieldId,
    /// `None` stands for every element.
    ids: Option<Vec<Bytes>>,
}

/// The facts that rules which are still open want to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs(Vec<Need>);

impl Needs {
    /// Nothing is wanted.
    pub(crate) const NONE: Self = Self(Vec::new());

    /// Whether nothing more is wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an open rule still waits for this field.
    #[must_use]
    pub fn wants_field(&self, field: FieldId) -> bool {
        self.find(field).is_ok()
    }

    /// The wanted fields, in ascending order.
    pub fn fields(&self) -> impl Iterator<Item = FieldId> {
        self.0.iter().map(|need| need.field)
    }

    /// Which elements of an array field matter: for rules such as
    /// `any(dlp.profiles[*] == "x")` only the ids they name.
    #[must_use]
    pub fn ids(&self, field: FieldId) -> Ids<'_> {
        let need = self.find(field).ok().and_then(|index| self.0.get(index));
        match need {
            None => Ids::Only(&[]),
            Some(Need { ids: None, .. }) => Ids::All,
            Some(Need { ids: Some(ids), .. }) => Ids::Only(ids),
        }
    }

    /// Adds a field; `ids` is `None` where every element matters.
    pub(crate) fn add(&mut self, field: FieldId, ids: Option<&[Bytes]>) {
        let index = match self.find(field) {
            Ok(index) => index,
            Err(index) => {
                self.0.insert(index, Need { field, ids: Some(Vec::new()) });
                index
            }
        };
        let Some(need) = self.0.get_mut(index) else { return };
        let Some(ids) = ids else {
            need.ids = None;
            return;
        };
        if let Some(known) = &mut need.ids {
            for id in ids {
                if let Err(position) = known.binary_search(id) {
                    known.insert(position, id.clone());
                }
            }
        }
    }

    /// Adds what `other` wants.
    pub(crate) fn merge(&mut self, other: &Self) {
        for need in &other.0 {
            self.add(need.field, need.ids.as_deref());
        }
    }

    fn find(&self, field: FieldId) -> Result<usize, usize> {
        self.0.binary_search_by_key(&field, |need| need.field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_united_until_all_are_wanted() {
        let (a, b, c) = (Bytes::from("a"), Bytes::from("b"), Bytes::from("c"));
        let field = FieldId(7);
        let mut needs = Needs::default();
        assert!(needs.is_empty());
        assert_eq!(needs.ids(field), Ids::Only(&[]));
        needs.add(field, Some(std::slice::from_ref(&b)));
        needs.add(FieldId(3), None);
        needs.add(field, Some(&[a.clone(), b.clone()]));
        assert_eq!(needs.ids(field), Ids::Only(&[a, b]));
        assert_eq!(needs.fields().collect::<Vec<_>>(), [FieldId(3), field]);
        needs.add(field, None);
        needs.add(field, Some(&[c]));
        assert_eq!(needs.ids(field), Ids::All);
        assert!(needs.wants_field(FieldId(3)) && !needs.wants_field(FieldId(4)));
    }

    #[test]
    fn field_sets_hold_any_number() {
        let mut set = FieldSet::default();
        for number in [0, 63, 64, 4095] {
            assert!(!set.contains(FieldId(number)));
            set.insert(FieldId(number));
            assert!(set.contains(FieldId(number)));
        }
        assert!(!set.contains(FieldId(1)));
    }
}
