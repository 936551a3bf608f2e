//! What few rules have, as JSON: a schedule, and changes of header fields.

use serde_json::{Map, Value as Json, json};

use super::fault::{JsonError, Read, unexpected};
use crate::headers::{HeaderChange, HeaderChanges, HeaderOperation};
use crate::schedule::Schedule;

const ZONE: &str = "time_zone";

pub(super) fn write_schedule(schedule: &Schedule) -> Json {
    let days = schedule.days().map(|(day, hours)| (day.to_owned(), Json::String(hours)));
    let zone = (ZONE.to_owned(), json!(schedule.time_zone()));
    Json::Object(days.chain([zone]).collect())
}

pub(super) fn schedule(json: &Json) -> Read<Schedule> {
    let Some(members) = json.as_object() else { return unexpected("a schedule", json) };
    let zone = members.get(ZONE).and_then(Json::as_str);
    let Some(zone) = zone else { return Err(JsonError::Missing { name: ZONE }) };
    let mut days = Vec::new();
    for (day, hours) in members.iter().filter(|(name, _)| *name != ZONE) {
        let Some(hours) = hours.as_str() else { return unexpected("hours of a day", hours) };
        days.push((day.as_str(), hours));
    }
    Schedule::parse(zone, days).or_else(|_| unexpected("a schedule", json))
}

pub(super) fn write_headers(headers: &HeaderChanges) -> Json {
    let all = |changes: &[HeaderChange]| -> Json { changes.iter().map(write_change).collect() };
    json!({"request": all(&headers.request), "response": all(&headers.response)})
}

fn write_change(change: &HeaderChange) -> Json {
    let HeaderChange { operation, name, value, hosts } = change;
    json!({"operation": operation.name(), "name": name, "value": value, "hosts": hosts})
}

pub(super) fn headers(json: &Json) -> Read<HeaderChanges> {
    let Some(members) = json.as_object() else { return unexpected("changes of headers", json) };
    let mut headers = HeaderChanges::default();
    for (side, changes) in members {
        let Some(changes) = changes.as_array() else { return unexpected("changes", changes) };
        let changes = changes.iter().map(change).collect::<Read<Vec<_>>>()?;
        match side.as_str() {
            "request" => headers.request = changes,
            "response" => headers.response = changes,
            _ => return unexpected("`request` or `response`", &json!(side)),
        }
    }
    Ok(headers)
}

fn change(json: &Json) -> Read<HeaderChange> {
    let Some(members) = json.as_object() else { return unexpected("a change", json) };
    let known = ["hosts", "name", "operation", "value"];
    if let Some(unknown) = members.keys().find(|name| !known.contains(&name.as_str())) {
        return unexpected("a member of a change", &json!(unknown));
    }
    let operation = text(members, "operation")?;
    let found = HeaderOperation::ALL.into_iter().find(|one| one.name() == operation);
    let Some(operation) = found else {
        return unexpected("`delete`, `set` or `add`", &json!(operation));
    };
    let mut change = HeaderChange::new(operation, text(members, "name")?, text(members, "value")?);
    if let Some(hosts) = members.get("hosts") {
        let Some(hosts) = hosts.as_array() else { return unexpected("hosts", hosts) };
        let host = |host: &Json| match host.as_str() {
            Some(host) => Ok(host.to_owned()),
            None => unexpected("a host", host),
        };
        change.hosts = hosts.iter().map(host).collect::<Read<_>>()?;
    }
    Ok(change)
}

fn text<'j>(members: &'j Map<String, Json>, name: &'static str) -> Read<&'j str> {
    match members.get(name) {
        Some(Json::String(text)) => Ok(text),
        Some(other) => unexpected("a string", other),
        None => Err(JsonError::Missing { name }),
    }
}
