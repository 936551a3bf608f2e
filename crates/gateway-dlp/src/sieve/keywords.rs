//! Keywords: all that some entry wants to see near its matches, found in one pass over what is
//! around matches, and over nothing else.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, Input};

use crate::BuildError;
use crate::bytes::is_word;

/// Collects keywords and numbers them.
#[derive(Default)]
pub(super) struct Lexicon {
    ids: BTreeMap<String, u32>,
}

impl Lexicon {
    /// The numbers of these, in order.
    pub(super) fn ids(&mut self, words: &[String]) -> Vec<u32> {
        let mut ids = Vec::with_capacity(words.len());
        for word in words.iter().filter(|word| !word.is_empty()) {
            let next = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
            ids.push(*self.ids.entry(word.to_ascii_lowercase()).or_insert(next));
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    pub(super) fn compile(self) -> Result<Keywords, BuildError> {
        let mut words: Vec<(String, u32)> = self.ids.into_iter().collect();
        words.sort_by_key(|(_, id)| *id);
        let longest = words.iter().map(|(word, _)| word.len()).max().unwrap_or(0);
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(words.iter().map(|(word, _)| word))
            .map_err(|_| BuildError::TooManyEntries)?;
        Ok(Keywords { automaton, longest })
    }
}

/// All keywords.
pub(super) struct Keywords {
    automaton: AhoCorasick,
    /// Bytes of the longest.
    longest: usize,
}

/// A keyword in the part.
#[derive(Clone, Copy)]
pub(super) struct Hit {
    pub(super) keyword: u32,
    pub(super) start: u64,
    pub(super) end: u64,
}

/// The keywords that were found, by where they end, over one stretch of the part.
#[derive(Default)]
pub(super) struct Hits {
    list: Vec<Hit>,
    /// The stretch that was looked at.
    from: u64,
    to: u64,
}

impl Hits {
    /// Looks for keywords in what of `from..to` was not looked at yet; `bytes` begin at `base`.
    pub(super) fn cover(
        &mut self,
        keywords: &Keywords,
        bytes: &[u8],
        base: u64,
        from: u64,
        to: u64,
    ) {
        if self.to < from || from < self.from {
            self.list.clear();
            (self.from, self.to) = (from, from);
        }
        if to <= self.to {
            return;
        }
        let index = |at: u64| usize::try_from(at.saturating_sub(base)).unwrap_or(usize::MAX);
        let begin = self.from.max(self.to.saturating_sub(keywords.longest as u64));
        let (begin, end) = (index(begin).min(bytes.len()), index(to).min(bytes.len()));
        for found in keywords.automaton.find_overlapping_iter(Input::new(bytes).span(begin..end)) {
            let (start, end) = (base + found.start() as u64, base + found.end() as u64);
            if end > self.to {
                self.list.push(Hit { keyword: found.pattern().as_u32(), start, end });
            }
        }
        self.to = to;
    }

    /// Those of `wanted` that lie in `from..to`, which was looked at.
    pub(super) fn within(&self, wanted: &[u32], from: u64, to: u64) -> impl Iterator<Item = Hit> {
        let first = self.list.partition_point(|hit| hit.end <= from);
        let list = self.list.get(first..).unwrap_or_default();
        list.iter()
            .take_while(move |hit| hit.end <= to)
            .filter(move |hit| hit.start >= from && wanted.binary_search(&hit.keyword).is_ok())
            .copied()
    }

    /// Forgets what ends before `position`.
    pub(super) fn forget(&mut self, position: u64) {
        let first = self.list.partition_point(|hit| hit.end <= position);
        self.list.drain(..first);
        self.from = self.from.max(position.min(self.to));
        if self.list.is_empty() && self.list.capacity() > 64 {
            self.list = Vec::new();
        }
    }
}

impl Hit {
    /// Whether it is a word of its own, where the part's `bytes` begin at `base`.
    pub(super) fn is_whole(&self, bytes: &[u8], base: u64) -> bool {
        let byte = |at: u64| {
            let index = usize::try_from(at.checked_sub(base)?).ok()?;
            bytes.get(index).copied()
        };
        let before = self.start.checked_sub(1).and_then(byte);
        let joins = |outer: Option<u8>, inner: Option<u8>| {
            outer.is_some_and(is_word) && inner.is_some_and(is_word) && outer != Some(b'_')
        };
        !joins(before, byte(self.start)) && !joins(byte(self.end), byte(self.end - 1))
    }
}
