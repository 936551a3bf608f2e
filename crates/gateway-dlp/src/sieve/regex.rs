//! Regular expressions that are matched with little text: what stands around a match, a secret, a
//! path. They build no automata that grow.

use std::ops::Range;

use regex_automata::meta::{Config, Regex};
use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input, util::syntax};

/// Bytes of the program of one.
const PROGRAM_BYTES_MAX: usize = 4 << 20;

/// One or several patterns.
pub(crate) struct SmallRegex(Regex);

impl SmallRegex {
    /// What matches one of `patterns`.
    ///
    /// # Errors
    /// What is wrong with them, for people.
    pub(crate) fn any<P: AsRef<str>>(patterns: &[P]) -> Result<Self, String> {
        let config = Config::new()
            .hybrid(false)
            .dfa(false)
            .utf8_empty(false)
            .nfa_size_limit(Some(PROGRAM_BYTES_MAX));
        let syntax = syntax::Config::new().unicode(false).utf8(false);
        let regex = Regex::builder().configure(config).syntax(syntax).build_many(patterns);
        regex.map(Self).map_err(|error| {
            let syntax = error.syntax_error().map(|error| match error {
                regex_syntax::Error::Parse(error) => error.kind().to_string(),
                regex_syntax::Error::Translate(error) => error.kind().to_string(),
                other => other.to_string(),
            });
            syntax.unwrap_or_else(|| error.to_string())
        })
    }

    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        self.0.is_match(text)
    }

    /// The groups of the match of the first pattern that is `span` of `bytes`.
    pub(crate) fn groups(&self, bytes: &[u8], span: Range<usize>) -> Option<Captures> {
        let mut groups = self.0.create_captures();
        let input = Input::new(bytes).range(span).anchored(Anchored::Yes);
        self.0.captures(input, &mut groups);
        groups.is_match().then_some(groups)
    }

    /// How many groups its pattern has, the whole match counted.
    pub(crate) fn groups_len(&self) -> usize {
        self.0.captures_len()
    }
}
