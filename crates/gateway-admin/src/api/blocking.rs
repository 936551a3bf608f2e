//! Questions that wait for the disk, asked where that harms nobody, and bodies that are read with
//! errors in our form.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use serde::de::DeserializeOwned;

use super::Shared;
use crate::problem::Problem;

impl Shared {
    /// Asks `question` on a thread of its own, when it is its turn.
    pub(crate) async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let broken = || Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the question broke off");
        let Ok(_place) = self.questions.acquire().await else { return Err(broken()) };
        let this = self.clone();
        tokio::task::spawn_blocking(move || question(&this)).await.unwrap_or_else(|_| Err(broken()))
    }
}

/// Reads a JSON body.
///
/// # Errors
///
/// A [`Problem`] with what is wrong, and where.
pub(crate) fn json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<T, Problem> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        // A form of another site could send any other kind.
        let detail = "send Content-Type: application/json";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let body = body.map_err(|error| Problem::new(error.status(), error.body_text()))?;
    serde_json::from_slice(&body)
        .map_err(|error| Problem::request(format!("the body is not understood: {error}")))
}
