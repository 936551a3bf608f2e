//! Compiled patterns and calls, each made once however many rules use it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use regex_automata::meta::Regex;
use regex_automata::nfa::thompson::WhichCaptures;
use regex_automata::util::syntax;

use crate::ast::{self, Case};
use crate::call::Call;
use crate::expression::Expression;
use crate::needle::Needle;
use crate::options::ParseOptions;
use crate::problem::Problem;
use crate::wildcard::Wildcard;

/// The patterns compiled so far, by their text.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    regexes: BTreeMap<String, Arc<Expression>>,
    grouped: BTreeMap<String, Arc<Regex>>,
    needles: BTreeMap<Bytes, Arc<Needle>>,
    wildcards: BTreeMap<(Case, Bytes), Arc<Wildcard>>,
    calls: BTreeMap<ast::Call, Arc<Call>>,
}

impl Patterns {
    /// A regular expression over bytes: Unicode classes only where the pattern asks with `(?u)`.
    ///
    /// # Errors
    /// The pattern is faulty or larger than the options allow.
    pub(crate) fn regex(
        &mut self,
        pattern: &str,
        options: &ParseOptions,
    ) -> Result<Arc<Expression>, Problem> {
        if let Some(regex) = self.regexes.get(pattern) {
            return Ok(Arc::clone(regex));
        }
        let (bytes_max, cache_bytes_max) = (options.regex_bytes_max, options.regex_cache_bytes_max);
        let built = Expression::new(pattern, bytes_max, cache_bytes_max);
        let regex = Arc::new(built.map_err(|fault| match fault.size_limit() {
            Some(_) => Problem::RegexSize { bytes_max: options.regex_bytes_max },
            None => Problem::RegexSyntax { reason: reason(pattern, &fault) },
        })?);
        self.regexes.insert(pattern.to_owned(), Arc::clone(&regex));
        Ok(regex)
    }

    /// The same with its groups, for replacements; slower to match.
    ///
    /// # Errors
    /// The pattern is faulty or larger than the options allow.
    pub(crate) fn groups(
        &mut self,
        pattern: &str,
        options: &ParseOptions,
    ) -> Result<Arc<Regex>, Problem> {
        grouped(&mut self.grouped, pattern, options)
    }

    /// A searcher for `contains`; linear in the haystack, whatever the needle.
    pub(crate) fn needle(&mut self, needle: &Bytes) -> Arc<Needle> {
        let known = self.needles.entry(needle.clone());
        Arc::clone(known.or_insert_with(|| Arc::new(Needle::new(needle))))
    }

    /// The application of a function to what it is given.
    ///
    /// # Errors
    /// What the function compiles of its arguments is faulty or too large.
    pub(crate) fn call(
        &mut self,
        call: &ast::Call,
        options: &ParseOptions,
    ) -> Result<Arc<Call>, Problem> {
        if let Some(known) = self.calls.get(call) {
            return Ok(Arc::clone(known));
        }
        let made = Arc::new(Call::new(call, self, options)?);
        self.calls.insert(call.clone(), Arc::clone(&made));
        Ok(made)
    }

    /// A wildcard pattern.
    ///
    /// # Errors
    /// The pattern is too long to be compiled.
    pub(crate) fn wildcard(
        &mut self,
        case: Case,
        pattern: &Bytes,
        options: &ParseOptions,
    ) -> Result<Arc<Wildcard>, Problem> {
        let key = (case, pattern.clone());
        if let Some(wildcard) = self.wildcards.get(&key) {
            return Ok(Arc::clone(wildcard));
        }
        let too_large = |_| Problem::RegexSize { bytes_max: options.regex_bytes_max };
        let wildcard = Arc::new(Wildcard::new(case, pattern).map_err(too_large)?);
        self.wildcards.insert(key, Arc::clone(&wildcard));
        Ok(wildcard)
    }
}

fn grouped(
    known: &mut BTreeMap<String, Arc<Regex>>,
    pattern: &str,
    options: &ParseOptions,
) -> Result<Arc<Regex>, Problem> {
    if let Some(regex) = known.get(pattern) {
        return Ok(Arc::clone(regex));
    }
    let config = Regex::config()
        .utf8_empty(false)
        .which_captures(WhichCaptures::All)
        .nfa_size_limit(Some(options.regex_bytes_max))
        .hybrid_cache_capacity(options.regex_cache_bytes_max);
    let built = Regex::builder()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(config)
        .build(pattern);
    let regex = Arc::new(built.map_err(|fault| match fault.size_limit() {
        Some(_) => Problem::RegexSize { bytes_max: options.regex_bytes_max },
        None => Problem::RegexSyntax { reason: reason(pattern, &fault) },
    })?);
    known.insert(pattern.to_owned(), Arc::clone(&regex));
    Ok(regex)
}

/// The parser's own words on one line, without its drawing of the place.
fn reason(pattern: &str, fault: &regex_automata::meta::BuildError) -> String {
    let mut parser = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build();
    match parser.parse(pattern) {
        Err(regex_syntax::Error::Parse(fault)) => fault.kind().to_string(),
        Err(regex_syntax::Error::Translate(fault)) => fault.kind().to_string(),
        Err(_) | Ok(_) => fault.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_compiled_once() {
        let mut patterns = Patterns::default();
        let options = ParseOptions::default();
        let first = patterns.regex("a+", &options).expect("compiles");
        assert!(Arc::ptr_eq(&first, &patterns.regex("a+", &options).expect("compiles")));
        let needle = Bytes::from("x");
        assert!(Arc::ptr_eq(&patterns.needle(&needle), &patterns.needle(&needle)));
        let exact = patterns.wildcard(Case::Exact, &needle, &options).expect("compiles");
        let folded = patterns.wildcard(Case::Ignored, &needle, &options).expect("compiles");
        assert!(!Arc::ptr_eq(&exact, &folded));
        let again = patterns.wildcard(Case::Exact, &needle, &options).expect("compiles");
        assert!(Arc::ptr_eq(&exact, &again));
    }

    #[test]
    fn large_and_faulty_expressions_are_told_apart() {
        let options = ParseOptions { regex_bytes_max: 10_000, ..ParseOptions::default() };
        let mut patterns = Patterns::default();
        let large = patterns.regex("(a{1000}){1000}", &options).expect_err("large");
        assert_eq!(large, Problem::RegexSize { bytes_max: 10_000 });
        let faulty = patterns.regex(r"\pL", &options).expect_err("Unicode is off");
        assert!(matches!(faulty, Problem::RegexSyntax { reason } if !reason.contains('\n')));
    }

    #[test]
    fn expressions_are_over_bytes() {
        let mut patterns = Patterns::default();
        let options = ParseOptions::default();
        let any = patterns.regex(r"^(?s:.)\xFF$", &options).expect("compiles");
        assert!(any.is_match(&b"\xE9\xFF"[..]));
    }
}
