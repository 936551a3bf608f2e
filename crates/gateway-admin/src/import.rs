//! Rules as Cloudflare's Gateway API returns them (`GET /accounts/:id/gateway/rules`), made into the
//! text of a policy. What this gateway cannot do is named; nothing is left out in silence.
//!
//! A rule keeps its text and is disabled where what it lacks would change whom it meets; it stands
//! there as a comment where it cannot be a rule of this gateway at all.

mod losses;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use gateway_rules::{Field, Scheme, Type};
use serde_json::Value;

use self::losses::losses;
use crate::rule_json::RuleJson;
use crate::rule_text::RuleText;

/// A policy made of rules from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The text of `rules.toml`.
    pub rules: String,
    /// The text of `lists.toml`, where rules name lists; their entries are still to be filled in.
    pub lists: Option<String>,
    /// How many rules were read.
    pub read: usize,
    /// What was not carried over, rule by rule in their order.
    pub left: Vec<Left>,
}

/// Something that was not carried over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The id of the rule; its name, or its place, where it has none.
    pub rule: String,
    /// What it is, and why.
    pub what: String,
    /// What became of the rule.
    pub fate: Fate,
}

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It does what it did, but for this.
    Kept,
    /// It would meet others than it did, and is disabled.
    Disabled,
    /// It stands there as a comment.
    Comment,
}

/// Writes `rule `id`: what: fate`.
impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fate = match self.fate {
            Fate::Kept => "the rule goes without it",
            Fate::Disabled => "the rule is disabled",
            Fate::Comment => "the rule is a comment",
        };
        write!(f, "rule `{}`: {}; {fate}", self.rule, self.what)
    }
}

/// Why a text cannot be imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// It is no JSON.
    #[error("the text is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is neither a list of rules nor an answer that has one.
    #[error("found {found}, expected a list of rules, or an object with a list as `result`")]
    Form {
        /// What it is.
        found: &'static str,
    },
    /// The answer is one of failure.
    #[error("the answer tells of a failure: {errors}")]
    Failure {
        /// What it tells.
        errors: String,
    },
    /// Rules are on further pages of the answer.
    #[error("the answer has page {page} of {pages}: join the pages' `result` into one list")]
    Pages {
        /// The page.
        page: u64,
        /// How many there are.
        pages: u64,
    },
}

/// Makes a policy of the rules in `json`: a list of rules, or an answer of the API with the list as
/// `result`.
///
/// # Errors
///
/// [`ImportError`]. A rule that is not understood does not fail the rest.
pub fn import(json: &str) -> Result<Imported, ImportError> {
    let raw = rules_of(serde_json::from_str(json)?)?;
    let mut rules: Vec<(u64, usize, Value)> = raw
        .into_iter()
        .enumerate()
        .map(|(at, rule)| (rule["precedence"].as_u64().unwrap_or(u64::MAX), at, rule))
        .collect();
    rules.sort_by_key(|(precedence, at, _)| (*precedence, *at));
    let mut policy = Policy::default();
    for (_, at, rule) in &rules {
        policy.add(*at, rule);
    }
    Ok(policy.finish(rules.len()))
}

fn rules_of(json: Value) -> Result<Vec<Value>, ImportError> {
    let found = match json {
        Value::Array(rules) => return Ok(rules),
        Value::Object(mut answer) => {
            if answer.get("success") == Some(&Value::Bool(false)) {
                let errors = answer.remove("errors").unwrap_or_default().to_string();
                return Err(ImportError::Failure { errors });
            }
            let info = answer.get("result_info");
            let number = |key| info.and_then(|info| info.get(key)).and_then(Value::as_u64);
            if let (Some(page), Some(pages)) = (number("page"), number("total_pages"))
                && pages > 1
            {
                return Err(ImportError::Pages { page, pages });
            }
            match answer.remove("result").or_else(|| answer.remove("rules")) {
                Some(Value::Array(rules)) => return Ok(rules),
                _ if answer.contains_key("action") => return Ok(vec![Value::Object(answer)]),
                _ => "an object without a list as `result`",
            }
        }
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
    };
    Err(ImportError::Form { found })
}

/// The text being made.
#[derive(Default)]
struct Policy {
    parts: Vec<String>,
    ids: BTreeSet<String>,
    /// The type of each list that rules name, and the fields that are looked for in it.
    lists: BTreeMap<String, (&'static str, BTreeSet<String>)>,
    left: Vec<Left>,
    carried: usize,
}

impl Policy {
    fn add(&mut self, at: usize, raw: &Value) {
        let shown = ["id", "name"].into_iter().filter_map(|key| raw[key].as_str());
        let mut shown = shown.filter(|text| !text.is_empty());
        let shown = shown.next().map_or_else(|| format!("number {}", at + 1), str::to_owned);
        let lost = |what: String, fate| Left { rule: shown.clone(), what, fate };
        let as_json = || serde_json::to_string_pretty(raw).unwrap_or_default();
        let rule = match serde_json::from_value::<RuleJson>(raw.clone()) {
            Ok(rule) => rule,
            Err(error) => {
                let what = format!("it is not understood: {error}");
                return self.push(vec![lost(what, Fate::Comment)], &as_json());
            }
        };
        let mut rule = self.with_id(rule);
        let lists = put_right(&mut rule);
        let mut left: Vec<Left> =
            losses(&mut rule).into_iter().map(|(what, fate)| lost(what, fate)).collect();
        name_bodies(&mut rule);
        if left.iter().all(|left| left.fate != Fate::Comment) {
            for (name, (kind, field)) in lists {
                let what =
                    format!("the entries of the list `${name}`, to be written to lists.toml");
                left.push(lost(what, Fate::Disabled));
                let known = self.lists.entry(name).or_insert((kind, BTreeSet::new()));
                known.1.insert(field);
            }
        }
        if left.iter().any(|left| left.fate == Fate::Disabled) {
            rule.enabled = false;
        }
        let text = text_of(&rule).unwrap_or_else(|reason| {
            left.push(lost(reason, Fate::Comment));
            as_json()
        });
        self.push(left, &text);
    }

    fn push(&mut self, mut left: Vec<Left>, text: &str) {
        let mut part = String::new();
        for line in left.iter().flat_map(|left| left.what.split('\n')) {
            part.push_str(&comment(&format!("not carried over: {line}")));
        }
        if left.iter().any(|left| left.fate == Fate::Comment) {
            part.push_str(&commented(text));
        } else {
            self.carried += 1;
            part.push_str(text);
        }
        self.parts.push(part);
        self.left.append(&mut left);
    }

    /// The rule with an id of its own.
    fn with_id(&mut self, mut rule: RuleJson) -> RuleJson {
        let stem = if rule.id.is_empty() { RuleText::id_of(&rule.name) } else { rule.id.clone() };
        rule.id.clone_from(&stem);
        let mut number = 1;
        while !self.ids.insert(rule.id.clone()) {
            number += 1;
            rule.id = format!("{stem}-{number}");
        }
        rule
    }

    fn finish(self, read: usize) -> Imported {
        let mut rules = format!(
            "# Imported from Cloudflare Gateway: {read} rules read, {} carried over.\n",
            self.carried
        );
        for part in &self.parts {
            rules.push('\n');
            rules.push_str(part.trim_end());
            rules.push('\n');
        }
        let mut lists =
            String::from("# Lists that imported rules name; their entries are to be filled in.\n");
        for (name, (kind, fields)) in &self.lists {
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            lists.push_str(&format!(
                "\n# looked into for {}\n[[list]]\nid = \"{name}\"\ntype = \"{kind}\"\nentries = []\n",
                fields.join(", ")
            ));
        }
        let lists = (!self.lists.is_empty()).then_some(lists);
        Imported { rules, lists, read, left: self.left }
    }
}

/// One line as a comment, which holds no control characters (TOML 1.1, "Comment").
fn comment(line: &str) -> String {
    let mut text = "# ".to_owned();
    for c in line.chars() {
        if c.is_control() && c != '\t' {
            text.extend(c.escape_default());
        } else {
            text.push(c);
        }
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

fn commented(text: &str) -> String {
    text.lines().map(comment).collect()
}

/// The rule as it stands in `rules.toml`.
fn text_of(rule: &RuleJson) -> Result<String, String> {
    let mut alone = RuleText::read("").map_err(|problem| problem.detail().to_owned())?;
    let mut rule = rule.clone();
    rule.precedence = None;
    let filter = rule.filter();
    (rule.traffic, rule.identity, rule.device_posture) = (filter, String::new(), String::new());
    alone.add(rule).map_err(|problem| problem.detail().to_owned())?;
    Ok(alone.write().trim_start().to_owned())
}

/// Fields by the names that older rules have for them.
const RENAMED: [(&str, &str); 2] =
    [("http.conn.domains", "http.request.domains"), ("http.conn.hostname", "http.request.host")];

/// Puts older names and what is left empty right; gives the lists that the rule names, with the
/// type that each needs and the field that is looked for in it.
fn put_right(rule: &mut RuleJson) -> BTreeMap<String, (&'static str, String)> {
    for text in [&mut rule.traffic, &mut rule.identity, &mut rule.device_posture] {
        *text = outside_of_strings(text, |plain| {
            RENAMED.iter().fold(plain.to_owned(), |text, (old, new)| text.replace(old, new))
        });
    }
    if rule.filter().trim().is_empty() {
        "true".clone_into(&mut rule.traffic);
    }
    let mut lists = BTreeMap::new();
    let scheme = Scheme::gateway();
    let mut plain = String::new();
    outside_of_strings(&rule.filter(), |text| {
        plain.push_str(text);
        String::new()
    });
    let is_apart = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',');
    let words: Vec<&str> = plain.split(is_apart).filter(|word| !word.is_empty()).collect();
    for three in words.windows(3) {
        if let [field, "in", list] = three
            && let Some(name) = list.strip_prefix('$')
        {
            let field = field.split('[').next().unwrap_or_default();
            let id = scheme.id(field);
            let ty = id.and_then(|id| scheme.field(id)).map(Field::ty);
            lists.insert(name.to_owned(), (kind(field, ty), field.to_owned()));
        }
    }
    lists
}

/// Writes the fields of one body where a condition asks by `http.body_phase`.
fn name_bodies(rule: &mut RuleJson) {
    let (scheme, parse) = (Scheme::gateway(), losses::parse_options());
    for text in [&mut rule.traffic, &mut rule.identity, &mut rule.device_posture] {
        // A text that is not understood is told of elsewhere.
        if let Ok(Some(plain)) = gateway_rules::without_body_phase(&scheme, text, &parse) {
            *text = plain;
        }
    }
}

/// The type of a list in which values of a field are looked for.
fn kind(field: &str, ty: Option<&Type>) -> &'static str {
    let scalar = match ty {
        Some(Type::Array(element)) => Some(&**element),
        other => other,
    };
    match scalar {
        Some(Type::Ip) => "ip",
        Some(Type::Int) => "number",
        _ if field.ends_with(".host") || field.ends_with(".domains") => "host",
        _ if field.ends_with(".uri") => "url",
        _ => "text",
    }
}

/// The text with what stands outside of strings changed.
fn outside_of_strings(text: &str, mut change: impl FnMut(&str) -> String) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(start) = rest.find('"') {
        let (plain, quoted) = rest.split_at(start);
        out.push_str(&change(plain));
        let mut is_escaped = false;
        let end = quoted.char_indices().skip(1).find(|(_, c)| {
            let ends = *c == '"' && !is_escaped;
            is_escaped = *c == '\\' && !is_escaped;
            ends
        });
        let (string, behind) = quoted.split_at(end.map_or(quoted.len(), |(at, _)| at + 1));
        out.push_str(string);
        rest = behind;
    }
    out + &change(rest)
}
