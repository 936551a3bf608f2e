//! Records that are kept, by what they are about or by their id.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use gateway_log::RecordKind;
use serde::Deserialize;

use super::State;
use crate::problem::Problem;
use crate::{Found, Question};

/// What is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    limit: Option<usize>,
    from_ns: Option<u64>,
    until_ns: Option<u64>,
    kind: Option<String>,
    action: Option<String>,
    policy_id: Option<String>,
    host: Option<String>,
    source_ip: Option<String>,
    protocol: Option<String>,
    session_id: Option<String>,
    status: Option<u16>,
    text: Option<String>,
}

/// Records of one answer.
const RECORDS_MAX: usize = 1_000;

pub(super) async fn last(
    shared: State,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::request(error.body_text()))?;
    let limit = asked.limit.unwrap_or(100);
    if !(1..=RECORDS_MAX).contains(&limit) {
        let detail = format!("`limit`: found {limit}, expected 1 to {RECORDS_MAX}");
        return Err(Problem::request(detail));
    }
    let question = Question {
        kind: kind(asked.kind.as_deref())?,
        from_ns: asked.from_ns,
        until_ns: asked.until_ns,
        action: asked.action,
        policy_id: asked.policy_id,
        host: asked.host.map(|host| host.to_ascii_lowercase()),
        source_ip: asked.source_ip,
        protocol: asked.protocol,
        session_id: asked.session_id,
        status: asked.status,
        text: asked.text,
    };
    let found = shared.ask(move |shared| Ok(shared.parts.records.last(&question, limit)?)).await?;
    // Whoever asks on begins there.
    let next = (found.len() == limit).then(|| found.last().map(|record| record.time_ns)).flatten();
    Ok(answer(&found, next))
}

pub(super) async fn one(shared: State, Path(id): Path<String>) -> Result<Response, Problem> {
    let asked = id.clone();
    let found = shared.ask(move |shared| Ok(shared.parts.records.by_id(&asked)?)).await?;
    if found.is_empty() {
        return Err(Problem::not_found(format!("no record of `{id}` is kept")));
    }
    Ok(answer(&found, None))
}

/// The kind of records that is named.
///
/// # Errors
///
/// A [`Problem`] where there is none of this name.
pub(super) fn kind(name: Option<&str>) -> Result<Option<RecordKind>, Problem> {
    match name {
        None | Some("") => Ok(None),
        Some("http") => Ok(Some(RecordKind::Http)),
        Some("session") => Ok(Some(RecordKind::Session)),
        Some("loss") => Ok(Some(RecordKind::Loss)),
        Some(_) => Err(Problem::request("`kind`: expected http, session or loss")),
    }
}

/// Records are JSON already, and are not read again.
fn answer(found: &[Found], next_until_ns: Option<u64>) -> Response {
    let records: Vec<&str> = found.iter().map(|record| record.json.trim_end()).collect();
    let next = next_until_ns.map_or_else(|| "null".to_owned(), |next| format!("\"{next}\""));
    let body = format!("{{\"records\":[{}],\"next_until_ns\":{next}}}", records.join(","));
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}
