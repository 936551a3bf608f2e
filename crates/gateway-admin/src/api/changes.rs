//! The policy as text: read, checked, applied, taken back; and its versions.

use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::http::header::{ETAG, HeaderMap};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use super::State;
use super::blocking::json;
use super::policies::seen;
use crate::Diagnostic;
use crate::candidate::{Changed, Note, disk, is_sound};
use crate::guard::Entrance;
use crate::history::{Version, Way};
use crate::problem::Problem;
use crate::texts::{self, RULES, Texts};

/// Texts that take the place of files of the policy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proposed {
    /// Files by name.
    #[serde(default)]
    files: Texts,
    /// Short for the one file `rules.toml`.
    text: Option<String>,
    /// What the change is for.
    #[serde(default)]
    why: String,
}

impl Proposed {
    fn texts(&mut self) -> Result<Texts, Problem> {
        let mut texts = std::mem::take(&mut self.files);
        if let Some(text) = self.text.take() {
            texts.insert(RULES.to_owned(), text);
        }
        if texts.is_empty() {
            return Err(Problem::request("expected `text`, or `files` with at least one file"));
        }
        match texts.keys().find(|name| !texts::is_name(name)) {
            Some(name) => Err(Problem::request(format!("`{name}` cannot be a file of a policy"))),
            None => Ok(texts),
        }
    }
}

#[derive(Serialize)]
struct Policy {
    files: Texts,
    etag: String,
}

pub(super) async fn policy(shared: State) -> Result<Response, Problem> {
    let read = shared
        .ask(|shared| texts::read(&shared.parts.policy.folder()).map_err(|error| disk(&error)));
    let files = read.await?;
    let etag = texts::mark(&files);
    Ok(([(ETAG, etag.clone())], Json(Policy { files, etag })).into_response())
}

#[derive(Serialize)]
pub(super) struct Checked {
    valid: bool,
    diagnostics: Vec<Diagnostic>,
}

pub(super) async fn validate(
    shared: State,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Checked>, Problem> {
    let texts = json::<Proposed>(&headers, body)?.texts()?;
    let checked = shared.ask(move |shared| shared.changes.check(&*shared.parts.policy, &texts));
    let diagnostics = checked.await?;
    Ok(Json(Checked { valid: is_sound(&diagnostics), diagnostics }))
}

pub(super) async fn apply(
    shared: State,
    entrance: Extension<Entrance>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Changed>, Problem> {
    let mut proposed: Proposed = json(&headers, body)?;
    let texts = proposed.texts()?;
    let note = Note {
        by: entrance.caller.name(),
        why: proposed.why,
        way: Way::Applied,
        seen: seen(&headers)?,
    };
    let changed = shared.ask(move |shared| {
        shared.changes.change(&*shared.parts.policy, note, |all| {
            all.extend(texts);
            Ok(())
        })
    });
    Ok(Json(changed.await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rollback {
    version: u64,
    #[serde(default)]
    why: String,
}

pub(super) async fn roll_back(
    shared: State,
    entrance: Extension<Entrance>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Changed>, Problem> {
    let Rollback { version, why } = json(&headers, body)?;
    let why = if why.is_empty() { format!("back to version {version}") } else { why };
    let note =
        Note { by: entrance.caller.name(), why, way: Way::RolledBack, seen: seen(&headers)? };
    let changed = shared.ask(move |shared| {
        let (_, texts) = kept(shared, version)?;
        shared.changes.change(&*shared.parts.policy, note, |all| {
            *all = texts;
            Ok(())
        })
    });
    Ok(Json(changed.await?))
}

#[derive(Serialize)]
pub(super) struct Versions {
    versions: Vec<Version>,
}

pub(super) async fn versions(shared: State) -> Result<Json<Versions>, Problem> {
    let list = shared.ask(|shared| shared.changes.history.list().map_err(|error| disk(&error)));
    Ok(Json(Versions { versions: list.await? }))
}

#[derive(Serialize)]
pub(super) struct WithTexts {
    #[serde(flatten)]
    version: Version,
    files: Texts,
}

pub(super) async fn version(
    shared: State,
    Path(number): Path<String>,
) -> Result<Json<WithTexts>, Problem> {
    let number = number.parse().map_err(|_| Problem::not_found("versions are numbers"))?;
    let (version, files) = shared.ask(move |shared| kept(shared, number)).await?;
    Ok(Json(WithTexts { version, files }))
}

fn kept(shared: &super::Shared, number: u64) -> Result<(Version, Texts), Problem> {
    let found = shared.changes.history.read(number).map_err(|error| disk(&error))?;
    let none = || Problem::new(StatusCode::NOT_FOUND, format!("version {number} is not kept"));
    found.ok_or_else(none)
}
