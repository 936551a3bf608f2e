//! What is odd about rules that are in order: each finding with its file, line and columns.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use gateway_rules::{Finding, Flaw, RuleSet, Weight, unused_constants, unused_lists};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use toml::Spanned;

use super::{PolicyError, lists, string_offset};
use crate::place::Place;
use crate::toml_file;

/// One finding.
#[derive(Debug)]
pub(crate) struct Oddity {
    /// Where it begins.
    place: Place,
    /// The last character that it is about.
    end: Place,
    /// The id of the rule; `None` where it is about no rule.
    rule: Option<String>,
    flaw: Flaw,
    /// The line of the file.
    line: String,
}

/// What is read of `rules.toml`; that it is in order has been checked.
#[derive(Deserialize)]
struct Filters {
    #[serde(default)]
    rule: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    filter: Spanned<String>,
    enabled: Option<bool>,
}

/// What is read of `lists.toml`.
#[derive(Deserialize)]
struct ListIds {
    #[serde(default)]
    list: Vec<ListId>,
}

#[derive(Deserialize)]
struct ListId {
    id: Spanned<String>,
}

/// Looks at `rules`, which were loaded from `file`.
///
/// # Errors
///
/// The file can no longer be read.
pub(crate) fn look(file: &Path, rules: &RuleSet) -> Result<Vec<Oddity>, PolicyError> {
    let text = toml_file::read(file)?;
    let entries = toml_file::parse::<Filters>(file, &text)?.rule;
    let filters = || entries.iter().map(|entry| entry.filter.get_ref());
    let enabled: Vec<&Entry> =
        entries.iter().filter(|entry| entry.enabled.unwrap_or(true)).collect();
    let mut found = Vec::new();
    for name in unused_constants(rules.constants(), filters()) {
        let place = toml_file::place_of(file, &text, &["constants", name]);
        found.push(Oddity::of_name(place, &text, Flaw::UnusedConstant { name: name.to_owned() }));
    }
    for finding in rules.lint() {
        if let Some(entry) = enabled.get(finding.rule.get()) {
            let id = rules.rule(finding.rule).map(|rule| rule.id.clone());
            found.push(Oddity::of_rule((file, &text), entry.filter.span(), id, finding));
        }
    }
    let unused = unused_lists(rules.lists(), filters());
    if !unused.is_empty() {
        let file = lists::file(file.parent().unwrap_or_else(|| Path::new("")));
        let text = toml_file::read(&file)?;
        let entries = toml_file::parse::<ListIds>(&file, &text)?.list;
        for id in entries.iter().map(|entry| &entry.id) {
            if unused.contains(&id.get_ref().as_str()) {
                let place = Place::of(&file, &text, id.span().start);
                let flaw = Flaw::UnusedList { name: id.get_ref().clone() };
                found.push(Oddity::of_name(place, &text, flaw));
            }
        }
    }
    Ok(found)
}

impl Oddity {
    fn of_name(place: Place, text: &str, flaw: Flaw) -> Self {
        let line = line_of(text, &place);
        Self { end: place.clone(), place, rule: None, flaw, line }
    }

    fn of_rule(
        (file, text): (&Path, &str),
        value: Range<usize>,
        rule: Option<String>,
        finding: Finding,
    ) -> Self {
        let at = |offset| string_offset::in_file(text, value.clone(), offset);
        let place = Place::of(file, text, at(finding.span.start));
        let last = finding.span.end.saturating_sub(1).max(finding.span.start);
        let end = Place::of(file, text, at(last));
        let line = line_of(text, &place);
        Self { place, end, rule, flaw: finding.flaw, line }
    }

    /// How much it matters.
    pub(crate) const fn weight(&self) -> Weight {
        self.flaw.weight()
    }

    /// The finding for tools; columns are counted in characters from 1, and the last one belongs
    /// to it.
    pub(crate) fn to_json(&self) -> Json {
        json!({
            "code": self.flaw.code(),
            "severity": self.weight().word(),
            "rule": self.rule,
            "message": self.flaw.to_string(),
            "help": self.flaw.help(),
            "file": self.place.file.display().to_string(),
            "line": self.place.line,
            "column": self.place.column,
            "end_line": self.end.line,
            "end_column": self.end.column,
        })
    }
}

fn line_of(text: &str, place: &Place) -> String {
    text.lines().nth(place.line - 1).unwrap_or_default().to_owned()
}

/// The most carets below a line.
const CARETS_MAX: usize = 80;

/// The headline, the line with carets below the place, and what helps.
impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if let Some(rule) = &self.rule {
            write!(f, "rule `{rule}`: ")?;
        }
        writeln!(f, "{}[{}]: {}", self.weight().word(), self.flaw.code(), self.flaw)?;
        let column = self.place.column - 1;
        let blank = |c: char| if c == '\t' { c } else { ' ' };
        let indent: String = self.line.chars().take(column).map(blank).collect();
        let carets = match self.end.line.cmp(&self.place.line) {
            Ordering::Equal => (self.end.column + 1).saturating_sub(self.place.column),
            Ordering::Less | Ordering::Greater => self.line.chars().count().saturating_sub(column),
        };
        let carets = "^".repeat(carets.clamp(1, CARETS_MAX));
        writeln!(f, "    {}\n    {indent}{carets}", self.line)?;
        write!(f, "    help: {}", self.flaw.help())
    }
}
