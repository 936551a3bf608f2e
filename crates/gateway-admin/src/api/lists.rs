//! The lists that filters call by name: shown, and their entries replaced.

use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{ETAG, HeaderMap};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use super::State;
use super::blocking::json;
use super::policies::seen;
use crate::candidate::{Note, disk};
use crate::guard::Entrance;
use crate::history::Way;
use crate::list_text::{ListJson, ListText, Sent};
use crate::problem::Problem;
use crate::texts::{self, LISTS};

#[derive(Serialize)]
struct All {
    result: Vec<ListJson>,
}

/// All entries of a list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Replacement {
    items: Vec<Sent>,
    #[serde(default)]
    why: String,
}

pub(super) async fn list(shared: State) -> Result<Response, Problem> {
    let (mark, lists) = shared.ask(read).await?;
    Ok(([(ETAG, mark)], Json(All { result: lists.lists() })).into_response())
}

pub(super) async fn one(shared: State, Path(id): Path<String>) -> Result<Response, Problem> {
    let (mark, lists) = shared.ask(read).await?;
    Ok(([(ETAG, mark)], Json(lists.list(&id)?)).into_response())
}

fn read(shared: &super::Shared) -> Result<(String, ListText), Problem> {
    let texts = texts::read(&shared.parts.policy.folder()).map_err(|error| disk(&error))?;
    let lists = ListText::read(texts.get(LISTS).map(String::as_str).unwrap_or_default())?;
    Ok((texts::mark(&texts), lists))
}

pub(super) async fn replace(
    shared: State,
    entrance: Extension<Entrance>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Replacement { items, why } = json(&headers, body)?;
    let entries = items.into_iter().map(Sent::checked).collect::<Result<Vec<_>, _>>()?;
    let why = if why.is_empty() { format!("list `{id}` changed") } else { why };
    let by = entrance.caller.name();
    let note = Note { by, why, way: Way::Edited, seen: seen(&headers)? };
    let changed = shared.ask(move |shared| {
        shared.changes.change(&*shared.parts.policy, note, |texts| {
            let text = texts.entry(LISTS.to_owned()).or_default();
            let mut lists = ListText::read(text)?;
            lists.set(&id, entries)?;
            *text = lists.write();
            Ok(())
        })
    });
    let changed = changed.await?;
    Ok(([(ETAG, changed.etag.clone())], Json(changed)).into_response())
}
