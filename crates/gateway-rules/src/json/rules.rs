//! Rules as JSON: what a rule set is compiled from, in the order of precedence. The form is this
//! crate's own; Cloudflare's is the admin API's affair.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::fault::{Read, unexpected};
use super::{JsonError, extras};
use crate::action::{Action, KeepPath, Operand, Otherwise, Redirect};
use crate::rule::{Layer, Rule, RuleMode};
use crate::schedule::unix_seconds;

/// The rules as a JSON array of objects: `id`, `name`, `layer` (`l4` or `http`), `action`, `filter`
/// (its text), `mode` (`enforce` or `log_only`); `redirect` (`to`, and `keep`, which is `nothing` or
/// `path_and_query`), `worker`, `redact_otherwise`, `payload_log`, `scan`, `checks`, `schedule` (`time_zone` and hours by day), `expires` (RFC
/// 3339) and `headers` where there are any. [`rules_from_json`] reads it back.
#[must_use]
pub fn rules_to_json(rules: &[Rule]) -> String {
    rules.iter().map(write).collect::<Json>().to_string()
}

/// Reads what [`rules_to_json`] writes; `name` is the id where it is missing, `mode` is `enforce`.
/// Filters are not looked at: compiling the rules does.
///
/// # Errors
/// [`JsonError`]; what is not known is not passed over.
pub fn rules_from_json(text: &str) -> Result<Vec<Rule>, JsonError> {
    let json: Json = serde_json::from_str(text)
        .map_err(|fault| JsonError::Syntax { reason: fault.to_string() })?;
    match json {
        Json::Array(rules) => rules.iter().map(read).collect(),
        other => unexpected("an array of rules", &other),
    }
}

fn write(rule: &Rule) -> Json {
    let Rule {
        id,
        name,
        layer,
        action,
        filter,
        mode,
        checks,
        schedule,
        expires,
        headers,
        payload_log,
        scan,
    } = rule;
    let mut json = json!({
        "id": id,
        "name": name,
        "layer": layer.api_name(),
        "action": action.api_name(),
        "filter": filter,
        "mode": match mode {
            RuleMode::Enforce => "enforce",
            RuleMode::LogOnly => "log_only",
        },
    });
    if let Some(members) = json.as_object_mut() {
        match action {
            Action::Redirect(Redirect { to, keep }) => {
                let keep = match keep {
                    KeepPath::Nothing => "nothing",
                    KeepPath::PathAndQuery => "path_and_query",
                };
                members.insert("redirect".to_owned(), json!({"to": to, "keep": keep}));
            }
            Action::Forward(worker) => drop(members.insert("worker".to_owned(), json!(worker))),
            Action::Redact(Otherwise::Block) => {}
            Action::Redact(otherwise) => {
                members.insert(OTHERWISE.to_owned(), json!(otherwise.name()));
            }
            Action::Allow
            | Action::Block
            | Action::DoNotInspect
            | Action::NoScan
            | Action::Quarantine
            | Action::Log => {}
        }
        if !checks.is_empty() {
            members.insert("checks".to_owned(), json!(checks));
        }
        if let Some(schedule) = schedule {
            members.insert("schedule".to_owned(), extras::write_schedule(schedule));
        }
        if let Some(expires) = expires.and_then(crate::schedule::rfc3339) {
            members.insert("expires".to_owned(), json!(expires));
        }
        if !headers.is_empty() {
            members.insert("headers".to_owned(), extras::write_headers(headers));
        }
        if *payload_log {
            members.insert(PAYLOAD_LOG.to_owned(), json!(true));
        }
        if let Some(group) = scan {
            members.insert("scan".to_owned(), json!(group));
        }
    }
    json
}

const OTHERWISE: &str = "redact_otherwise";
const PAYLOAD_LOG: &str = "payload_log";

#[rustfmt::skip]
const MEMBERS: [&str; 15] = [
    "action", "checks", "expires", "filter", "headers", "id", "layer", "mode", "name", OTHERWISE, PAYLOAD_LOG,
    "redirect", "scan", "schedule", "worker",
];

fn read(json: &Json) -> Read<Rule> {
    let Some(members) = json.as_object() else { return unexpected("a rule", json) };
    if let Some((unknown, _)) = members.iter().find(|(name, _)| !MEMBERS.contains(&name.as_str())) {
        return unexpected("a member of a rule", &json!(unknown));
    }
    let layer = match text(members, "layer")? {
        "l4" => Layer::Network,
        "http" => Layer::Http,
        other => return unexpected("the layer `l4` or `http`", &json!(other)),
    };
    let action = Action::from_api(text(members, "action")?, operand(members)?)
        .map_err(|error| JsonError::Action { error })?;
    let mut rule = Rule::new(text(members, "id")?, layer, action, text(members, "filter")?);
    if members.contains_key("name") {
        rule.name = text(members, "name")?.to_owned();
    }
    match members.get("mode").map(Json::as_str) {
        None | Some(Some("enforce")) => {}
        Some(Some("log_only")) => rule.mode = RuleMode::LogOnly,
        Some(_) => return unexpected("the mode `enforce` or `log_only`", json),
    }
    if let Some(checks) = members.get("checks") {
        let Some(checks) = checks.as_object() else { return unexpected("checks", checks) };
        let check = |(name, severity): (&String, &Json)| match severity.as_str() {
            Some(severity) => Ok((name.clone(), severity.to_owned())),
            None => unexpected("what a check does", severity),
        };
        rule.checks = checks.iter().map(check).collect::<Read<BTreeMap<_, _>>>()?;
    }
    rule.schedule = members.get("schedule").map(extras::schedule).transpose()?;
    if members.contains_key("expires") {
        let time = text(members, "expires")?;
        let seconds = unix_seconds(time);
        rule.expires =
            Some(seconds.map_or_else(|| unexpected("an RFC 3339 time", &json!(time)), Ok)?);
    }
    match members.get(PAYLOAD_LOG) {
        None => {}
        Some(Json::Bool(asks)) => rule.payload_log = *asks,
        Some(other) => return unexpected("true or false", other),
    }
    if members.contains_key("scan") {
        rule.scan = Some(text(members, "scan")?.to_owned());
    }
    rule.headers = members.get("headers").map(extras::headers).transpose()?.unwrap_or_default();
    Ok(rule)
}

fn operand(members: &Map<String, Json>) -> Read<Option<Operand>> {
    match (members.get("redirect"), members.get("worker")) {
        (None, None) if members.contains_key(OTHERWISE) => {
            let name = text(members, OTHERWISE)?;
            match Otherwise::named(name) {
                Some(otherwise) => Ok(Some(Operand::Otherwise(otherwise))),
                None => unexpected("`block` or `allow`", &json!(name)),
            }
        }
        (None, None) => Ok(None),
        (None, Some(_)) => Ok(Some(Operand::Worker(text(members, "worker")?.to_owned()))),
        (Some(Json::Object(redirect)), None) => {
            let keep = match text(redirect, "keep")? {
                "nothing" => KeepPath::Nothing,
                "path_and_query" => KeepPath::PathAndQuery,
                other => return unexpected("`nothing` or `path_and_query`", &json!(other)),
            };
            let to = text(redirect, "to")?.to_owned();
            Ok(Some(Operand::Redirect(Redirect { to, keep })))
        }
        (Some(other), _) => unexpected("a redirect alone", other),
    }
}

fn text<'j>(members: &'j Map<String, Json>, name: &'static str) -> Read<&'j str> {
    match members.get(name) {
        Some(Json::String(text)) => Ok(text),
        Some(other) => unexpected("a string", other),
        None => Err(JsonError::Missing { name }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HeaderChange, HeaderChanges, HeaderOperation, Schedule, Tenant};

    #[test]
    fn rules_survive() {
        let to = Redirect { to: "https://a.example/".into(), keep: KeepPath::PathAndQuery };
        let mut headers = HeaderChanges::default();
        headers.request.push(Tenant::Google.change(["a.example"]).expect("sound"));
        headers.response.push(HeaderChange::new(HeaderOperation::Delete, "Server", ""));
        let rules = vec![
            Rule::new("a", Layer::Network, Action::Block, "net.dst.port == 22").named("no ssh"),
            Rule::new("b", Layer::Http, Action::Redirect(to), "true").log_only(),
            Rule::new("c", Layer::Http, Action::Forward("w".into()), "é \"\\").relaxing("x", "y"),
            Rule::new("g", Layer::Http, Action::Quarantine, "av.infected"),
            Rule::new("e", Layer::Http, Action::Redact(Otherwise::Block), "true"),
            Rule::new("f", Layer::Http, Action::Redact(Otherwise::Allow), "true").logging_payload(),
            Rule::new("g", Layer::Http, Action::Block, "av.infected").scanned_by("all"),
            Rule::new("d", Layer::Http, Action::Allow, "true")
                .scheduled(
                    Schedule::parse("Europe/Berlin", [("mon", "08:00-24:00")]).expect("sound"),
                )
                .expiring(1_800_000_000)
                .changing(headers),
        ];
        let json = rules_to_json(&rules);
        assert_eq!(rules_from_json(&json), Ok(rules));
        let short = r#"[{"id": "a", "layer": "l4", "action": "block", "filter": "true"}]"#;
        let rule = Rule::new("a", Layer::Network, Action::Block, "true");
        assert_eq!(rules_from_json(short), Ok(vec![rule]));
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for (json, reason) in [
            ("{}", "expected an array of rules, found `{}`"),
            (r#"[{"id": "a"}]"#, "`layer` is missing"),
            (r#"[{"nme": "a"}]"#, "expected a member of a rule, found `\"nme\"`"),
            (
                r#"[{"id": "a", "layer": "l4", "action": "blok", "filter": ""}]"#,
                "no action is called `blok`; did you mean `block`?",
            ),
            (
                r#"[{"id": "a", "layer": "http", "action": "redirect", "filter": ""}]"#,
                "the action `redirect` needs a target",
            ),
        ] {
            let error = rules_from_json(json).expect_err(json);
            assert_eq!(error.to_string(), reason, "{json}");
        }
    }
}
