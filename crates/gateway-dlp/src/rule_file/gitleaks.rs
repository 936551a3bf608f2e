//! Rule files of gitleaks, and of betterleaks, which has grown out of it: TOML with `[[rules]]`.

use std::collections::BTreeSet;
use std::sync::Arc;

use toml::Value;

use super::filter::filter;
use super::go_syntax::from_go;
use super::{Extent, NotCarried, RuleFile, RuleFileError};
use crate::{
    Allowance, Conditions, Join, PathEntry, RegexEntry, Required, Secret, Target, Visibility,
};

type Table = toml::Table;

/// Keys of a rule that say nothing about what is found.
const TALK: &[&str] =
    &["analyze", "confidence", "description", "id", "revoke", "specificity", "tags", "validate"];

/// Reads a file.
pub(super) fn parse(text: &str) -> Result<RuleFile, RuleFileError> {
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let offset = error.span().map_or(0, |span| span.start).min(text.len());
        let before = text.as_bytes().get(..offset).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        RuleFileError::Syntax { line, reason: error.message().to_owned() }
    })?;
    let mut file = RuleFile::default();
    let extends = table.get("extend").and_then(Value::as_table);
    let rules = table.get("rules").and_then(Value::as_array);
    if rules.is_none() && extends.is_none() {
        return Err(RuleFileError::NoRules);
    }
    if let Some(extend) = extends {
        read_extend(extend, &mut file);
    }
    let mut notes = Notes { rule: String::new(), list: Vec::new() };
    file.allow.extend(allowances(&table, "allowlist", "allowlists", &mut notes));
    let known = ["allowlist", "allowlists", "extend", "minVersion", "rules", "title"];
    notes.unknown(&table, &known);
    // Rules that only bring more to a rule of the file that this one extends.
    for (index, rule) in rules.into_iter().flatten().enumerate() {
        let Some(rule) = rule.as_table() else {
            notes.rule = format!("rules[{index}]");
            notes.whole("is no table", String::new());
            continue;
        };
        notes.rule = match text_of(rule, "id") {
            Some(id) if !id.is_empty() => id,
            _ => format!("rules[{index}]"),
        };
        read_rule(rule, &mut file, &mut notes);
    }
    target_global(&table, &mut file);
    file.not_carried.append(&mut notes.list);
    Ok(file)
}

/// What of a rule is not carried over.
struct Notes {
    rule: String,
    list: Vec<NotCarried>,
}

impl Notes {
    fn add(&mut self, extent: Extent, reason: &str, detail: String) {
        let (rule, reason) = (self.rule.clone(), reason.to_owned());
        self.list.push(NotCarried { rule, extent, reason, detail });
    }

    fn whole(&mut self, reason: &str, detail: String) {
        self.add(Extent::Whole, reason, detail);
    }

    fn part(&mut self, reason: &str, detail: String) {
        self.add(Extent::Part, reason, detail);
    }

    fn unknown(&mut self, table: &Table, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
            self.part("unknown key", key.clone());
        }
    }
}

fn text_of(table: &Table, key: &str) -> Option<String> {
    table.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn texts_of(table: &Table, key: &str) -> Vec<String> {
    let list = table.get(key).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn number_of(table: &Table, key: &str) -> Option<f64> {
    let value = table.get(key)?;
    // Numbers of these files are small.
    #[expect(clippy::cast_precision_loss, reason = "an entropy is below eight")]
    value.as_float().or_else(|| value.as_integer().map(|number| number as f64))
}

fn count_of(table: &Table, key: &str) -> Option<u32> {
    table.get(key).and_then(Value::as_integer).and_then(|count| u32::try_from(count).ok())
}

fn read_extend(extend: &Table, file: &mut RuleFile) {
    file.disabled = texts_of(extend, "disabledRules");
    file.extends = text_of(extend, "path");
    let mut notes = Notes { rule: "extend".to_owned(), list: Vec::new() };
    if extend.get("useDefault").and_then(Value::as_bool) == Some(true) {
        let reason = "the rules that gitleaks brings are not built in: name their file in `path`";
        notes.whole("extends the default", reason.to_owned());
    }
    if extend.contains_key("url") {
        notes.whole("extends a URL", text_of(extend, "url").unwrap_or_default());
    }
    notes.unknown(extend, &["disabledRules", "path", "url", "useDefault"]);
    file.not_carried.append(&mut notes.list);
}

fn read_rule(rule: &Table, file: &mut RuleFile, notes: &mut Notes) {
    let known = [
        "allowlist",
        "allowlists",
        "entropy",
        "filter",
        "keywords",
        "path",
        "regex",
        "report",
        "required",
        "secretGroup",
        "skipReport",
    ];
    let all: Vec<&str> = known.iter().chain(TALK).copied().collect();
    notes.unknown(rule, &all);
    let Some(id) = text_of(rule, "id").filter(|id| !id.is_empty()) else {
        return notes.whole("has no id", String::new());
    };
    let name = text_of(rule, "description").unwrap_or_else(|| id.clone());
    let path = text_of(rule, "path").filter(|path| !path.is_empty()).map(|path| from_go(&path));
    let Some(regex) = text_of(rule, "regex").filter(|regex| !regex.is_empty()) else {
        return match path {
            Some(path) => file.paths.push(PathEntry { id, name, path }),
            None => notes.whole("has neither regex nor path", String::new()),
        };
    };
    let visibility = match rule.get("skipReport").and_then(Value::as_bool) {
        Some(true) => Visibility::Hidden,
        _ => Visibility::Reported,
    };
    let filter_text = text_of(rule, "filter").unwrap_or_default();
    let filter = filter(&filter_text);
    if !filter.rest.is_empty() {
        notes.part("a filter has more than the least entropy", filter.rest.to_owned());
    }
    let entropy = number_of(rule, "entropy").filter(|bits| *bits > 0.0);
    let group = count_of(rule, "secretGroup").unwrap_or(0);
    let conditions = Conditions {
        secret: match usize::try_from(group) {
            Ok(group) if group > 0 => Secret::Group(group),
            _ => Secret::First,
        },
        entropy_above: entropy.or(filter.entropy_above),
        keywords: texts_of(rule, "keywords"),
        path,
        allow: allowances(rule, "allowlist", "allowlists", notes),
        required: required(rule, notes),
        visibility,
        ..Conditions::default()
    };
    let entry = RegexEntry::new(id, name, from_go(&regex));
    file.regexes.push(RegexEntry { conditions, ..entry });
}

fn required(rule: &Table, notes: &mut Notes) -> Vec<Required> {
    let list = rule.get("required").and_then(Value::as_array);
    let mut required = Vec::new();
    for item in list.into_iter().flatten().filter_map(Value::as_table) {
        notes.unknown(item, &["id", "withinColumns", "withinLines"]);
        let Some(entry) = text_of(item, "id") else {
            notes.part("a required rule has no id", String::new());
            continue;
        };
        required.push(Required {
            entry,
            lines_max: count_of(item, "withinLines"),
            columns_max: count_of(item, "withinColumns"),
        });
    }
    required
}

/// The allow-lists of a rule or of the file: one table, or several.
fn allowances(table: &Table, one: &str, several: &str, notes: &mut Notes) -> Vec<Arc<Allowance>> {
    let tables = table
        .get(one)
        .into_iter()
        .chain(table.get(several).and_then(Value::as_array).into_iter().flatten());
    let tables = tables.filter_map(Value::as_table);
    // Those for some rules are given to them, where all are known.
    let own = tables.filter(|allow| !allow.contains_key("targetRules"));
    own.filter_map(|allow| allowance(allow, notes)).map(Arc::new).collect()
}

fn allowance(allow: &Table, notes: &mut Notes) -> Option<Allowance> {
    let known = [
        "commits",
        "condition",
        "description",
        "paths",
        "regexTarget",
        "regexes",
        "stopwords",
        "targetRules",
    ];
    notes.unknown(allow, &known);
    let from_go = |list: Vec<String>| list.iter().map(|one| from_go(one)).collect();
    let join = match text_of(allow, "condition").as_deref() {
        Some("AND" | "and" | "&&") => Join::All,
        Some("OR" | "or" | "||" | "") | None => Join::Any,
        Some(other) => {
            notes.part("unknown condition", other.to_owned());
            return None;
        }
    };
    if allow.contains_key("commits") {
        notes.part("allows commits", String::new());
        // No part is of a commit: with others that must hold too, nothing is allowed.
        if join == Join::All {
            return None;
        }
    }
    let target = match text_of(allow, "regexTarget").as_deref() {
        Some("match") => Target::Match,
        Some("line") => Target::Line,
        Some("secret" | "") | None => Target::Secret,
        Some(other) => {
            notes.part("unknown regexTarget", other.to_owned());
            return None;
        }
    };
    Some(Allowance {
        regexes: from_go(texts_of(allow, "regexes")),
        stop_words: texts_of(allow, "stopwords"),
        paths: from_go(texts_of(allow, "paths")),
        target,
        join,
    })
}

/// Gives allow-lists of the file that are for some rules to those rules.
fn target_global(table: &Table, file: &mut RuleFile) {
    let lists = table.get("allowlists").and_then(Value::as_array).into_iter().flatten();
    for list in lists.filter_map(Value::as_table).filter(|list| list.contains_key("targetRules")) {
        let mut notes = Notes { rule: "allowlists".to_owned(), list: Vec::new() };
        let rules: BTreeSet<String> = texts_of(list, "targetRules").into_iter().collect();
        if let Some(allowance) = allowance(list, &mut notes).map(Arc::new) {
            let wanted = |entry: &&mut RegexEntry| rules.contains(&entry.id);
            for entry in file.regexes.iter_mut().filter(wanted) {
                entry.conditions.allow.push(Arc::clone(&allowance));
            }
        }
        file.not_carried.append(&mut notes.list);
    }
}
