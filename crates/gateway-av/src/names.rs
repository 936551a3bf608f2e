//! The names of all signatures, in one piece of text.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use gateway_inspect::Entry;

use crate::SCANNER;
use crate::image::{Input, Narrow, Words, load_bulk, store_bulk};

/// Names by number, in the order of loading. The number of a name is the id of its signature.
///
/// A database holds millions of names, of which next to none is ever shown, and most differ from
/// others in a number alone: what they have in common, their stem, is there once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// All stems, with a zero in the place of the number.
    text: Bytes,
    ends: Words,
    /// By name: its stem, and its number if that has the place of one.
    stems: Narrow,
    numbers: Narrow,
}

impl Names {
    /// The entry that findings of signature `number` carry.
    pub(crate) fn entry(&self, number: u32) -> Arc<Entry> {
        let index = number as usize;
        let stem = self.stems.at(index).map_or_else(|| "".into(), |stem| self.stem(stem as usize));
        let name: Arc<str> = match (stem.split_once(PLACE), self.numbers.at(index)) {
            (Some((before, after)), Some(number)) => format!("{before}{number}{after}").into(),
            _ => stem.into(),
        };
        Arc::new(Entry { scanner: SCANNER, id: name.clone(), name, profiles: Vec::new() })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.stems.len()
    }

    /// Whether signature `number` is called `name`.
    pub(crate) fn is(&self, number: u32, name: &str) -> bool {
        let index = number as usize;
        let Some(stem) = self.stems.at(index) else { return false };
        let stem = self.stem(stem as usize);
        match (stem.split_once(PLACE), split(name)) {
            (Some((before, after)), Some((other, behind, digits))) => {
                (before, after, self.numbers.at(index)) == (other, behind, Some(digits))
            }
            (None, None) => stem == name,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    fn stem(&self, index: usize) -> std::borrow::Cow<'_, str> {
        let start = index.checked_sub(1).and_then(|before| self.ends.at(before));
        let end = self.ends.at(index).unwrap_or(0);
        let range = start.unwrap_or(0) as usize..end as usize;
        String::from_utf8_lossy(self.text.get(range).unwrap_or_default())
    }

    pub(crate) fn store(&self, out: &mut Vec<u8>, bulk: &mut Vec<u8>) {
        store_bulk(&self.text, out, bulk);
        store_bulk(self.ends.bytes(), out, bulk);
        self.stems.store(out, bulk);
        self.numbers.store(out, bulk);
    }

    pub(crate) fn load(input: &mut Input<'_>, bulk: &Bytes) -> Option<Self> {
        let text = load_bulk(input, bulk)?;
        let ends = Words::new(load_bulk(input, bulk)?)?;
        let (stems, numbers) = (Narrow::load(input, bulk)?, Narrow::load(input, bulk)?);
        Some(Self { text, ends, stems, numbers })
    }
}

/// Stands in a stem for its number. No name has one.
const PLACE: char = '\0';

/// What stands before, and behind, the last number of a name, and the number; `None` if it has none
/// that is written as numbers are.
fn split(name: &str) -> Option<(&str, &str, u32)> {
    let bytes = name.as_bytes();
    let end = bytes.iter().rposition(u8::is_ascii_digit)? + 1;
    let (rest, after) = name.split_at_checked(end)?;
    let start = rest.bytes().rposition(|one| !one.is_ascii_digit()).map_or(0, |at| at + 1);
    let (before, digits) = rest.split_at_checked(start)?;
    let number = digits.parse::<u32>().ok()?;
    let is_plain = !digits.starts_with('0') || digits.len() == 1;
    is_plain.then_some((before, after, number))
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
        let mut text = Vec::new();
        let (mut ends, mut stems, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        let mut known: BTreeMap<(&str, Option<&str>), u32> = BTreeMap::new();
        let mut last = None;
        for name in self.iter() {
            let (stem, number) = match split(name) {
                Some((before, after, number)) => ((before, Some(after)), number),
                None => ((name, None), 0),
            };
            // Names come in rows of one stem.
            let index = match last {
                Some((of, index)) if of == stem => index,
                _ => *known.entry(stem).or_insert_with(|| {
                    text.extend_from_slice(stem.0.as_bytes());
                    if let Some(after) = stem.1 {
                        text.push(PLACE as u8);
                        text.extend_from_slice(after.as_bytes());
                    }
                    let index = u32::try_from(ends.len()).unwrap_or(u32::MAX);
                    ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
                    index
                }),
            };
            last = Some((stem, index));
            stems.push(index);
            numbers.push(number);
        }
        Names {
            text: text.into_boxed_slice().into(),
            ends: ends.into_iter().collect(),
            stems: stems.into_iter().collect(),
            numbers: numbers.into_iter().collect(),
        }
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| self.text.get(start as usize..*end as usize).unwrap_or_default())
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The numbers of those that `accept` accepts.
    pub(crate) fn numbers(&self, accept: impl Fn(&str) -> bool) -> BTreeSet<u32> {
        (0..).zip(self.iter()).filter(|(_, name)| accept(name)).map(|(number, _)| number).collect()
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

    #[test]
    fn names_are_what_they_were_whatever_their_numbers() {
        let all = [
            "Win.Trojan.Agent-1-0",
            "Win.Trojan.Agent-1-7",
            "Win.Trojan.Agent-1",
            "A-007",
            "A-0",
            "A-00",
            "A-4294967295",
            "A-4294967296",
            "9",
            "none",
            "A-0",
        ];
        let mut names = NameList::default();
        all.iter().for_each(|name| _ = names.push(name));
        let names = names.build();
        let back: Vec<_> =
            (0..).zip(all).map(|(number, _)| names.entry(number).id.clone()).collect();
        assert_eq!(back.iter().map(|name| &**name).collect::<Vec<_>>(), all);
        assert_eq!((&*names.entry(11).id, names.ends.len(), names.len()), ("", 8, 11));
        for (number, one) in (0..).zip(all) {
            for name in all.iter().chain(&["A-", "A-00000", ""]) {
                assert_eq!(names.is(number, name), one == *name, "{one} {name}");
            }
        }
        assert!(!names.is(11, ""));
    }
}
