//! The names of all signatures, in one piece of text.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use gateway_inspect::Entry;

use crate::SCANNER;
use crate::image::{Input, Words, load_bulk, store_bulk};

/// Names by number, in the order of loading. The number of a name is the id of its signature.
///
/// A database holds millions of names, of which next to none is ever shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    text: Bytes,
    ends: Words,
}

impl Names {
    /// The entry that findings of signature `number` carry.
    pub(crate) fn entry(&self, number: u32) -> Arc<Entry> {
        let index = number as usize;
        let start = index.checked_sub(1).and_then(|before| self.ends.at(before));
        let end = self.ends.at(index).unwrap_or(0);
        let range = start.unwrap_or(0) as usize..end as usize;
        let name = String::from_utf8_lossy(self.text.get(range).unwrap_or_default());
        let name: Arc<str> = name.into();
        Arc::new(Entry { scanner: SCANNER, id: name.clone(), name, profiles: Vec::new() })
    }

    pub(crate) fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        store_bulk(&self.text, out, bulk);
        store_bulk(self.ends.bytes(), out, bulk);
    }

    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let text = load_bulk(input, bulk)?;
        Some(Self { text, ends: Words::new(load_bulk(input, bulk)?)? })
    }
}

/// Names while they are loaded.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameList {
    text: String,
    ends: Vec<u32>,
}

impl NameList {
    /// Adds one, and says which number it has.
    pub(crate) fn push(&mut self, name: &str) -> u32 {
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.text.push_str(name);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        number
    }

    /// Whether there is no room for a name of `len` bytes: in all, they have 4 GiB.
    pub(crate) fn is_full_for(&self, len: usize) -> bool {
        u32::try_from(self.text.len().saturating_add(len)).is_err()
    }

    /// All of them, as they are looked up.
    pub(crate) fn build(self) -> Names {
        Names {
            text: self.text.into_bytes().into_boxed_slice().into(),
            ends: self.ends.into_iter().collect(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The numbers of those that `accept` accepts.
    pub(crate) fn numbers(&self, accept: impl Fn(&str) -> bool) -> BTreeSet<u32> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        let names = starts
            .zip(&self.ends)
            .map(|(start, end)| self.text.get(start as usize..*end as usize).unwrap_or_default());
        (0..).zip(names).filter(|(_, name)| accept(name)).map(|(number, _)| number).collect()
    }

    /// Forgets all but the first `len`.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.ends.truncate(len);
        self.text.truncate(self.ends.last().map_or(0, |end| *end as usize));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_by_number() {
        let mut names = NameList::default();
        for (number, name) in ["a", "", "bc", "def"].into_iter().enumerate() {
            assert_eq!(names.push(name) as usize, number);
        }
        names.truncate(3);
        assert_eq!(names.push("g"), 3);
        let built = names.clone().build();
        for (number, name) in [(0, "a"), (1, ""), (2, "bc"), (3, "g"), (4, "")] {
            assert_eq!(&*built.entry(number).id, name);
        }
        names.truncate(0);
        assert_eq!(names.len(), 0);
    }
}
