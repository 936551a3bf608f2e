//! Regular expressions that are checked when they are read and compiled when they are first tried.
//!
//! An index finds out which rules are worth trying: most expressions of a large rule set never are,
//! and compiling one takes as long as a thousand comparisons.

mod head;

use std::sync::{Arc, OnceLock};

use regex_automata::dfa::dense::{self, DFA};
use regex_automata::dfa::{Automaton, StartKind};
use regex_automata::meta::{BuildError, Builder, Regex};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use self::head::Head;
use crate::needle::Needle;

/// States that an expression may need and still be compiled later. One takes some 50 bytes, so that
/// it is far below any sensible limit.
const STATES_MAX: usize = 2_000;
/// So few literals are searched for one by one.
const LITERALS_MAX: usize = 3;
/// The most bytes of an automaton for what begins at one place, and of what it is made of.
const DFA_BYTES_MAX: usize = 32 << 10;
/// The least limit under which so many states always fit.
const LIMIT_MIN: usize = 1 << 20;

/// An expression over bytes: Unicode classes only where it asks with `(?u)`.
#[derive(Debug)]
pub(crate) struct Expression {
    pattern: String,
    nfa_bytes_max: usize,
    cache_bytes_max: usize,
    compiled: OnceLock<Option<Compiled>>,
    /// The whole pattern, where it is nothing but one of a few literals.
    literals: Box<[Arc<Needle>]>,
    /// How every match begins, where that is in any case.
    head: Option<Head>,
}

#[derive(Debug)]
struct Compiled {
    regex: Regex,
    /// Matches that begin at one place alone, for those that have a head, where it is small.
    anchored: Option<DFA<Vec<u32>>>,
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
        let parsed = parsed(&pattern);
        let literals = parsed.as_ref().and_then(literals).unwrap_or_default();
        let head = parsed.as_ref().and_then(Head::new);
        let compiled = OnceLock::new();
        let expression = Self { pattern, nfa_bytes_max, cache_bytes_max, compiled, literals, head };
        let is_small = parsed.is_some_and(|hir| states(&hir) <= STATES_MAX);
        if !is_small || nfa_bytes_max < LIMIT_MIN {
            let compiled = expression.compile()?;
            let _: Result<(), _> = expression.compiled.set(Some(compiled));
        }
        Ok(expression)
    }

    fn compile(&self) -> Result<Compiled, Box<BuildError>> {
        let config = Regex::config()
            .utf8_empty(false)
            .which_captures(WhichCaptures::Implicit)
            .nfa_size_limit(Some(self.nfa_bytes_max))
            .hybrid_cache_capacity(self.cache_bytes_max);
        let mut builder = Builder::new();
        builder.syntax(syntax::Config::new().unicode(false).utf8(false)).configure(config);
        let hir = parsed(&self.pattern);
        let regex = match &hir {
            Some(hir) => builder.build_from_hir(hir),
            // What is wrong is told by who reads the pattern itself.
            None => builder.build(&self.pattern),
        }
        .map_err(Box::new)?;
        let anchored = hir.filter(|_| self.head.is_some()).and_then(|hir| anchored(&hir));
        Ok(Compiled { regex, anchored })
    }

    /// Whether it matches somewhere in `text`.
    #[inline]
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        if !self.literals.is_empty() {
            return self.literals.iter().any(|literal| literal.is_in(text));
        }
        match self.compiled.get() {
            Some(Some(compiled)) => compiled.is_match(self.head.as_ref(), text),
            Some(None) | None => self.is_first_match(text),
        }
    }

    #[cold]
    fn is_first_match(&self, text: &[u8]) -> bool {
        let compiled = self.compiled.get_or_init(|| self.compile().ok());
        compiled.as_ref().is_some_and(|compiled| compiled.regex.is_match(text))
    }

    /// The literal that is all of the pattern.
    pub(crate) fn literal(&self) -> Option<&Arc<Needle>> {
        match &*self.literals {
            [only] => Some(only),
            _ => None,
        }
    }

    #[cfg(test)]
    fn is_compiled(&self) -> bool {
        self.compiled.get().is_some()
    }
}

impl Compiled {
    #[inline]
    fn is_match(&self, head: Option<&Head>, text: &[u8]) -> bool {
        let Some(head) = head else { return self.regex.is_match(text) };
        let Some(at) = head.find(text) else { return false };
        // Most often it matches where its head stands.
        let rest = Input::new(text).range(at..);
        let here = rest.clone().anchored(Anchored::Yes).earliest(true);
        let is_here = match &self.anchored {
            Some(dfa) => dfa.try_search_fwd(&here).is_ok_and(|end| end.is_some()),
            None => self.regex.is_match(here),
        };
        is_here || self.regex.is_match(rest)
    }
}

/// An automaton for matches that begin at one place; `None` where it would be large.
fn anchored(hir: &Hir) -> Option<DFA<Vec<u32>>> {
    let thompson = thompson::Config::new()
        .utf8(false)
        .which_captures(WhichCaptures::None)
        .nfa_size_limit(Some(DFA_BYTES_MAX));
    let nfa = thompson::Compiler::new().configure(thompson).build_from_hir(hir).ok()?;
    let config = dense::Config::new()
        .start_kind(StartKind::Anchored)
        .dfa_size_limit(Some(DFA_BYTES_MAX))
        .determinize_size_limit(Some(DFA_BYTES_MAX));
    dense::Builder::new().configure(config).build_from_nfa(&nfa).ok()
}

/// A pattern as its parser understands it, without its groups: whoever asks whether there is a match
/// needs none, and without them more patterns are nothing but literals. `None` of a faulty one.
fn parsed(pattern: &str) -> Option<Hir> {
    let hir = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern).ok()?;
    Some(if hir.properties().explicit_captures_len() == 0 { hir } else { ungrouped(&hir) })
}

/// The literals of which an expression is one, where it is nothing else.
fn literals(hir: &Hir) -> Option<Box<[Arc<Needle>]>> {
    let one = |hir: &Hir| match hir.kind() {
        HirKind::Literal(literal) => Some(Arc::new(Needle::new(&literal.0))),
        _ => None,
    };
    match hir.kind() {
        HirKind::Alternation(parts) if parts.len() <= LITERALS_MAX => {
            parts.iter().map(one).collect()
        }
        _ => one(hir).map(|only| [only].into()),
    }
}

fn ungrouped(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Capture(capture) => ungrouped(&capture.sub),
        HirKind::Repetition(repetition) => {
            let sub = Box::new(ungrouped(&repetition.sub));
            Hir::repetition(Repetition { sub, ..repetition.clone() })
        }
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(ungrouped).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(ungrouped).collect()),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => hir.clone(),
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
        let either = new("(exfil|leak)");
        assert!(either.is_match(b"a leak") && !either.is_match(b"exfi lea"));
        assert!(!literal.is_compiled() && !either.is_compiled(), "literals never");
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
        /// Groups and the search for the head change nothing.
        #[test]
        fn matches_are_those_of_the_pattern(
            pattern in "(\\^|\\\\b)?(\\(\\?i\\))?([abk/]{1,4}|[ab]\\*|\\((a|b|ab)\\)|\\(ab\\|b/\\)|\\.){1,4}",
            text in "[abABkK/]{0,40}|([abAB/]{3,4}[ab ]{0,3}){0,8}",
        ) {
            let plain = Regex::builder()
                .syntax(syntax::Config::new().unicode(false).utf8(false))
                .build(&pattern)
                .expect("sound");
            let expression = new(&pattern);
            for _ in 0..2 {
                let (found, expected) = (expression.is_match(text.as_bytes()), plain.is_match(&text));
                prop_assert_eq!(found, expected, "{} on {}", pattern, text);
            }
        }

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
