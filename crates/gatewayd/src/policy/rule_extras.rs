//! What few rules have: a schedule, an end, changes of header fields, tenant control. From their
//! TOML to what the rule is made of; whether rules may have them is the compiler's affair.

use std::collections::BTreeMap;

use gateway_rules::{
    HeaderChange, HeaderChanges, HeaderOperation, Rule, Schedule, ScheduleError, Tenant,
    TenantError, unix_seconds,
};
use serde::Deserialize;
use toml::Spanned;

/// A time zone, and hours by day.
#[derive(Debug, Deserialize)]
pub(super) struct ScheduleEntry {
    #[serde(default = "utc")]
    time_zone: String,
    #[serde(flatten)]
    days: BTreeMap<String, String>,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// Changes of one head.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeadersEntry {
    #[serde(default)]
    delete: Vec<String>,
    #[serde(default)]
    set: BTreeMap<String, String>,
    #[serde(default)]
    add: BTreeMap<String, Texts>,
}

/// One text or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Texts {
    One(String),
    Several(Vec<String>),
}

impl Texts {
    fn iter(&self) -> impl Iterator<Item = &str> {
        let several = match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Several(texts) => texts,
        };
        several.iter().map(String::as_str)
    }
}

/// What is wrong with a setting, and at which byte of the file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExtraFault {
    /// The schedule.
    #[error("`schedule`: {0}")]
    Schedule(#[from] ScheduleError),
    /// The tenant control.
    #[error("`tenant_control`: {0}")]
    Tenant(#[from] TenantError),
    /// The end.
    #[error("`expires`: found `{found}`, expected a time as in `2026-12-31T18:00:00+01:00`")]
    Expires {
        /// What stands there.
        found: String,
    },
}

/// The settings of a rule by their places.
pub(super) struct Given<'e> {
    pub(super) schedule: Option<&'e Spanned<ScheduleEntry>>,
    pub(super) expires: Option<&'e Spanned<String>>,
    pub(super) request_headers: Option<&'e HeadersEntry>,
    pub(super) response_headers: Option<&'e HeadersEntry>,
    pub(super) tenant_control: Option<&'e Spanned<BTreeMap<String, Texts>>>,
}

impl Given<'_> {
    /// The rule with what is given.
    ///
    /// # Errors
    ///
    /// The first fault, and the offset in the file of what has it.
    pub(super) fn add_to(&self, mut rule: Rule) -> Result<Rule, (usize, ExtraFault)> {
        if let Some(entry) = self.schedule {
            let ScheduleEntry { time_zone, days } = entry.get_ref();
            let days = days.iter().map(|(day, hours)| (day.as_str(), hours.as_str()));
            let schedule = Schedule::parse(time_zone, days);
            rule = rule.scheduled(schedule.map_err(|e| (entry.span().start, e.into()))?);
        }
        if let Some(entry) = self.expires {
            let found = || ExtraFault::Expires { found: entry.get_ref().clone() };
            let end = unix_seconds(entry.get_ref()).ok_or_else(|| (entry.span().start, found()))?;
            rule = rule.expiring(end);
        }
        let mut headers = HeaderChanges::default();
        headers.request = self.request_headers.map(HeadersEntry::changes).unwrap_or_default();
        headers.response = self.response_headers.map(HeadersEntry::changes).unwrap_or_default();
        for (name, values) in self.tenant_control.iter().flat_map(|entry| entry.get_ref()) {
            let change = Tenant::from_name(name).and_then(|tenant| tenant.change(values.iter()));
            let at = self.tenant_control.map_or(0, |entry| entry.span().start);
            headers.request.push(change.map_err(|error| (at, error.into()))?);
        }
        Ok(if headers.is_empty() { rule } else { rule.changing(headers) })
    }
}

impl HeadersEntry {
    fn changes(&self) -> Vec<HeaderChange> {
        use HeaderOperation::{Add, Delete, Set};
        let delete = self.delete.iter().map(|name| HeaderChange::new(Delete, name, ""));
        let set = self.set.iter().map(|(name, value)| HeaderChange::new(Set, name, value));
        let each = |(name, values): (&String, &Texts)| -> Vec<HeaderChange> {
            values.iter().map(|value| HeaderChange::new(Add, name, value)).collect()
        };
        delete.chain(set).chain(self.add.iter().flat_map(each)).collect()
    }
}
