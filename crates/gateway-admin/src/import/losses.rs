//! What a rule from elsewhere has that this gateway has not.

use gateway_rules::{
    Action, KeepPath, Layer, Operand, Options, ParseOptions, Redirect, Rule, RuleSet, Scheme,
    UnknownLists,
};

use super::Fate;
use crate::rule_json::{RuleJson, Settings, is_nothing, is_read_only};

/// What of a rule cannot be carried over.
pub(super) fn losses(rule: &RuleJson) -> Vec<(String, Fate)> {
    let mut found = Vec::new();
    let deleted = rule.rest.get("deleted_at").filter(|value| !is_nothing(value));
    if deleted.is_some() {
        found.push(("it has been deleted".to_owned(), Fate::Comment));
    }
    found.extend(cannot_be_a_rule(rule).map(|reason| (reason, Fate::Comment)));
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

/// Why this gateway has no such rule.
fn cannot_be_a_rule(rule: &RuleJson) -> Option<String> {
    let layer = match rule.filters.as_slice() {
        [one] => match one.as_str() {
            "http" => Layer::Http,
            "l4" => Layer::Network,
            other => {
                return Some(format!("`filters`: rules of the kind `{other}` are not offered"));
            }
        },
        other => {
            return Some(format!("`filters` names {} kinds, expected one", other.len()));
        }
    };
    let redirect = rule.rule_settings.as_ref().and_then(|settings| settings.redirect.as_ref());
    let redirect = redirect.filter(|_| rule.action == "redirect").map(|redirect| {
        let keep = redirect.preserve_path_and_query;
        let keep = if keep { KeepPath::PathAndQuery } else { KeepPath::Nothing };
        Operand::Redirect(Redirect { to: redirect.target_uri.clone(), keep })
    });
    let action = match Action::from_api(&rule.action, redirect) {
        Ok(action) => action,
        Err(error) => return Some(error.to_string()),
    };
    let parse = ParseOptions { unknown_lists: UnknownLists::Empty, ..ParseOptions::default() };
    let options = Options { parse, ..Options::default() };
    let rule = Rule::new(&rule.id, layer, action, rule.filter());
    let filter = rule.filter.clone();
    let error = RuleSet::compile(&Scheme::gateway(), vec![rule], &options).err()?;
    let told = error.diagnostics.iter().map(|(_, diagnostic)| {
        let place = filter.get(diagnostic.span()).unwrap_or_default();
        format!("`{place}`: {diagnostic}")
    });
    Some(told.collect::<Vec<_>>().join("\n"))
}

/// Settings whose loss changes no decision: what a page says, what is logged, how an origin's
/// certificate is judged, which this gateway always refuses where it is not sound.
const COSMETIC: [&str; 9] = [
    "biso_admin_controls",
    "block_page",
    "block_reason",
    "ignore_cname_category_matches",
    "insecure_disable_dnssec_validation",
    "ip_categories",
    "notification_settings",
    "payload_log",
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
