//! Rules one by one, and `why`.

use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::http::header::{ETAG, HeaderMap, IF_MATCH};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;

use super::State;
use super::blocking::json;
use crate::Hits;
use crate::candidate::{Changed, Note, disk};
use crate::guard::Entrance;
use crate::history::Way;
use crate::problem::Problem;
use crate::rule_json::{Replacement, RuleJson};
use crate::rule_text::RuleText;
use crate::texts::{self, RULES};
use crate::why;

/// A rule with what became of it.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    rule: RuleJson,
    hits: Hits,
}

#[derive(Serialize)]
struct List {
    result: Vec<Shown>,
}

/// What was changed, and the rule where it is one.
#[derive(Serialize)]
struct Edited {
    #[serde(flatten)]
    changed: Changed,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

pub(super) async fn list(shared: State) -> Result<Response, Problem> {
    let (mark, result) = shared.ask(shown).await?;
    Ok(([(ETAG, mark)], Json(List { result })).into_response())
}

pub(super) async fn one(shared: State, Path(id): Path<String>) -> Result<Response, Problem> {
    let (mark, all) = shared.ask(shown).await?;
    let found = all.into_iter().find(|shown| shown.rule.id == id);
    let found = found.ok_or_else(|| Problem::not_found(format!("there is no rule `{id}`")))?;
    Ok(([(ETAG, mark)], Json(found)).into_response())
}

fn shown(shared: &super::Shared) -> Result<(String, Vec<Shown>), Problem> {
    let texts = texts::read(&shared.parts.policy.folder()).map_err(|error| disk(&error))?;
    let text = texts.get(RULES).map(String::as_str).unwrap_or_default();
    let hits = shared.parts.health.hits();
    let show = |rule: RuleJson| {
        let hits = hits.get(&rule.id).copied().unwrap_or_default();
        Shown { rule, hits }
    };
    let rules = RuleText::read(text)?.rules();
    Ok((texts::mark(&texts), rules.into_iter().map(show).collect()))
}

pub(super) async fn replace(
    shared: State,
    entrance: Extension<Entrance>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Replacement { rules, why } = json(&headers, body)?;
    let rules = rules.into_iter().map(RuleJson::checked).collect::<Result<Vec<_>, _>>()?;
    let why = if why.is_empty() { "all rules replaced".to_owned() } else { why };
    edit(shared, &entrance, &headers, why, StatusCode::OK, move |text| {
        text.replace(rules)?;
        Ok(None)
    })
    .await
}

pub(super) async fn add(
    shared: State,
    entrance: Extension<Entrance>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let rule = json::<RuleJson>(&headers, body)?.checked()?;
    let why = format!("rule `{}` added", if rule.id.is_empty() { &rule.name } else { &rule.id });
    edit(shared, &entrance, &headers, why, StatusCode::CREATED, move |text| {
        text.add(rule).map(Some)
    })
    .await
}

pub(super) async fn set(
    shared: State,
    entrance: Extension<Entrance>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let rule = json::<RuleJson>(&headers, body)?.checked()?;
    let why = format!("rule `{id}` changed");
    edit(shared, &entrance, &headers, why, StatusCode::OK, move |text| {
        let new = if rule.id.is_empty() { id.clone() } else { rule.id.clone() };
        text.set(&id, rule)?;
        Ok(Some(new))
    })
    .await
}

pub(super) async fn remove(
    shared: State,
    entrance: Extension<Entrance>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let why = format!("rule `{id}` removed");
    edit(shared, &entrance, &headers, why, StatusCode::OK, move |text| {
        text.remove(&id)?;
        Ok(None)
    })
    .await
}

/// Changes the text of the rules and puts it into force.
async fn edit(
    shared: State,
    entrance: &Entrance,
    headers: &HeaderMap,
    why: String,
    status: StatusCode,
    edit: impl FnOnce(&mut RuleText) -> Result<Option<String>, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let note = Note { by: entrance.caller.name(), why, way: Way::Edited, seen: seen(headers)? };
    let edited = shared.ask(move |shared| {
        let mut id = None;
        let changed = shared.changes.change(&*shared.parts.policy, note, |texts| {
            let text = texts.entry(RULES.to_owned()).or_default();
            let mut rules = RuleText::read(text)?;
            id = edit(&mut rules)?;
            *text = rules.write();
            Ok(())
        })?;
        Ok(Edited { changed, id })
    });
    let edited = edited.await?;
    Ok((status, [(ETAG, edited.changed.etag.clone())], Json(edited)).into_response())
}

/// The mark of the policy that a change was made from, where it is told (RFC 9110, section 13.1.1).
///
/// # Errors
///
/// A [`Problem`] where it is no text.
pub(super) fn seen(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(IF_MATCH) else { return Ok(None) };
    let text = value.to_str().map_err(|_| Problem::request("If-Match is not understood"))?;
    Ok((text != "*").then(|| text.to_owned()))
}

pub(super) async fn why(
    shared: State,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<why::Answer>, Problem> {
    let described = json(&headers, body)?;
    let answer = shared.ask(move |shared| {
        why::why(&shared.parts.policy.rules(), &described, crate::candidate::unix_s())
    });
    Ok(Json(answer.await?))
}
