//! The names of all signatures, in one piece of text.

use std::collections::BTreeSet;
use std::sync::Arc;

use gateway_inspect::Entry;

use crate::SCANNER;

/// Names by number, in the order of loading. The number of a name is the id of its signature.
///
/// A database holds millions of names, of which next to none is ever shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    text: String,
    ends: Vec<u32>,
}

impl Names {
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

    /// Gives up the memory for names to come.
    pub(crate) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
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

    /// The entry that findings of signature `number` carry.
    pub(crate) fn entry(&self, number: u32) -> Arc<Entry> {
        let index = number as usize;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before).copied());
        let end = self.ends.get(index).copied().unwrap_or(0);
        let range = start.unwrap_or(0) as usize..end as usize;
        let name: Arc<str> = self.text.get(range).unwrap_or_default().into();
        Arc::new(Entry { scanner: SCANNER, id: name.clone(), name, profiles: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_by_number() {
        let mut names = Names::default();
        for (number, name) in ["a", "", "bc", "def"].into_iter().enumerate() {
            assert_eq!(names.push(name) as usize, number);
        }
        names.truncate(3);
        assert_eq!(names.push("g"), 3);
        for (number, name) in [(0, "a"), (1, ""), (2, "bc"), (3, "g")] {
            assert_eq!(&*names.entry(number).id, name);
        }
        names.truncate(0);
        assert_eq!(names.len(), 0);
    }
}
