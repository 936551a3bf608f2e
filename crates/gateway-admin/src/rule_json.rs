//! A rule in the JSON form of Cloudflare's Gateway API. What this gateway does not offer is refused
//! by name; what the API alone writes (times, versions) is passed over.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::problem::Problem;
use crate::rule_headers::HeadersJson;

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RuleJson {
    /// Names the rule in records; made from the name where it is missing.
    #[serde(default)]
    pub(crate) id: String,
    /// A name for people.
    #[serde(default)]
    pub(crate) name: String,
    /// More for people.
    #[serde(default)]
    pub(crate) description: String,
    /// The order: lower ones come first.
    #[serde(default)]
    pub(crate) precedence: Option<u64>,
    /// Whether it is in use.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// What it does.
    pub(crate) action: String,
    /// `["http"]` or `["l4"]`.
    pub(crate) filters: Vec<String>,
    /// When it does so.
    #[serde(default)]
    pub(crate) traffic: String,
    /// A condition on the user, which must hold too.
    #[serde(default)]
    pub(crate) identity: String,
    /// A condition on the device, which must hold too.
    #[serde(default)]
    pub(crate) device_posture: String,
    /// What belongs to some actions only.
    #[serde(default)]
    pub(crate) rule_settings: Option<Settings>,
    /// Whether matches are only counted. This gateway's own.
    #[serde(default)]
    pub(crate) log_only: bool,
    /// The hours at which it holds: by day, and `time_zone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) schedule: Option<BTreeMap<String, String>>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expiration: Option<Expiration>,
    /// Whatever else is there.
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

/// When a rule ends; how long that is from some time on is passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Expiration {
    /// RFC 3339.
    pub(crate) expires_at: String,
}

/// All rules of a policy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Replacement {
    /// The rules.
    #[serde(alias = "result")]
    pub(crate) rules: Vec<RuleJson>,
    /// What the change is for.
    #[serde(default)]
    pub(crate) why: String,
}

const fn yes() -> bool {
    true
}

/// What belongs to some actions only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// Where a redirect leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) redirect: Option<RedirectJson>,
    /// The Worker that takes what `forward` hands over. This gateway's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) worker: Option<String>,
    /// What becomes of a body in which `redact` cannot overwrite something: `allow` or `block`. This
    /// gateway's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) redact_otherwise: Option<String>,
    /// Whether what data loss prevention found is kept, sealed, in the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) payload_log: Option<PayloadLogJson>,
    /// The group of scanners that look for malware. This gateway's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scan: Option<String>,
    /// Checks of HTTP/1 that do something else for what the rule wins. This gateway's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) checks: BTreeMap<String, String>,
    /// What is changed in the requests that the rule lets pass.
    #[serde(flatten)]
    pub(crate) headers: HeadersJson,
    /// Whatever else is there.
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

/// Whether what was found is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PayloadLogJson {
    /// Whether it is.
    #[serde(default)]
    pub(crate) enabled: bool,
}

/// Where a redirect leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedirectJson {
    /// The target.
    pub(crate) target_uri: String,
    /// Whether path and query are kept.
    #[serde(default)]
    pub(crate) preserve_path_and_query: bool,
    /// Not offered.
    #[serde(default, skip_serializing_if = "is_no")]
    pub(crate) include_context: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
const fn is_no(value: &bool) -> bool {
    !*value
}

/// What Cloudflare's API writes and nobody sets.
const READ_ONLY: [&str; 8] = [
    "created_at",
    "deleted_at",
    "read_only",
    "sharable",
    "source_account",
    "updated_at",
    "version",
    "warning_status",
];

impl Settings {
    /// Whether what was found is kept.
    pub(crate) fn logs_payload(&self) -> bool {
        self.payload_log.is_some_and(|payload_log| payload_log.enabled)
    }
}

impl RuleJson {
    /// The place of a rule in the order, as a precedence.
    pub(crate) fn precedence_of(index: usize) -> u64 {
        (u64::try_from(index).unwrap_or(u64::MAX)).saturating_add(1).saturating_mul(1_000)
    }

    /// The whole condition as one filter.
    pub(crate) fn filter(&self) -> String {
        let parts = [&self.traffic, &self.identity, &self.device_posture];
        let parts: Vec<&str> =
            parts.into_iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
        match parts[..] {
            // Its own text, spaces and line ends included.
            [_] if !self.traffic.trim().is_empty() => self.traffic.clone(),
            [one] => one.to_owned(),
            _ => parts.iter().map(|part| format!("({part})")).collect::<Vec<_>>().join(" and "),
        }
    }

    /// The layer: `http` or `l4`.
    ///
    /// # Errors
    ///
    /// A [`Problem`] where not exactly one is named.
    pub(crate) fn layer(&self) -> Result<&str, Problem> {
        match &self.filters[..] {
            [one] => Ok(one),
            _ => Err(Problem::request(format!(
                "rule `{}`: `filters` names {} layers, expected one of \"http\" and \"l4\"",
                self.shown(),
                self.filters.len()
            ))),
        }
    }

    /// Refuses what would be lost.
    ///
    /// # Errors
    ///
    /// A [`Problem`] with its name.
    pub(crate) fn checked(mut self) -> Result<Self, Problem> {
        self.layer()?;
        let rest = std::mem::take(&mut self.rest);
        let unknown = rest.iter().find(|(key, value)| !is_read_only(key) && !is_nothing(value));
        if let Some((key, _)) = unknown {
            return Err(self.refuses(key));
        }
        if let Some(settings) = &mut self.rule_settings {
            let rest = std::mem::take(&mut settings.rest);
            // A page tells of every block.
            let meant = |key: &str| key == "block_page_enabled";
            let unknown = rest.iter().find(|(key, value)| !meant(key) && !is_nothing(value));
            if let Some((key, _)) = unknown {
                return Err(self.refuses(&format!("rule_settings.{key}")));
            }
            if settings.redirect.as_ref().is_some_and(|redirect| redirect.include_context) {
                return Err(self.refuses("rule_settings.redirect.include_context"));
            }
        }
        Ok(self)
    }

    fn refuses(&self, key: &str) -> Problem {
        Problem::request(format!("rule `{}`: `{key}` is not offered", self.shown()))
    }

    fn shown(&self) -> &str {
        if self.id.is_empty() { &self.name } else { &self.id }
    }
}

/// Whether a key is one that the API alone writes.
pub(crate) fn is_read_only(key: &str) -> bool {
    READ_ONLY.contains(&key)
}

/// Whether a value says no more than one that is not there.
pub(crate) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_nothing),
        Value::Bool(true) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule(more: &Value) -> RuleJson {
        let mut rule = json!({"action": "block", "filters": ["http"], "traffic": "av.infected"});
        for (key, value) in more.as_object().unwrap() {
            rule[key] = value.clone();
        }
        serde_json::from_value(rule).unwrap()
    }

    #[test]
    fn what_is_not_offered_is_refused_by_name() {
        for (more, refused) in [
            (json!({}), None),
            (json!({"created_at": "2026-01-01", "version": 3, "schedule": {}}), None),
            (json!({"rule_settings": {"block_page_enabled": true, "block_reason": ""}}), None),
            (json!({"schedule": {"mon": "08:00-12:00"}, "expiration": null}), None),
            (json!({"expiration": {"expires_at": "2030-01-01T00:00:00Z", "expired": false}}), None),
            (json!({"rule_settings": {"add_headers": {"X-A": ["1"]}}}), None),
            (json!({"rule_settings": {"payload_log": {"enabled": true}}}), None),
            (json!({"rule_settings": {"payload_log": null}}), None),
            (json!({"rule_settings": {"block_reason": "x"}}), Some("rule_settings.block_reason")),
            (json!({"filters": ["http", "l4"]}), Some("filters")),
        ] {
            let problem = rule(&more).checked().err().map(|problem| format!("{problem:?}"));
            match (refused, problem) {
                (None, None) => {}
                (Some(name), Some(problem)) if problem.contains(name) => {}
                (expected, found) => panic!("{more}: {expected:?} {found:?}"),
            }
        }
    }

    #[test]
    fn the_three_conditions_become_one() {
        for (more, filter) in [
            (json!({}), "av.infected"),
            (json!({"identity": "a == 1"}), "(av.infected) and (a == 1)"),
            (json!({"traffic": "", "identity": "a == 1"}), "a == 1"),
            (json!({"traffic": "\na\n"}), "\na\n"),
        ] {
            assert_eq!(rule(&more).filter(), filter, "{more}");
        }
    }
}
