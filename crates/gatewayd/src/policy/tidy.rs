//! Filters of a `rules.toml` in one layout; whatever else stands in the file stays, byte for byte.

use std::cmp::Reverse;
use std::ops::Range;
use std::path::Path;

use gateway_rules::{Diagnostic, Filter, ParseOptions, Scheme, UnknownLists};
use serde::Deserialize;
use toml::Spanned;

use super::{PolicyError, Problem, constants, string_offset};
use crate::place::Place;
use crate::toml_file;

/// The text of a file with its filters laid out.
#[derive(Debug)]
pub(crate) struct Tidied {
    /// The text.
    pub(crate) text: String,
    /// The rules whose filter has changed: where it stood, and the id.
    pub(crate) changed: Vec<(Place, String)>,
}

/// What is read of the file.
#[derive(Deserialize)]
struct Filters {
    #[serde(default)]
    constants: constants::Table,
    #[serde(default)]
    rule: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    id: String,
    filter: Option<Spanned<String>>,
}

/// Blanks at the begin of each line of a filter of several lines.
const BLANKS: usize = 2;

/// Lays out the filters in `text`, the contents of `file`. Lists are not looked for.
///
/// # Errors
///
/// [`PolicyError`] where the text is no TOML, or with every filter that is none.
pub(crate) fn tidy(file: &Path, text: &str) -> Result<Tidied, PolicyError> {
    let Filters { constants, rule } = toml_file::parse(file, text)?;
    let mut problems = Vec::new();
    let options = ParseOptions {
        constants: constants::read((file, text), &constants, &mut problems).into(),
        unknown_lists: UnknownLists::Empty,
        ..ParseOptions::default()
    };
    let scheme = Scheme::gateway();
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut edits: Vec<(Range<usize>, String, String)> = Vec::new();
    for entry in &rule {
        let Some(filter) = &entry.filter else { continue };
        let span = filter.span();
        match Filter::canonical_indented(&scheme, filter.get_ref(), BLANKS, &options) {
            Ok(layout) => {
                let raw = text.get(span.clone()).unwrap_or_default();
                let new = string(raw, filter.get_ref(), &layout, line_end);
                if new != raw {
                    edits.push((span, new, entry.id.clone()));
                }
            }
            Err(error) => {
                let problem = |fault: &Diagnostic| {
                    let at = string_offset::in_file(text, span.clone(), fault.span().start);
                    let place = Place::of(file, text, at);
                    let line = text.lines().nth(place.line - 1).unwrap_or_default().to_owned();
                    let rule = entry.id.clone();
                    Problem::Filter { place, rule, diagnostic: fault.clone(), line }
                };
                problems.extend(error.diagnostics().iter().map(problem));
            }
        }
    }
    if !problems.is_empty() {
        return Err(PolicyError::of_file(problems));
    }
    let place = |span: &Range<usize>| Place::of(file, text, span.start);
    let mut changed: Vec<(Place, String)> =
        edits.iter().map(|(span, _, id)| (place(span), id.clone())).collect();
    changed.sort();
    edits.sort_by_key(|(span, ..)| Reverse(span.start));
    let mut tidied = text.to_owned();
    for (span, new, _) in edits {
        tidied.replace_range(span, &new);
    }
    Ok(Tidied { text: tidied, changed })
}

/// The string of TOML that says `layout`: `raw`, which says `value`, where it does so already. A
/// string of one line stays one where the layout is one, else it stands between `'''`.
fn string(raw: &str, value: &str, layout: &str, line_end: &str) -> String {
    let quotes = ["'''", "\"\"\""].into_iter().find(|quotes| raw.starts_with(quotes));
    let has_lines = quotes.is_some() && raw.contains('\n');
    if !has_lines && !layout.contains('\n') {
        let line = layout.trim_start();
        return if line == value { raw.to_owned() } else { one_line(line) };
    }
    let body = format!("{layout}\n");
    let begins_line = |quotes: &str| {
        let body = raw.strip_prefix(quotes).unwrap_or_default();
        body.starts_with('\n') || body.starts_with("\r\n")
    };
    if value.replace("\r\n", "\n") == body && quotes.is_some_and(begins_line) {
        return raw.to_owned();
    }
    let body = body.replace("\r\n", "\n").replace('\n', line_end);
    if body.contains("'''") || has_controls(&body) {
        return format!("\"\"\"{line_end}{}\"\"\"", escaped(&body));
    }
    format!("'''{line_end}{body}'''")
}

fn one_line(line: &str) -> String {
    let is_plain = !has_controls(line);
    if is_plain && !line.contains('\'') {
        return format!("'{line}'");
    }
    if is_plain && !line.contains("'''") && !line.starts_with('\'') && !line.ends_with('\'') {
        return format!("'''{line}'''");
    }
    format!("\"{}\"", escaped(line))
}

fn has_controls(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
}

/// A text as it stands between `"`, or three of them; line ends as they are.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\t' | '\n' | '\r' => out.push(c),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tidied(text: &str) -> Tidied {
        tidy(Path::new("f"), text).expect("sound rules")
    }

    #[track_caller]
    fn check(filter: &str, expected: &str) {
        let around = |filter: &str| {
            format!(
                "# mine\n[[rule]] # a\nid=\"a\"\nfilter   =  {filter}  # why\nlayer = 'http'\n\n# end"
            )
        };
        for line_end in ["\n", "\r\n"] {
            let text = around(filter).replace('\n', line_end);
            let tidy = tidied(&text);
            assert_eq!(tidy.text, around(expected).replace('\n', line_end));
            assert_eq!(tidy.changed.len(), usize::from(filter != expected));
            assert!(tidied(&tidy.text).changed.is_empty(), "{}", tidy.text);
        }
    }

    #[test]
    fn strings_keep_their_form_where_they_can() {
        for (filter, expected) in [
            ("'av.infected'", "'av.infected'"),
            (r#""av.infected""#, r#""av.infected""#),
            (r#""av.infected&&net.dst.port eq 1""#, "'av.infected and net.dst.port == 1'"),
            ("' av.infected '", "'av.infected'"),
            ("'''av.infected  or  true'''", "'av.infected or true'"),
            ("'''\nav.infected\n'''", "'''\n  av.infected\n'''"),
            ("'''\n  av.infected # x\n  or true\n'''", "'''\n  av.infected # x\n  or true\n'''"),
            ("'''\n  av.infected\n or true'''", "'''\n  av.infected\n  or true\n'''"),
            ("\"\"\"\n  av.infected\n\"\"\"", "\"\"\"\n  av.infected\n\"\"\""),
            (r#""av.infected # isn't\nor true""#, "'''\n  av.infected # isn't\n  or true\n'''"),
            (r#""net.dst.host  == \"it's\" or true""#, r#"'''net.dst.host == "it's" or true'''"#),
            (
                r#""net.dst.host  == \"\\x01\u0001''' \"""#,
                r#""net.dst.host == \"\\x01\u0001''' \"""#,
            ),
        ] {
            check(filter, expected);
        }
    }

    #[test]
    fn long_filters_are_broken() {
        let (a, b) = ("a".repeat(36), "b".repeat(36));
        let filter = format!("'net.dst.host in {{\"{a}\", \"{b}\"}} or av.infected'");
        let expected = format!("'''\n  net.dst.host in {{\"{a}\" \"{b}\"}}\n  or av.infected\n'''");
        check(&filter, &expected);
    }

    #[test]
    fn what_is_no_filter_is_told() {
        let text =
            "[constants]\nx = []\n[[rule]]\nid = 'a'\nfilter = 'net.dst.port = 1 and nothing'\n";
        let error = tidy(Path::new("f"), text).expect_err("three faults").to_string();
        for told in ["f:2:1: constant `x`", "f:5:24: rule `a`: error[assignment]", "f:5:32: "] {
            assert!(error.contains(told), "{error}");
        }
        let constants = "[constants]\nssh = 22\n[[rule]]\nfilter = 'net.dst.port==ssh'\n";
        assert!(tidied(constants).text.ends_with("filter = 'net.dst.port == ssh'\n"));
        let lists = "[[rule]]\nfilter = 'net.dst.port in $none'\n";
        assert!(tidied(lists).changed.is_empty());
    }
}
