//! `gateway-proxy rules test`: requests in a file, each with what the rules are to do with it.
//!
//! The file has one JSON object a line: `values` gives fields their values, `action` is the
//! expected action as rules spell it, `rule` the id of the rule that is to win with it, `null` for
//! none, anything where it is left out; `name` is for people. Blank lines and lines that begin with
//! `#` are passed over.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use gateway_rules::{Coverage, Facts, Outcome, Passage, RuleSet, Value, field};
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use super::Ended;
use super::rules_explain::text_of_rule;
use super::rules_facts::facts;

/// One request and what is expected of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: Option<String>,
    values: BTreeMap<String, Json>,
    action: String,
    #[serde(default, deserialize_with = "named")]
    rule: Expected,
}

/// Who is to win.
#[derive(Default)]
enum Expected {
    #[default]
    Anyone,
    Nobody,
    Rule(String),
}

fn named<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Expected, D::Error> {
    let rule = Option::<String>::deserialize(deserializer)?;
    Ok(rule.map_or(Expected::Nobody, Expected::Rule))
}

/// What is told and asked for besides failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Whether coverage is told.
    pub(super) coverage: Told,
    /// The least percentage of coverage.
    pub(super) threshold: Option<u8>,
}

/// Whether something is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Yes,
    No,
}

/// Tries the cases in `text`, the contents of `file`.
///
/// # Errors
///
/// Writing failed.
pub(super) fn run(
    rules: &RuleSet,
    (file, text): (&Path, &str),
    wanted: Wanted,
    out: &mut impl Write,
) -> io::Result<Ended> {
    let mut coverage = rules.coverage();
    let (mut passed, mut failed, mut faulty) = (0_usize, 0_usize, 0_usize);
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place = format!("{}:{}", file.display(), number + 1);
        match read(rules, line) {
            Err(fault) => {
                faulty += 1;
                writeln!(out, "{place}: {fault}")?;
            }
            Ok((case, facts)) => {
                rules.cover(&mut coverage, &facts);
                match failure(rules, &case, &facts) {
                    None => passed += 1,
                    Some(failure) => {
                        failed += 1;
                        let name = case.name.as_deref().unwrap_or("request");
                        writeln!(out, "{place}: {name}: {failure}")?;
                    }
                }
            }
        }
    }
    if wanted.coverage == Told::Yes {
        tell(rules, &coverage, out)?;
    }
    let (met, all) = coverage.outcomes();
    let percent = (met * 100).checked_div(all).unwrap_or(100);
    let is_enough = wanted.threshold.is_none_or(|least| percent >= usize::from(least));
    if let Some(least) = wanted.threshold.filter(|_| !is_enough) {
        writeln!(out, "coverage {percent} %, expected at least {least} %")?;
    }
    writeln!(out, "passed {passed}, failed {failed}, faulty {faulty}, coverage {percent} %")?;
    out.flush()?;
    Ok(match (faulty, failed) {
        (0, 0) if is_enough => Ended::Well,
        (0, _) => Ended::Found,
        _ => Ended::Wrong,
    })
}

fn read(rules: &RuleSet, line: &str) -> Result<(Case, Facts), String> {
    let mut case: Case = serde_json::from_str(line)
        .map_err(|error| format!("expected an object with `values` and `action`: {error}"))?;
    if !ACTIONS.contains(&case.action.as_str()) {
        let action = &case.action;
        return Err(format!("`action`: found `{action}`, expected one of {}", ACTIONS.join(", ")));
    }
    if let Expected::Rule(id) = &case.rule
        && rules.rules().iter().all(|rule| rule.id != *id)
    {
        return Err(format!("no rule that is enabled has the id `{id}`"));
    }
    let values = std::mem::take(&mut case.values);
    let facts = facts(rules.scheme(), values, None).map_err(|fault| fault.to_string())?;
    Ok((case, facts))
}

/// What can come of a request.
const ACTIONS: [&str; 7] = ["allow", "block", "forward", "noscan", "off", "redact", "redirect"];

/// What is not as expected, and why.
fn failure(rules: &RuleSet, case: &Case, facts: &Facts) -> Option<String> {
    let is_clear = matches!(
        facts.state(field::HTTP_REQUEST_SCHEME),
        gateway_rules::Fact::Known(Value::Bytes(scheme)) if scheme == "http"
    );
    let passage = if is_clear { Passage::Clear } else { Passage::Tls };
    let outcome = rules.rehearse(facts, passage);
    let id = outcome.rule.map(|rule| rule.id.as_str());
    let is_rule_expected = match &case.rule {
        Expected::Anyone => true,
        Expected::Nobody => id.is_none(),
        Expected::Rule(expected) => id == Some(expected),
    };
    if outcome.action == case.action && is_rule_expected {
        return None;
    }
    let expected = match &case.rule {
        Expected::Anyone => case.action.clone(),
        Expected::Nobody => format!("{} by no rule", case.action),
        Expected::Rule(id) => format!("{} by `{id}`", case.action),
    };
    let mut text = format!("expected {expected}, found {}", found(&outcome));
    // The rule that should have won, and the one that did.
    let wanted = |id: &str| {
        Some(id) == outcome.rule.map(|rule| rule.id.as_str())
            || matches!(&case.rule, Expected::Rule(expected) if expected == id)
    };
    for explanation in rules.explain(facts) {
        if rules.rule(explanation.rule).is_some_and(|rule| wanted(&rule.id)) {
            let reason = text_of_rule(rules, &explanation);
            text.push_str(&format!("\n  {}", reason.replace('\n', "\n  ")));
        }
    }
    Some(text)
}

fn found(outcome: &Outcome<'_>) -> String {
    match outcome.rule {
        Some(rule) => format!("{} by `{}`", outcome.action, rule.id),
        None => format!("{} by no rule", outcome.action),
    }
}

/// One line a rule, and one for each predicate of it that was not seen both ways.
fn tell(rules: &RuleSet, coverage: &Coverage, out: &mut impl Write) -> io::Result<()> {
    for covered in coverage.rules() {
        let Some(rule) = rules.rule(covered.rule) else { continue };
        writeln!(out, "rule `{}`: matched {}", rule.id, covered.matched)?;
        for predicate in &covered.predicates {
            let (held, failed) = (predicate.held, predicate.failed);
            let never = match (held, failed) {
                (0, 0) => ", never tried",
                (0, _) => ", never true",
                (_, 0) => ", never false",
                _ => "",
            };
            let text = rule.filter.get(predicate.span.clone()).unwrap_or_default();
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            writeln!(out, "    true {held}, false {failed}{never}: {text}")?;
        }
    }
    Ok(())
}
