//! Wildcard patterns, matched against a whole value in linear time.

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};
use memchr::memmem::Finder;

use crate::among::is_same;
use crate::ast::Case;
use crate::fold::is_folded;

/// A compiled pattern, cut at its `*` into a start, an end and what comes between.
///
/// With `*` as the only wildcard, taking the first occurrence of each piece is never wrong, so no
/// pattern needs to go back.
#[derive(Debug)]
pub(crate) struct Wildcard {
    case: Case,
    /// In lower case, as the suffix is, where case is ignored.
    prefix: Vec<u8>,
    middles: Vec<Piece>,
    /// `None` where the pattern has no `*` at all.
    suffix: Option<Vec<u8>>,
    /// The prefix and the suffix once more, where both are short and there is a `*`.
    ends: Option<Ends>,
}

/// Up to eight bytes at either end of a value, asked for as numbers.
#[derive(Debug)]
struct Ends {
    first: Masked,
    last: Masked,
    /// The bytes of both.
    bytes: usize,
}

/// The bits of a number that count, and what they are.
#[derive(Debug)]
struct Masked {
    mask: u64,
    bits: u64,
}

impl Masked {
    const fn holds(&self, eight: [u8; 8]) -> bool {
        u64::from_le_bytes(eight) & self.mask == self.bits
    }
}

impl Ends {
    fn new(prefix: &[u8], suffix: &[u8]) -> Option<Self> {
        let (mut first, mut last) = ([[0; 8]; 2], [[0; 8]; 2]);
        let set = |[mask, bits]: &mut [[u8; 8]; 2], from: usize, bytes: &[u8]| {
            mask.get_mut(from..from + bytes.len())?.fill(u8::MAX);
            bits.get_mut(from..from + bytes.len())?.copy_from_slice(bytes);
            Some(())
        };
        set(&mut first, 0, prefix)?;
        set(&mut last, 8_usize.checked_sub(suffix.len())?, suffix)?;
        let masked = |ends: [[u8; 8]; 2]| {
            let [mask, bits] = ends.map(u64::from_le_bytes);
            Masked { mask, bits }
        };
        let bytes = prefix.len() + suffix.len();
        Some(Self { first: masked(first), last: masked(last), bytes })
    }

    /// Whether a value begins and ends so, without an overlap; `None` of one that is too short to
    /// tell.
    #[inline]
    fn are_of(&self, value: &[u8]) -> Option<bool> {
        let (first, last) = (value.first_chunk::<8>()?, value.last_chunk::<8>()?);
        let are_there = self.first.holds(*first) && self.last.holds(*last);
        Some(are_there && value.len() >= self.bytes)
    }
}

#[derive(Debug)]
enum Piece {
    Exact(Box<Finder<'static>>),
    Folded(AhoCorasick),
}

impl Piece {
    fn new(case: Case, piece: &[u8]) -> Result<Self, BuildError> {
        Ok(match case {
            Case::Exact => Self::Exact(Box::new(Finder::new(piece).into_owned())),
            Case::Ignored => Self::Folded(
                AhoCorasick::builder()
                    .ascii_case_insensitive(true)
                    .kind(Some(AhoCorasickKind::ContiguousNFA))
                    .build([piece])?,
            ),
        })
    }

    /// The end of the first occurrence.
    fn find(&self, haystack: &[u8]) -> Option<usize> {
        match self {
            Self::Exact(finder) => finder.find(haystack).map(|at| at + finder.needle().len()),
            Self::Folded(automaton) => automaton.find(haystack).map(|found| found.end()),
        }
    }
}

impl Wildcard {
    /// Compiles a pattern whose escapes have been checked.
    ///
    /// # Errors
    /// A piece between two `*` is too long for its automaton.
    pub(crate) fn new(case: Case, pattern: &[u8]) -> Result<Self, BuildError> {
        let mut pieces = vec![Vec::new()];
        let mut bytes = pattern.iter();
        while let Some(&byte) = bytes.next() {
            let literal = match byte {
                b'*' => {
                    pieces.push(Vec::new());
                    continue;
                }
                b'\\' => bytes.next().copied().unwrap_or(byte),
                _ => byte,
            };
            if let Some(piece) = pieces.last_mut() {
                piece.push(match case {
                    Case::Exact => literal,
                    Case::Ignored => literal.to_ascii_lowercase(),
                });
            }
        }
        let suffix = if pieces.len() > 1 { pieces.pop() } else { None };
        let mut pieces = pieces.into_iter();
        let prefix = pieces.next().unwrap_or_default();
        let middles = pieces.filter(|piece| !piece.is_empty());
        let middles = middles.map(|piece| Piece::new(case, &piece)).collect::<Result<_, _>>()?;
        let ends = match (case, &suffix) {
            (Case::Exact, Some(suffix)) => Ends::new(&prefix, suffix),
            _ => None,
        };
        Ok(Self { case, prefix, middles, suffix, ends })
    }

    #[inline]
    pub(crate) fn is_match(&self, value: &[u8]) -> bool {
        match self.ends.as_ref().and_then(|ends| ends.are_of(value)) {
            Some(false) => false,
            Some(true) if self.middles.is_empty() => true,
            Some(true) | None => self.is_whole_match(value),
        }
    }

    fn is_whole_match(&self, value: &[u8]) -> bool {
        let Some(suffix) = &self.suffix else { return self.equal(value, &self.prefix) };
        let Some(end) = value.len().checked_sub(suffix.len()) else { return false };
        // The two must not overlap.
        let Some(mut middle) = value.get(self.prefix.len()..end) else { return false };
        let (Some(start), Some(tail)) = (value.get(..self.prefix.len()), value.get(end..)) else {
            return false;
        };
        if !self.equal(start, &self.prefix) || !self.equal(tail, suffix) {
            return false;
        }
        for piece in &self.middles {
            let Some(behind) = piece.find(middle).and_then(|end| middle.get(end..)) else {
                return false;
            };
            middle = behind;
        }
        true
    }

    fn equal(&self, a: &[u8], b: &[u8]) -> bool {
        match self.case {
            Case::Exact => is_same(a, b),
            Case::Ignored => is_folded(a, b),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(case: Case, pattern: &str, value: &str) -> bool {
        Wildcard::new(case, pattern.as_bytes()).expect("compiles").is_match(value.as_bytes())
    }

    #[test]
    fn patterns_match_whole_values() {
        for (pattern, value, matched) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("a", "a", true),
            ("a*", "a", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*.example.org", "www.example.org", true),
            ("*.example.org", "example.org", false),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXcYb", false),
            ("*ab*ab*", "ab", false),
            ("*ab*ab*", "abab", true),
            (r"a\*b", "a*b", true),
            (r"a\*b", "aXb", false),
            (r"a\\*", r"a\x", true),
        ] {
            assert_eq!(check(Case::Exact, pattern, value), matched, "{pattern} on {value}");
        }
        assert!(check(Case::Ignored, "A*Bc*D", "axxbCyyd"));
        assert!(!check(Case::Exact, "A*Bc*D", "axxbCyyd"));
    }

    /// Whether the pattern matches, tried out in every way.
    fn oracle(pattern: &[u8], value: &[u8]) -> bool {
        match (pattern, value) {
            ([], []) => true,
            ([b'*', rest @ ..], _) => (0..=value.len()).any(|at| oracle(rest, &value[at..])),
            ([p, pattern @ ..], [v, value @ ..]) => {
                p.eq_ignore_ascii_case(v) && oracle(pattern, value)
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn first_occurrences_suffice(pattern in "[abA]{0,3}(\\*[abB]{1,2}){0,3}\\*?", value in "[abAB]{0,12}") {
            prop_assert_eq!(
                check(Case::Ignored, &pattern, &value),
                oracle(pattern.as_bytes(), value.as_bytes())
            );
        }

        #[test]
        fn ends_are_told_in_any_length(
            pattern in "[ab]{0,9}\\*([ab]{1,2}\\*)?[ab]{0,9}",
            between in "[ab]{0,9}",
        ) {
            let (first, last) = pattern.split_once('*').expect("a star");
            let last = last.rsplit('*').next().unwrap_or_default();
            let values = [format!("{first}{between}{last}"), format!("{first}{last}")];
            for value in values.into_iter().chain([first.to_owned(), between]) {
                prop_assert_eq!(
                    check(Case::Exact, &pattern, &value),
                    oracle(pattern.as_bytes(), value.as_bytes()),
                    "{} on {}", pattern, value
                );
            }
        }
    }
}
