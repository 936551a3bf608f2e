//! Diagnostics: a problem with its place in the source, and the text that shows both.

use std::fmt;
use std::ops::Range;

use crate::fix::{self, Fix};
use crate::problem::Problem;

/// Whether a diagnostic stops the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The filter cannot be used.
    Error,
    /// The filter can be used, but not as its author may think.
    Warning,
}

impl Severity {
    const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A problem and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Apart, so that what may fail is passed on in a few bytes.
    problem: Box<Problem>,
    span: Range<usize>,
}

impl Diagnostic {
    pub(crate) fn new(problem: Problem, span: Range<usize>) -> Self {
        Self { problem: Box::new(problem), span }
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The byte range of the source that it is about; empty at its end where something is lacking.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Whether it stops the filter.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        if self.problem.is_warning() { Severity::Warning } else { Severity::Error }
    }

    /// What to write instead, exactly, where that can be said.
    #[must_use]
    pub fn fix(&self) -> Option<Fix> {
        fix::fix(&self.problem, self.span())
    }

    /// The diagnostic as a JSON object: `code`, `severity` (`error` or `warning`), `message`,
    /// `start` and `end` as byte offsets, `line` and `column` counted from 1, the column in
    /// characters; `help` and `fix` (`start`, `end`, `text`) where there are any.
    ///
    /// `source` is the text of the filter.
    #[must_use]
    pub fn to_json(&self, source: &str) -> String {
        let (line, column) = self.line_and_column(source);
        let mut json = serde_json::json!({
            "code": self.problem.code(),
            "severity": self.severity().word(),
            "message": self.to_string(),
            "start": self.span.start,
            "end": self.span.end,
            "line": line,
            "column": column,
        });
        if let Some(members) = json.as_object_mut() {
            members.extend(self.problem.help().map(|help| ("help".to_owned(), help.into())));
            members.extend(self.fix().map(|Fix { span, text }| {
                let fix = serde_json::json!({"start": span.start, "end": span.end, "text": text});
                ("fix".to_owned(), fix)
            }));
        }
        // Whatever order another crate of the build asks `serde_json` to keep.
        json.sort_all_objects();
        json.to_string()
    }

    fn line_and_column(&self, source: &str) -> (usize, usize) {
        let before = source.get(..floor_boundary(source, self.span.start)).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }

    /// The text for a terminal: headline, place, the line with carets, help.
    ///
    /// `source` is the text of the filter. Long lines are shortened around the carets.
    #[must_use]
    pub const fn render<'a>(&'a self, source: &'a str) -> Rendered<'a> {
        Rendered { diagnostic: self, source }
    }
}

/// The headline alone.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

/// A diagnostic together with its source; `Display` writes several lines, the last without a line
/// end.
#[derive(Clone, Copy, Debug)]
pub struct Rendered<'a> {
    diagnostic: &'a Diagnostic,
    source: &'a str,
}

/// The most characters of a line that are shown on either side of the carets, and under them.
const CONTEXT_CHARS: usize = 40;

impl fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = &self.diagnostic.problem;
        let severity = self.diagnostic.severity().word();
        let start = floor_boundary(self.source, self.diagnostic.span.start);
        let before = self.source.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let number = before.matches('\n').count() + 1;
        let line = self.source.get(line_start..).unwrap_or_default();
        let line = line.split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let end = floor_boundary(self.source, self.diagnostic.span.end).max(start) - line_start;
        let end = end.min(line.len());
        let start = (start - line_start).min(line.len());
        let (lead, rest) = line.split_at(start);
        let (marked, tail) = rest.split_at(end.saturating_sub(start));

        let column = lead.chars().count() + 1;
        let gutter = " ".repeat(number.to_string().len());
        writeln!(f, "{severity}[{}]: {problem}", problem.code())?;
        writeln!(f, "{gutter}--> {number}:{column}")?;
        writeln!(f, "{gutter} |")?;
        let (lead, marked, tail) = (last_chars(lead), first_chars(marked), first_chars(tail));
        writeln!(f, "{number} | {}{}{}", plain(&lead), plain(&marked), plain(&tail))?;
        let indent = " ".repeat(lead.chars().count());
        let carets = "^".repeat(marked.chars().count().max(1));
        write!(f, "{gutter} | {indent}{carets}")?;
        if let Some(help) = problem.help() {
            write!(f, "\n{gutter} = help: {help}")?;
        }
        Ok(())
    }
}

/// One blank for each control character, so that the carets stay under their place.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn first_chars(text: &str) -> String {
    let mut shown: String = text.chars().take(CONTEXT_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

fn last_chars(text: &str) -> String {
    let cut = text.char_indices().rev().nth(CONTEXT_CHARS - 1).map_or(0, |(at, _)| at);
    let shown = text.get(cut..).unwrap_or_default();
    if cut > 0 { format!("…{shown}") } else { shown.to_owned() }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, span: Range<usize>, expected: &[&str]) {
        let problem = Problem::UnknownField { name: "x".into(), suggestion: Some("y".into()) };
        let text = Diagnostic::new(problem, span).render(source).to_string();
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_place_is_marked() {
        check(
            "a and\nx == 1",
            6..7,
            &[
                "error[unknown-field]: no field is called `x`; did you mean `y`?",
                " --> 2:1",
                "  |",
                "2 | x == 1",
                "  | ^",
                "  = help: write `y`",
            ],
        );
    }

    #[test]
    fn tools_get_the_same_as_json() {
        let problem = Problem::UnknownField { name: "x".into(), suggestion: Some("y".into()) };
        let json = Diagnostic::new(problem, 7..8).to_json("é and\nx == 1");
        let expected = serde_json::json!({
            "code": "unknown-field",
            "severity": "error",
            "message": "no field is called `x`; did you mean `y`?",
            "start": 7,
            "end": 8,
            "line": 2,
            "column": 1,
            "help": "write `y`",
            "fix": {"start": 7, "end": 8, "text": "y"},
        });
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).expect("JSON"), expected);
        let bare = Diagnostic::new(Problem::Nesting { depth_max: 3 }, 0..1).to_json("(");
        assert!(!bare.contains("help") && !bare.contains("fix"), "{bare}");
    }

    #[test]
    fn odd_places_and_sources_are_shown() {
        let long = format!("{}x{}", "é".repeat(100), "z".repeat(100));
        for (source, span) in [("", 0..0), ("é", 1..2), ("a\tb", 9..12), (&long, 200..201)] {
            let problem = Problem::Empty;
            let text = Diagnostic::new(problem, span).render(source).to_string();
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(lines.len(), 6, "{text}");
            assert!(lines[4].ends_with('^'), "{text}");
            assert!(lines.iter().all(|line| line.chars().count() < 120), "{text}");
        }
        let text = Diagnostic::new(Problem::Empty, 200..201).render(&long).to_string();
        let lines: Vec<&str> = text.lines().collect();
        let caret = lines[4].chars().position(|c| c == '^').expect("a caret");
        assert_eq!(lines[3].chars().nth(caret), Some('x'));
    }
}
