//! Wildcard patterns in a list: the literals that they need are looked for all at once, and only
//! patterns whose literal is there are tried.

use std::collections::BTreeMap;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use rustc_hash::FxHashSet;

use super::entry::EntryError;
use crate::ast::Case;
use crate::index::longest_piece;
use crate::wildcard::Wildcard;

/// Patterns, each against the whole of a value, whatever the case of either.
#[derive(Clone, Debug)]
pub(super) struct Wildcards {
    /// Ascending by their text.
    patterns: Vec<Pattern>,
    /// By the number of the literal.
    behind: Vec<Vec<u32>>,
    literals: Option<AhoCorasick>,
    /// Patterns without a literal.
    always: Vec<u32>,
}

impl PartialEq for Wildcards {
    fn eq(&self, other: &Self) -> bool {
        self.patterns.iter().map(|p| &p.text).eq(other.patterns.iter().map(|p| &p.text))
    }
}

impl Eq for Wildcards {}

/// A pattern, checked and compiled.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    text: Box<str>,
    compiled: Arc<Wildcard>,
}

impl Pattern {
    pub(super) fn read(text: &str) -> Result<Self, EntryError> {
        let fault = |reason| EntryError::Wildcard { found: text.into(), reason };
        if let Some(reason) = flaw(text) {
            return Err(fault(reason));
        }
        let compiled = Wildcard::new(Case::Ignored, text.as_bytes());
        let compiled = Arc::new(compiled.map_err(|_| fault("it is too long"))?);
        Ok(Self { text: text.into(), compiled })
    }

    pub(super) const fn len(&self) -> usize {
        self.text.len()
    }
}

/// What is wrong with a pattern.
fn flaw(text: &str) -> Option<&'static str> {
    let mut is_star = false;
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'*' && is_star {
            return Some("one `*` stands for any number of bytes");
        }
        if byte == b'\\' && !matches!(bytes.next(), Some(b'*' | b'\\')) {
            return Some("escapes are `\\*` and `\\\\`");
        }
        is_star = byte == b'*';
    }
    text.is_empty().then_some("it is empty")
}

impl Wildcards {
    pub(super) fn new(mut patterns: Vec<Pattern>) -> Self {
        patterns.sort_unstable_by(|a, b| a.text.cmp(&b.text));
        patterns.dedup_by(|a, b| a.text == b.text);
        let mut literals: BTreeMap<Vec<u8>, Vec<u32>> = BTreeMap::new();
        let mut always = Vec::new();
        for (number, pattern) in (0..).zip(&patterns) {
            let literal = longest_piece(pattern.text.as_bytes()).to_ascii_lowercase();
            if literal.is_empty() {
                always.push(number);
            } else {
                literals.entry(literal).or_default().push(number);
            }
        }
        let mut automaton = None;
        if !literals.is_empty() {
            let mut builder = AhoCorasick::builder();
            builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::ContiguousNFA));
            automaton = builder.build(literals.keys()).ok();
            if automaton.is_none() {
                // Too much for one automaton: every pattern is tried.
                always = (0..).zip(&patterns).map(|(number, _)| number).collect();
            }
        }
        let behind = literals.into_values().collect();
        Self { patterns, behind, literals: automaton, always }
    }

    pub(super) fn holds(&self, value: &[u8]) -> bool {
        let matches = |number: &u32| {
            self.patterns
                .get(*number as usize)
                .is_some_and(|pattern| pattern.compiled.is_match(value))
        };
        if self.always.iter().any(matches) {
            return true;
        }
        let Some(literals) = &self.literals else { return false };
        // A literal that comes often is no reason to try its patterns often.
        let mut tried = FxHashSet::default();
        literals.find_overlapping_iter(value).any(|hit| {
            let literal = hit.pattern().as_usize();
            tried.insert(literal)
                && self.behind.get(literal).is_some_and(|patterns| patterns.iter().any(matches))
        })
    }

    /// The patterns with others, and without some.
    pub(super) fn changed(&self, added: &[Pattern], removed: &[Pattern]) -> Self {
        let mut patterns = self.patterns.clone();
        patterns.extend_from_slice(added);
        patterns.retain(|pattern| removed.iter().all(|removed| removed.text != pattern.text));
        Self::new(patterns)
    }

    pub(super) const fn len(&self) -> usize {
        self.patterns.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn patterns(texts: &[&str]) -> Vec<Pattern> {
        texts.iter().map(|text| Pattern::read(text).expect(text)).collect()
    }

    fn wildcards(texts: &[&str]) -> Wildcards {
        Wildcards::new(patterns(texts))
    }

    #[test]
    fn patterns_are_checked() {
        for text in ["", "a**", r"a\", r"a\b"] {
            assert!(Pattern::read(text).is_err(), "{text}");
        }
        for text in ["*", "a*b*", r"\**", r"\\"] {
            assert!(Pattern::read(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn patterns_come_and_go() {
        let set = wildcards(&["*.a.example", "exact.example", "*"]);
        assert!(set.holds(b"anything"));
        let set = set.changed(&patterns(&["x*"]), &patterns(&["*"]));
        assert_eq!(set.len(), 3);
        assert!(set.holds(b"B.A.EXAMPLE") && set.holds(b"Exact.example") && set.holds(b"xyz"));
        assert!(!set.holds(b"a.example") && !set.holds(b"b.exact.example"));
        assert!(!wildcards(&[]).holds(b""));
    }

    proptest! {
        #[test]
        fn the_literals_lose_nothing(
            texts in prop::collection::vec("[ab]{0,2}(\\*[ab]{1,2}){0,2}\\*?", 0..8),
            value in "[abAB]{0,8}",
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).filter(|t| !t.is_empty()).collect();
            let naive = texts.iter().any(|text| {
                Wildcard::new(Case::Ignored, text.as_bytes()).unwrap().is_match(value.as_bytes())
            });
            prop_assert_eq!(wildcards(&texts).holds(value.as_bytes()), naive);
        }
    }
}
