//! One rule as the table in which it stands in `rules.toml`, read and written: what says the same already
//! stays as it is written.

use std::collections::BTreeMap;

use toml_edit::{InlineTable, Item, Table, Value, value};

use crate::problem::Problem;
use crate::rule_headers::{self, HeadersJson};
use crate::rule_json::{Expiration, PayloadLogJson, RedirectJson, RuleJson, Settings};

/// The keys of what an action is given.
const WORKER: &str = "worker";
const REDACT_OTHERWISE: &str = "redact_otherwise";
const SCAN: &str = "scan";
/// The key of whether what was found is kept.
const PAYLOAD_LOG: &str = "payload_log";

fn text<'a>(table: &'a Table, key: &str) -> &'a str {
    table.get(key).and_then(Item::as_str).unwrap_or_default()
}

pub(crate) fn id(table: &Table) -> &str {
    text(table, "id")
}

fn flag(table: &Table, key: &str) -> Option<bool> {
    table.get(key).and_then(Item::as_bool)
}

pub(crate) fn rule_of(index: usize, table: &Table) -> RuleJson {
    let redirect = table.get("redirect").and_then(Item::as_table_like).map(|redirect| {
        let to = redirect.get("to").and_then(Item::as_str).unwrap_or_default();
        let keep = redirect.get("keep_path").and_then(Item::as_bool).unwrap_or(false);
        RedirectJson {
            target_uri: to.to_owned(),
            preserve_path_and_query: keep,
            include_context: false,
        }
    });
    let checks = table.get("checks").and_then(Item::as_table_like).map(|checks| {
        let text = |value: &Item| value.as_str().unwrap_or_default().to_owned();
        checks.iter().map(|(check, severity)| (check.to_owned(), text(severity))).collect()
    });
    let checks: BTreeMap<String, String> = checks.unwrap_or_default();
    let headers = HeadersJson::read(table);
    let operand = |key: &str| table.get(key).and_then(Item::as_str).map(str::to_owned);
    let settings = Settings {
        redirect,
        worker: operand(WORKER),
        redact_otherwise: operand(REDACT_OTHERWISE),
        scan: operand(SCAN),
        payload_log: flag(table, PAYLOAD_LOG)
            .filter(|enabled| *enabled)
            .map(|enabled| PayloadLogJson { enabled }),
        checks,
        headers,
        ..Settings::default()
    };
    let has_settings = settings != Settings::default();
    let name = table.get("name").and_then(Item::as_str).unwrap_or_else(|| id(table));
    RuleJson {
        id: id(table).to_owned(),
        name: name.to_owned(),
        description: text(table, "description").to_owned(),
        precedence: Some(RuleJson::precedence_of(index)),
        enabled: flag(table, "enabled").unwrap_or(true),
        action: text(table, "action").to_owned(),
        filters: vec![text(table, "layer").to_owned()],
        traffic: text(table, "filter").to_owned(),
        identity: String::new(),
        device_posture: String::new(),
        rule_settings: has_settings.then_some(settings),
        log_only: flag(table, "log_only").unwrap_or(false),
        schedule: schedule_of(table),
        expiration: expiration_of(table),
        rest: serde_json::Map::new(),
    }
}

fn schedule_of(table: &Table) -> Option<BTreeMap<String, String>> {
    let schedule = table.get("schedule").and_then(Item::as_table_like)?;
    let text = |item: &Item| item.as_str().unwrap_or_default().to_owned();
    Some(schedule.iter().map(|(day, hours)| (day.to_owned(), text(hours))).collect())
}

fn expiration_of(table: &Table) -> Option<Expiration> {
    let expires_at = table.get("expires").and_then(Item::as_str)?.to_owned();
    Some(Expiration { expires_at })
}

/// `table` with what `rule` says; what says the same already stays as it is written.
pub(crate) fn written(mut table: Table, rule: &RuleJson) -> Result<Table, Problem> {
    let is_new = table.is_empty();
    let layer = rule.layer()?;
    let name = if rule.name == rule.id && !table.contains_key("name") { "" } else { &*rule.name };
    for (key, wanted) in [
        ("id", &*rule.id),
        ("name", name),
        ("description", &rule.description),
        ("layer", layer),
        ("action", &rule.action),
        ("filter", &rule.filter()),
    ] {
        if text(&table, key) == wanted && table.contains_key(key) {
            continue;
        }
        if wanted.is_empty() && ["name", "description"].contains(&key) {
            table.remove(key);
        } else {
            put(&mut table, key, wanted.into());
        }
    }
    let logs_payload = rule.rule_settings.as_ref().is_some_and(Settings::logs_payload);
    for (key, wanted, default) in [
        ("log_only", rule.log_only, false),
        ("enabled", rule.enabled, true),
        (PAYLOAD_LOG, logs_payload, false),
    ] {
        if flag(&table, key).unwrap_or(default) != wanted {
            put(&mut table, key, wanted.into());
        }
    }
    let redirect = rule.rule_settings.as_ref().and_then(|settings| settings.redirect.as_ref());
    if rule_of(0, &table).rule_settings.and_then(|settings| settings.redirect).as_ref() != redirect
    {
        match redirect {
            None => drop(table.remove("redirect")),
            Some(redirect) => {
                let mut inline = InlineTable::new();
                inline.insert("to", redirect.target_uri.as_str().into());
                if redirect.preserve_path_and_query {
                    inline.insert("keep_path", true.into());
                }
                table.remove("redirect");
                put(&mut table, "redirect", inline.into());
            }
        }
    }
    write_operands(&mut table, rule);
    write_checks(&mut table, rule);
    write_headers(&mut table, rule);
    write_time(&mut table, rule);
    if is_new {
        table.decor_mut().set_prefix("\n");
    }
    Ok(table)
}

/// What an action is given beside its name, and who looks for malware.
fn write_operands(table: &mut Table, rule: &RuleJson) {
    let settings = rule.rule_settings.as_ref();
    for (key, wanted) in [
        (WORKER, settings.and_then(|settings| settings.worker.as_deref())),
        (REDACT_OTHERWISE, settings.and_then(|settings| settings.redact_otherwise.as_deref())),
        (SCAN, settings.and_then(|settings| settings.scan.as_deref())),
    ] {
        let wanted = wanted.filter(|wanted| !wanted.is_empty());
        if table.get(key).and_then(Item::as_str) != wanted {
            match wanted {
                None => drop(table.remove(key)),
                Some(wanted) => put(table, key, wanted.into()),
            }
        }
    }
}

fn write_checks(table: &mut Table, rule: &RuleJson) {
    let wanted = rule.rule_settings.as_ref().map(|settings| &settings.checks);
    let wanted = wanted.filter(|checks| !checks.is_empty());
    let there = rule_of(0, table).rule_settings.map(|settings| settings.checks);
    if there.filter(|checks| !checks.is_empty()).as_ref() == wanted {
        return;
    }
    table.remove("checks");
    if let Some(wanted) = wanted {
        let mut inline = InlineTable::new();
        for (check, severity) in wanted {
            inline.insert(check, severity.as_str().into());
        }
        put(table, "checks", inline.into());
    }
}

fn write_headers(table: &mut Table, rule: &RuleJson) {
    let none = HeadersJson::default();
    let wanted = rule.rule_settings.as_ref().map_or(&none, |settings| &settings.headers);
    match wanted.to_write(table) {
        None => {}
        Some(None) => drop(table.remove(rule_headers::KEY)),
        Some(Some(changes)) => {
            if !table.get(rule_headers::KEY).is_some_and(Item::is_value) {
                table.remove(rule_headers::KEY);
            }
            put(table, rule_headers::KEY, changes.into());
        }
    }
}

fn write_time(table: &mut Table, rule: &RuleJson) {
    let wanted = rule.schedule.as_ref().filter(|schedule| !schedule.is_empty());
    if schedule_of(table).as_ref() != wanted {
        table.remove("schedule");
        if let Some(schedule) = wanted {
            let mut inline = InlineTable::new();
            for (day, hours) in schedule {
                inline.insert(day, hours.as_str().into());
            }
            put(table, "schedule", inline.into());
        }
    }
    if expiration_of(table) != rule.expiration {
        match &rule.expiration {
            None => drop(table.remove("expires")),
            Some(Expiration { expires_at }) => put(table, "expires", expires_at.as_str().into()),
        }
    }
}

/// Sets a key; the comment after an old value stays.
fn put(table: &mut Table, key: &str, mut new: Value) {
    match table.get_mut(key) {
        Some(Item::Value(old)) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        _ => {
            table.insert(key, value(new));
        }
    }
}
