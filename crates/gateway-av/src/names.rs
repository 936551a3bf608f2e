//! The names of all signatures, in one piece of text.

use std::sync::Arc;

use gateway_inspect::Entry;

use crate::SCANNER;

/// Names by number, in the order of loading. The number of a name is the id of its signature.
///
/// A database holds millions of names, of which next to none is ever shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    text: String,
    ends: Vec<usize>,
}

impl Names {
    /// Adds one, and says which number it has.
    pub(crate) fn push(&mut self, name: &str) -> u32 {
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.text.push_str(name);
        self.ends.push(self.text.len());
        number
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Forgets all but the first `len`.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.ends.truncate(len);
        self.text.truncate(self.ends.last().copied().unwrap_or(0));
    }

    /// The entry that findings of signature `number` carry.
    pub(crate) fn entry(&self, number: u32) -> Arc<Entry> {
        let index = number as usize;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before).copied());
        let end = self.ends.get(index).copied().unwrap_or(0);
        let name: Arc<str> = self.text.get(start.unwrap_or(0)..end).unwrap_or_default().into();
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
