//! The cursor over the text of a filter: white space, words, places, faults.

use std::ops::Range;

use crate::ast::{Literal, Span};
use crate::diagnostic::Diagnostic;
use crate::options::{Compat, ParseOptions};
use crate::problem::{Extension, Problem};
use crate::value::Type;

/// A result whose fault has a place but is not yet reported.
pub(super) type Parsed<T> = Result<T, Diagnostic>;

pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) options: &'a ParseOptions,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str, options: &'a ParseOptions) -> Self {
        Self { text, at: 0, options, diagnostics: Vec::new() }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn is_extended(&self) -> bool {
        self.options.compat == Compat::Extended
    }

    /// Steps over `token` if it comes next.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// Steps over the longest run of such characters and returns it.
    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    /// The word that comes next: letters, digits, `_` and `.`; empty if there is none.
    pub(super) fn peek_word(&self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !is_word_char(c) && c != '.').unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    /// The number, address, byte string or bare word that comes next; empty if there is none.
    pub(super) fn peek_value(&self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !is_value_char(c)).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    /// The named constant that comes next, if one does.
    pub(super) fn any_constant(&mut self) -> Option<(Literal, Type)> {
        let name = self.peek_word().split("..").next().unwrap_or_default();
        let (literal, ty) = self.options.constants.find(name)?;
        // It may begin a range or a network, no other value.
        let behind = self.rest().get(name.len()..)?;
        if behind.starts_with(is_value_char) && !behind.starts_with(['.', '/']) {
            return None;
        }
        let (start, literal) = (self.at, literal.clone());
        self.at += name.len();
        self.extension(Extension::NamedConstant, start);
        Some((literal, ty))
    }

    /// The same, where a value of this type is wanted.
    pub(super) fn constant(&mut self, expected: Type) -> Parsed<Option<Literal>> {
        let start = self.at;
        match self.any_constant() {
            Some((literal, ty)) if ty == expected => Ok(Some(literal)),
            None => Ok(None),
            Some((_, found)) => {
                let name = self.slice(self.since(start)).to_owned();
                let problem = Problem::ConstantType { name, found, expected };
                Err(Diagnostic::new(problem, self.since(start)))
            }
        }
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }

    pub(super) fn since(&self, start: usize) -> Range<usize> {
        start..self.at
    }

    pub(super) fn span(&self, start: usize) -> Span {
        Span::new(self.since(start))
    }

    pub(super) fn report(&mut self, problem: Problem, span: Range<usize>) {
        self.diagnostics.push(Diagnostic::new(problem, span));
    }

    /// Steps over white space and comments, reporting what the dialect does not have.
    pub(super) fn skip_space(&mut self) {
        loop {
            let start = self.at;
            self.take_while(|c| matches!(c, ' ' | '\n' | '\r'));
            let begin = self.at;
            if !self.take_while(|c| c.is_whitespace() && !matches!(c, ' ' | '\n' | '\r')).is_empty()
            {
                self.extension(Extension::WhiteSpace, begin);
            } else if self.peek() == Some('#') {
                self.take_while(|c| c != '\n');
                self.extension(Extension::Comment, begin);
            }
            if self.at == start {
                return;
            }
        }
    }

    /// Notes the use of an extension from `start` to here.
    pub(super) fn extension(&mut self, extension: Extension, start: usize) {
        if !self.is_extended() {
            self.report(Problem::NotInWirefilter { extension }, self.since(start));
        }
    }

    /// What comes next, in words for a message, and where it is.
    pub(super) fn found(&self) -> (String, Range<usize>) {
        let Some(first) = self.peek() else {
            return ("the end of the filter".into(), self.at..self.at);
        };
        let end = match first {
            '"' | '\'' => self.string_end(first),
            c if is_value_char(c) => {
                let rest = self.rest();
                self.at + rest.find(|c| !is_value_char(c)).unwrap_or(rest.len())
            }
            c => self.at + c.len_utf8(),
        };
        let text = self.slice(self.at..end);
        let text =
            if first.is_control() { first.escape_default().to_string() } else { shorten(text) };
        (format!("`{text}`"), self.at..end)
    }

    fn string_end(&self, quote: char) -> usize {
        let mut escaped = true;
        let end = self.rest().find(|c| {
            let closes = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        end.map_or(self.text.len(), |end| self.at + end + quote.len_utf8())
    }

    /// The fault that something else was expected here.
    pub(super) fn unexpected(&self, expected: &'static str) -> Diagnostic {
        let (found, span) = self.found();
        Diagnostic::new(Problem::Unexpected { expected, found }, span)
    }
}

const SHOWN_CHARS: usize = 40;

fn shorten(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

pub(super) const fn is_word_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// A character of numbers, addresses, byte strings and bare words.
pub(super) const fn is_value_char(c: char) -> bool {
    is_word_char(c) || matches!(c, '.' | ':' | '/' | '-' | '$' | '@')
}
