//! Rule files of kingfisher and noseyparker: YAML with a list `rules`.

use gateway_inspect::Confidence;

use super::yaml::{self, Node, Value};
use super::{Extent, NotCarried, RuleExample, RuleFile, RuleFileError};
use crate::{Allowance, Characters, Conditions, RegexEntry, Secret};

/// Keys of a rule that say nothing about what is found.
const TALK: &[&str] =
    &["categories", "description", "id", "name", "references", "tags", "tls_mode"];

/// Keys of a rule that ask others about what is found: nothing is sent anywhere here.
const ASKING: &[&str] = &["access_map", "liveness", "revocation", "validation"];

/// Reads a file.
pub(super) fn parse(text: &str) -> Result<RuleFile, RuleFileError> {
    let tree = yaml::parse(text)?;
    let Some(rules) = tree.get("rules") else { return Err(RuleFileError::NoRules) };
    let mut file = RuleFile::default();
    for rule in rules.items() {
        read_rule(rule, &mut file);
    }
    Ok(file)
}

fn read_rule(rule: &Node, file: &mut RuleFile) {
    let text = |key: &str| rule.get(key).and_then(Node::text);
    let id = text("id").map_or_else(|| format!("line {}", rule.line), str::to_owned);
    let mut notes = Vec::new();
    let mut note = |extent, reason: &str, detail: String| {
        notes.push(NotCarried { rule: id.clone(), extent, reason: reason.to_owned(), detail });
    };
    let (Some(_), Some(pattern)) = (text("id"), text("pattern")) else {
        note(Extent::Whole, "has no id or no pattern", String::new());
        file.not_carried.append(&mut notes);
        return;
    };
    for key in rule.keys().filter(|key| !TALK.contains(key)) {
        match key {
            "confidence"
            | "examples"
            | "min_entropy"
            | "negative_examples"
            | "pattern"
            | "pattern_requirements" => {}
            // It is kept back from reports there; what it finds is a part of another secret.
            "visible" => {}
            "depends_on_rule" => {
                note(Extent::Part, "depends_on_rule (for validation)", String::new());
            }
            key if ASKING.contains(&key) => note(Extent::Part, key, String::new()),
            other => note(Extent::Part, "unknown key", other.to_owned()),
        }
    }
    let mut conditions =
        Conditions { secret: Secret::Named("TOKEN".to_owned()), ..Conditions::default() };
    match text("confidence").map(str::to_ascii_lowercase).as_deref() {
        Some("low") => conditions.confidence = Confidence::Low,
        Some("high") => conditions.confidence = Confidence::High,
        Some("medium") | None => {}
        Some(other) => note(Extent::Part, "unknown confidence", other.to_owned()),
    }
    match text("min_entropy").map(str::parse::<f64>) {
        Some(Ok(bits)) if bits > 0.0 => conditions.entropy_above = Some(bits),
        Some(Err(_)) => note(Extent::Part, "min_entropy is no number", String::new()),
        Some(Ok(_)) | None => {}
    }
    if let Some(needs) = rule.get("pattern_requirements") {
        requirements(needs, &mut conditions, &mut note);
    }
    for (key, is_found) in [("examples", true), ("negative_examples", false)] {
        for text in rule.get(key).into_iter().flat_map(Node::items).filter_map(Node::text) {
            let text = text.to_owned();
            file.examples.push(RuleExample { rule: id.clone(), text, is_found });
        }
    }
    let name = text("name").unwrap_or(&id);
    let entry = RegexEntry::new(id.clone(), name, without_comments(pattern.trim_end()));
    file.regexes.push(RegexEntry { conditions, ..entry });
    file.not_carried.append(&mut notes);
}

/// `pattern` without the comments `(?# …)` that other regular expressions have.
fn without_comments(pattern: &str) -> String {
    let mut ours = String::with_capacity(pattern.len());
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(c) = rest.chars().next() {
        if !in_class && rest.starts_with("(?#") {
            rest = rest.split_once(')').map_or("", |(_, rest)| rest);
            continue;
        }
        in_class = match c {
            '[' => true,
            ']' => false,
            _ => in_class,
        };
        let mut end = c.len_utf8();
        if c == '\\' {
            end += rest[end..].chars().next().map_or(0, char::len_utf8);
        }
        ours.push_str(&rest[..end]);
        rest = &rest[end..];
    }
    ours
}

fn requirements(
    needs: &Node,
    conditions: &mut Conditions,
    note: &mut impl FnMut(Extent, &str, String),
) {
    let count = |key: &str| {
        needs.get(key).and_then(Node::text).and_then(|text| text.parse::<usize>().ok()).unwrap_or(0)
    };
    conditions.characters = Characters {
        digits_min: count("min_digits"),
        upper_min: count("min_uppercase"),
        lower_min: count("min_lowercase"),
        special_min: count("min_special_chars"),
    };
    for key in needs.keys() {
        match key {
            "min_digits" | "min_lowercase" | "min_special_chars" | "min_uppercase" => {}
            "ignore_if_contains" => {
                let words = needs.get(key).into_iter().flat_map(Node::items);
                let stop_words: Vec<String> =
                    words.filter_map(Node::text).map(str::to_owned).collect();
                let allowance = Allowance { stop_words, ..Allowance::default() };
                conditions.allow.push(allowance.into());
            }
            "checksum" => note(Extent::Part, "checksum", String::new()),
            other => note(Extent::Part, "unknown requirement", other.to_owned()),
        }
    }
    if !matches!(needs.value, Value::Map(_)) {
        note(Extent::Part, "pattern_requirements is no map", String::new());
    }
}
