//! What a rule from elsewhere has that this gateway has not.

use gateway_rules::{
    Action, Diagnostic, KeepPath, Layer, Operand, Options, ParseOptions, Redirect, Rule, RuleSet,
    Scheme, UnknownLists,
};

use super::Fate;
use crate::rule_headers::HeadersJson;
use crate::rule_json::{RuleJson, Settings, is_nothing, is_read_only};

/// What of a rule cannot be carried over.
///
/// Changes of header fields that cannot be made are taken out of it.
pub(super) fn losses(rule: &mut RuleJson) -> Vec<(String, Fate)> {
    let mut found = Vec::new();
    let deleted = rule.rest.get("deleted_at").filter(|value| !is_nothing(value));
    if deleted.is_some() {
        found.push(("it has been deleted".to_owned(), Fate::Comment));
    }
    match plain(rule) {
        Err(reason) => found.push((reason, Fate::Comment)),
        Ok((plain, unknown)) => {
            found.extend(unknown.into_iter().map(|what| (what, Fate::Disabled)));
            found.extend(of_payload_log(rule, &plain));
            found.extend(of_headers(rule, plain));
        }
    }
    for (key, value) in &rule.rest {
        if !is_read_only(key) && !is_nothing(value) {
            found.push((format!("`{key}` {value}"), Fate::Disabled));
        }
    }
    if let Some(settings) = &rule.rule_settings {
        found.extend(of_settings(settings));
    }
    found
}

/// How conditions are read whose lists are still to come.
pub(super) fn parse_options() -> ParseOptions {
    ParseOptions { unknown_lists: UnknownLists::Empty, ..ParseOptions::default() }
}

/// The rule without its settings, with what of it is never known here; why this gateway has no such
/// rule.
fn plain(rule: &RuleJson) -> Result<(Rule, Vec<String>), String> {
    let layer = match rule.filters.as_slice() {
        [one] => match one.as_str() {
            "http" => Layer::Http,
            "l4" => Layer::Network,
            other => {
                return Err(format!("`filters`: rules of the kind `{other}` are not offered"));
            }
        },
        other => return Err(format!("`filters` names {} kinds, expected one", other.len())),
    };
    let redirect = rule.rule_settings.as_ref().and_then(|settings| settings.redirect.as_ref());
    let worker = rule.rule_settings.as_ref().and_then(|settings| settings.worker.as_ref());
    let worker = worker.filter(|_| rule.action == "forward").cloned().map(Operand::Worker);
    let redirect = redirect.filter(|_| rule.action == "redirect").map(|redirect| {
        let keep = redirect.preserve_path_and_query;
        let keep = if keep { KeepPath::PathAndQuery } else { KeepPath::Nothing };
        Operand::Redirect(Redirect { to: redirect.target_uri.clone(), keep })
    });
    if rule.action == Action::Quarantine.api_name() {
        let there = "it holds a file there until a sandbox has run it";
        return Err(format!("the action `quarantine` is not offered as it is meant: {there}"));
    }
    let action =
        Action::from_api(&rule.action, redirect.or(worker)).map_err(|error| error.to_string())?;
    let plain = Rule::new(&rule.id, layer, action, rule.filter());
    check(plain.clone()).map(|unknown| (plain, unknown))
}

/// What a rule asks for that is never known; what is wrong with it.
fn check(rule: Rule) -> Result<Vec<String>, String> {
    let options = Options { parse: parse_options(), ..Options::default() };
    let filter = rule.filter.clone();
    let told = |(_, diagnostic): &(usize, Diagnostic)| {
        let place = filter.get(diagnostic.span()).unwrap_or_default();
        format!("`{place}`: {diagnostic}")
    };
    match RuleSet::compile(&Scheme::gateway(), vec![rule], &options) {
        Ok(rules) => Ok(rules.warnings().iter().map(told).collect()),
        Err(error) => Err(error.diagnostics.iter().map(told).collect::<Vec<_>>().join("\n")),
    }
}

/// Takes out of the rule that it has kept what was found, where it names nothing that can be.
fn of_payload_log(rule: &mut RuleJson, plain: &Rule) -> Option<(String, Fate)> {
    let settings = rule.rule_settings.as_mut().filter(|settings| settings.logs_payload())?;
    let reason = check(plain.clone().logging_payload()).err()?;
    settings.payload_log = None;
    Some((format!("`rule_settings.payload_log`: {reason}"), Fate::Kept))
}

/// Takes out of the rule what it cannot change in header fields, and tells why.
fn of_headers(rule: &mut RuleJson, plain: Rule) -> Option<(String, Fate)> {
    let settings = rule.rule_settings.as_mut().filter(|settings| !settings.headers.is_empty())?;
    let lets_pass = matches!(plain.action, Action::Allow | Action::NoScan | Action::Forward(_));
    let reason = check(plain.changing(settings.headers.changes())).err()?;
    let names: Vec<String> =
        settings.headers.names().map(|name| format!("`rule_settings.{name}`")).collect();
    settings.headers = HeadersJson::default();
    // What passes nothing on has no header field to change.
    let fate = if lets_pass { Fate::Disabled } else { Fate::Kept };
    Some((format!("{}: {reason}", names.join(", ")), fate))
}

/// Settings whose loss changes no decision: what a page says, what is logged, how an origin's
/// certificate is judged, which this gateway always refuses where it is not sound.
const COSMETIC: [&str; 8] = [
    "biso_admin_controls",
    "block_page",
    "block_reason",
    "ignore_cname_category_matches",
    "insecure_disable_dnssec_validation",
    "ip_categories",
    "notification_settings",
    "untrusted_cert",
];

fn of_settings(settings: &Settings) -> Vec<(String, Fate)> {
    let mut found = Vec::new();
    if settings.redirect.as_ref().is_some_and(|redirect| redirect.include_context) {
        found.push(("`rule_settings.redirect.include_context`".to_owned(), Fate::Kept));
    }
    for (key, value) in &settings.rest {
        // A page tells of every block, and an origin that is not to be trusted is an error.
        let is_usual = match key.as_str() {
            "block_page_enabled" => true,
            "untrusted_cert" => value["action"] == "error",
            _ => false,
        };
        if is_usual || is_nothing(value) {
            continue;
        }
        let fate = if COSMETIC.contains(&key.as_str()) { Fate::Kept } else { Fate::Disabled };
        found.push((format!("`rule_settings.{key}` {value}"), fate));
    }
    found
}
