//! Regular expressions that are checked when they are read and compiled when they are first tried.
//!
//! An index finds out which rules are worth trying: most expressions of a large rule set never are,
//! and compiling one takes as long as a thousand comparisons.

use std::sync::{Arc, OnceLock};

use regex_automata::meta::{BuildError, Regex};
use regex_automata::nfa::thompson::WhichCaptures;
use regex_automata::util::syntax;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::needle::Needle;

/// States that an expression may need and still be compiled later. One takes some 50 bytes, so that
/// it is far below any sensible limit.
const STATES_MAX: usize = 2_000;
/// The least limit under which so many states always fit.
const LIMIT_MIN: usize = 1 << 20;

/// An expression over bytes: Unicode classes only where it asks with `(?u)`.
#[derive(Debug)]
pub(crate) struct Expression {
    pattern: String,
    nfa_bytes_max: usize,
    cache_bytes_max: usize,
    compiled: OnceLock<Option<Regex>>,
    /// The whole pattern, where it is nothing but a literal.
    literal: Option<Arc<Needle>>,
}

impl Expression {
    /// Checks a pattern.
    ///
    /// # Errors
    /// It is faulty or larger than `nfa_bytes_max` when compiled.
    pub(crate) fn new(
        pattern: &str,
        nfa_bytes_max: usize,
        cache_bytes_max: usize,
    ) -> Result<Self, Box<BuildError>> {
        let pattern = pattern.to_owned();
        let parsed = ParserBuilder::new().unicode(false).utf8(false).build().parse(&pattern);
        let literal = match parsed.as_ref().map(Hir::kind) {
            Ok(HirKind::Literal(literal)) => Some(Arc::new(Needle::new(&literal.0))),
            Ok(_) | Err(_) => None,
        };
        let compiled = OnceLock::new();
        let expression = Self { pattern, nfa_bytes_max, cache_bytes_max, compiled, literal };
        let is_small = parsed.is_ok_and(|hir| states(&hir) <= STATES_MAX);
        if !is_small || nfa_bytes_max < LIMIT_MIN {
            let regex = expression.compile()?;
            let _: Result<(), _> = expression.compiled.set(Some(regex));
        }
        Ok(expression)
    }

    fn compile(&self) -> Result<Regex, Box<BuildError>> {
        let config = Regex::config()
            .utf8_empty(false)
            .which_captures(WhichCaptures::Implicit)
            .nfa_size_limit(Some(self.nfa_bytes_max))
            .hybrid_cache_capacity(self.cache_bytes_max);
        Regex::builder()
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .configure(config)
            .build(&self.pattern)
            .map_err(Box::new)
    }

    /// Whether it matches somewhere in `text`.
    #[inline]
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        match self.compiled.get() {
            Some(Some(regex)) => regex.is_match(text),
            Some(None) | None => self.is_first_match(text),
        }
    }

    #[cold]
    fn is_first_match(&self, text: &[u8]) -> bool {
        if let Some(literal) = &self.literal {
            return literal.is_in(text);
        }
        let compiled = self.compiled.get_or_init(|| self.compile().ok());
        compiled.as_ref().is_some_and(|regex| regex.is_match(text))
    }

    /// The literal that is all of the pattern.
    pub(crate) const fn literal(&self) -> Option<&Arc<Needle>> {
        self.literal.as_ref()
    }

    #[cfg(test)]
    fn is_compiled(&self) -> bool {
        self.compiled.get().is_some()
    }
}

/// No fewer states than an automaton for the expression needs.
fn states(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len(),
        // Ranges of characters become trees of ranges of bytes.
        HirKind::Class(Class::Unicode(class)) => class.ranges().len().saturating_mul(16),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(repetition.min).max(repetition.min).max(1);
            let times = usize::try_from(most).unwrap_or(usize::MAX).saturating_add(1);
            states(&repetition.sub).saturating_add(2).saturating_mul(times)
        }
        HirKind::Capture(capture) => states(&capture.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().fold(2, |sum: usize, part| sum.saturating_add(states(part)))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn new(pattern: &str) -> Expression {
        Expression::new(pattern, LIMIT_MIN, 1 << 20).expect(pattern)
    }

    #[test]
    fn small_ones_are_compiled_when_tried() {
        let small = new("(?i)exfil[a-z]+/\\d{2,}");
        assert!(!small.is_compiled());
        assert!(small.is_match(b"x/EXFILab/12") && !small.is_match(b"exfil/1"));
        assert!(small.is_compiled());
        let literal = new("exf.il".replace('.', "\\.").as_str());
        assert!(literal.is_match(b"an exf.il") && !literal.is_match(b"an exfxil"));
        assert!(!literal.is_compiled(), "a literal never");
        assert!(new("[a-z]{3000}").is_compiled(), "large ones at once");
        let narrow = Expression::new("a", LIMIT_MIN - 1, 1 << 20).expect("small");
        assert!(narrow.is_compiled(), "and all under a narrow limit");
    }

    #[test]
    fn what_is_wrong_is_told_at_once() {
        for pattern in ["(", r"\pL", "a{1000}{1000}{1000}"] {
            assert!(Expression::new(pattern, LIMIT_MIN, 1 << 20).is_err(), "{pattern}");
        }
    }

    proptest! {
        /// What is put off can be compiled.
        #[test]
        fn nothing_that_is_put_off_fails(
            pattern in "(\\(\\?u\\))?([a-c]{1,3}|\\[a-z\\]|\\\\w|\\\\p\\{L\\}|\\.|\\(a\\|b\\)|[abc]\\{[0-9]{1,3}\\}|[ab][*+?]|\\^|\\\\b){1,6}(\\{[0-9]{1,2}\\})?",
        ) {
            if let Ok(expression) = Expression::new(&pattern, LIMIT_MIN, 1 << 20) {
                prop_assert!(expression.compile().is_ok());
            }
        }
    }
}
