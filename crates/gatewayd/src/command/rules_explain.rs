//! `gateway-proxy rules explain`: JSON lines in, and for each the rules, why they hold or not; as
//! text for people or as a JSON line.
//!
//! With a policy a line is an object: `values` gives fields their values, `until` may name the last
//! phase that has ended. Without one it is a request of `rules eval`, whose one expression is
//! explained.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use gateway_rules::{
    Constants, Explanation, HeaderChange, Needs, Predicate, Reason, Rule, RuleSet, Scheme, Sight,
    Truth,
};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::Ended;
use super::rules_eval::{self, Asked};
use super::rules_facts::{facts, to_json};

/// How answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Several lines for people.
    Text,
    /// One line for tools.
    Json,
}

/// What is described of a request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    values: BTreeMap<String, Json>,
    until: Option<String>,
}

/// Answers every line of `input` on `out`; blank lines are passed over. Lines that are not
/// understood are answered with what is wrong, and make the end [`Ended::Wrong`].
///
/// # Errors
///
/// Reading or writing failed.
pub(crate) fn run(
    rules: Option<&RuleSet>,
    form: Form,
    input: impl BufRead,
    out: &mut impl Write,
) -> io::Result<Ended> {
    let mut ended = Ended::Well;
    for (number, line) in input.split(b'\n').enumerate() {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer = match rules {
            Some(rules) => of_policy(rules, form, &line),
            None => of_expression(form, &line),
        };
        match (answer, form) {
            (Ok(answer), Form::Text) => writeln!(out, "line {}\n{answer}", number + 1)?,
            (Ok(answer), Form::Json) => writeln!(out, "{answer}")?,
            (Err(fault), _) => {
                ended = Ended::Wrong;
                match form {
                    Form::Text => writeln!(out, "line {}: {fault}", number + 1)?,
                    Form::Json => writeln!(out, "{}", json!({"error": fault}))?,
                }
            }
        }
    }
    out.flush()?;
    Ok(ended)
}

fn of_policy(rules: &RuleSet, form: Form, line: &[u8]) -> Result<String, String> {
    let described: Described = serde_json::from_slice(line)
        .map_err(|error| format!("expected an object with `values`: {error}"))?;
    let facts = facts(rules.scheme(), described.values, described.until.as_deref())
        .map_err(|fault| fault.to_string())?;
    let explanations = rules.explain(&facts);
    Ok(match form {
        Form::Text => {
            let told = explanations.iter().map(|explanation| text_of_rule(rules, explanation));
            told.collect::<Vec<_>>().join("\n")
        }
        Form::Json => {
            let told: Json =
                explanations.iter().map(|explanation| json_of_rule(rules, explanation)).collect();
            json!({"rules": told}).to_string()
        }
    })
}

fn of_expression(form: Form, line: &[u8]) -> Result<String, String> {
    let Asked { filter, text, scheme, facts } =
        rules_eval::read(line).map_err(|fault| fault.to_string())?;
    let facts = facts.ok_or("expected `values`")?;
    let reason = filter.explain(&facts);
    Ok(match form {
        Form::Text => told(&scheme, &Constants::default(), &text, &reason),
        Form::Json => json_of(&scheme, &text, &reason).to_string(),
    })
}

/// `rule `id` (tier, action): ` and the reason.
pub(super) fn text_of_rule(rules: &RuleSet, explanation: &Explanation) -> String {
    let Some(rule) = rules.rule(explanation.rule) else { return String::new() };
    let mode = if rule.is_enforcing() { "" } else { ", counts only" };
    let reason = told(rules.scheme(), rules.constants(), &rule.filter, &explanation.reason);
    let mut text =
        format!("rule `{}` ({}, {}{mode}): {reason}", rule.id, explanation.tier, rule.action);
    if matches!(explanation.reason, Reason::Matched(_)) {
        changes(rule).iter().for_each(|change| text.push_str(&format!("\n    changes: {change}")));
    }
    text
}

/// What a rule that wins changes in heads, as records say it, and for which hosts.
fn changes(rule: &Rule) -> Vec<String> {
    let of = |side: &str, changes: &[HeaderChange]| -> Vec<String> {
        let one = |change: &HeaderChange| {
            let hosts = match &change.hosts[..] {
                [] => String::new(),
                hosts => format!(" (for {})", hosts.join(", ")),
            };
            format!("{side} {} {}{hosts}", change.operation.name(), change.name)
        };
        changes.iter().map(one).collect()
    };
    if rule.is_enforcing() {
        [of("request", &rule.headers.request), of("response", &rule.headers.response)].concat()
    } else {
        Vec::new()
    }
}

/// The most characters of a value that are shown to people.
const SHOWN_CHARS: usize = 200;

fn told(scheme: &Scheme, constants: &Constants, filter: &str, reason: &Reason) -> String {
    let (word, predicates) = match reason {
        Reason::Matched(predicates) => ("matched", predicates),
        Reason::Failed(predicates) => ("failed", predicates),
        Reason::NotYet(needs) => {
            return format!("not yet known, for want of {}", names(scheme, needs).join(", "));
        }
        Reason::OutOfTime(why) => return format!("does not hold now: {why}"),
    };
    let mut text = word.to_owned();
    for predicate in predicates {
        let range = &predicate.span;
        let holds = if predicate.truth == Truth::True { "holds" } else { "fails" };
        let condition = predicate.text(filter).split_whitespace().collect::<Vec<_>>().join(" ");
        text.push_str(&format!("\n    {}..{} {holds}: {condition}", range.start, range.end));
        for operand in &predicate.operands {
            let value = operand.value.to_string();
            let mut shown: String = value.chars().take(SHOWN_CHARS).collect();
            if shown.len() < value.len() {
                shown.push('…');
            }
            text.push_str(&format!("\n        {} is {shown}", operand.operand));
        }
        for (name, value) in constants.named_in(predicate.text(filter)) {
            text.push_str(&format!("\n        the constant {name} is {value}"));
        }
    }
    text
}

fn names(scheme: &Scheme, needs: &Needs) -> Vec<String> {
    let name = |field| Some(scheme.field(field)?.name().to_owned());
    needs.fields().filter_map(name).collect()
}

fn json_of_rule(rules: &RuleSet, explanation: &Explanation) -> Json {
    let Some(rule) = rules.rule(explanation.rule) else { return Json::Null };
    let mut json = json_of(rules.scheme(), &rule.filter, &explanation.reason);
    json["rule"] = rule.id.as_str().into();
    json["tier"] = explanation.tier.name().into();
    json["action"] = rule.action.api_name().into();
    json["enforcing"] = rule.is_enforcing().into();
    let changes = changes(rule);
    if !changes.is_empty() {
        json["changes"] = changes.into();
    }
    let named = rules.constants().named_in(&rule.filter);
    if !named.is_empty() {
        let named = named.into_iter().map(|(name, value)| (name.to_owned(), to_json(&value)));
        json["constants"] = Json::Object(named.collect());
    }
    json
}

fn json_of(scheme: &Scheme, filter: &str, reason: &Reason) -> Json {
    let all = |predicates: &[Predicate]| -> Json {
        predicates.iter().map(|predicate| json_of_predicate(filter, predicate)).collect()
    };
    match reason {
        Reason::Matched(predicates) => json!({"result": "matched", "predicates": all(predicates)}),
        Reason::Failed(predicates) => json!({"result": "failed", "predicates": all(predicates)}),
        Reason::NotYet(needs) => json!({"result": "not_yet", "missing": names(scheme, needs)}),
        Reason::OutOfTime(why) => json!({"result": "out_of_time", "why": why.to_string()}),
    }
}

fn json_of_predicate(filter: &str, predicate: &Predicate) -> Json {
    let operands = predicate.operands.iter().map(|operand| match &operand.value {
        Sight::Known(value) => {
            json!({"operand": operand.operand, "state": "known", "value": to_json(value)})
        }
        Sight::SoFar(value) => {
            json!({"operand": operand.operand, "state": "partial", "value": to_json(value)})
        }
        Sight::Missing => json!({"operand": operand.operand, "state": "missing"}),
        Sight::NotYet => json!({"operand": operand.operand, "state": "not_yet"}),
    });
    json!({
        "start": predicate.span.start,
        "end": predicate.span.end,
        "text": predicate.text(filter),
        "holds": predicate.truth == Truth::True,
        "operands": operands.collect::<Json>(),
    })
}
