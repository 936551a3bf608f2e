//! All literals of a place, searched for in a text at once.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use bytes::Bytes;

use super::grams::Grams;

/// Bytes from which on a literal is searched for with great steps.
const LONG: usize = 11;
/// Bytes of the remaining literals up to which they become a table that costs a look-up for each
/// byte of a text; beyond, it is slower and much smaller.
const DENSE_BYTES_MAX: usize = 32 << 10;
/// So many times the rules may be found in vain before those found twice are taken out.
const TWICE_MAX: usize = 4;

/// Rules by the literals that a text must hold.
#[derive(Debug)]
pub(super) struct Search {
    long: Option<Grams>,
    short: Option<Grams>,
    /// What is left, with the numbers of the literals by those of its patterns.
    automaton: Option<(AhoCorasick, Vec<u32>)>,
    /// By the number of the literal.
    rules: Vec<Vec<u32>>,
    /// How many rules there are, counted once for each literal.
    entries: usize,
}

impl Search {
    /// `None` if there are more literals than an automaton can hold.
    pub(super) fn new(literals: BTreeMap<&Bytes, Vec<u32>>) -> Option<Self> {
        let mut left: Vec<(u32, Vec<u8>)> =
            (0..).zip(literals.keys()).map(|(number, text)| (number, text.to_vec())).collect();
        let long = Grams::new(&mut left, LONG);
        let short = Grams::new(&mut left, 0);
        let automaton = if left.is_empty() {
            None
        } else {
            let bytes: usize = left.iter().map(|(_, literal)| literal.len()).sum();
            let is_dense = bytes <= DENSE_BYTES_MAX;
            let kind = if is_dense { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
            let mut builder = AhoCorasick::builder();
            builder.ascii_case_insensitive(true).kind(Some(kind));
            let automaton = builder.build(left.iter().map(|(_, literal)| literal)).ok()?;
            Some((automaton, left.iter().map(|(number, _)| *number).collect()))
        };
        let rules: Vec<Vec<u32>> = literals.into_values().collect();
        let entries = rules.iter().map(Vec::len).sum();
        Some(Self { long, short, automaton, rules, entries })
    }

    /// Adds the rules of the literals that `text` holds to `found`.
    pub(super) fn find(&self, text: &[u8], found: &mut Vec<u32>) {
        let mut add = |literal: u32| {
            if let Some(rules) = self.rules.get(literal as usize) {
                found.extend_from_slice(rules);
                // A text full of one literal must not make a list longer than itself.
                if found.len() > TWICE_MAX * self.entries + 4096 {
                    found.sort_unstable();
                    found.dedup();
                }
            }
        };
        for grams in self.long.iter().chain(&self.short) {
            grams.find(text, &mut add);
        }
        if let Some((automaton, numbers)) = &self.automaton {
            for hit in automaton.find_overlapping_iter(text) {
                if let Some(literal) = numbers.get(hit.pattern().as_usize()) {
                    add(*literal);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_literal_that_stands_there_is_found(
            literals in prop::collection::btree_set("[abc]{1,13}", 1..20),
            text in "[abcABC]{0,60}",
        ) {
            let texts: Vec<Bytes> = literals.iter().map(|text| Bytes::from(text.clone())).collect();
            let by_text = texts.iter().zip(0..).map(|(text, rule)| (text, vec![rule])).collect();
            let mut found = Vec::new();
            Search::new(by_text).expect("few").find(text.as_bytes(), &mut found);
            let found: BTreeSet<u32> = found.into_iter().collect();
            let lower = text.to_ascii_lowercase();
            let expected: BTreeSet<u32> = (0..)
                .zip(&literals)
                .filter(|(_, literal)| lower.contains(literal.as_str()))
                .map(|(rule, _)| rule)
                .collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_text_full_of_a_literal_makes_no_long_list() {
        let text = Bytes::from("ab");
        let search = Search::new([(&text, vec![7])].into_iter().collect()).expect("one");
        let mut found = Vec::new();
        search.find(&b"ab".repeat(100_000), &mut found);
        assert!(found.len() < 5_000 && found.contains(&7));
    }
}
