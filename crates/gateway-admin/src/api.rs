//! The routes, in one table that a test compares with the OpenAPI document.

mod blocking;
mod changes;
mod lists;
mod live;
mod policies;
mod records;
mod stats;
mod status;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get, post};
use tokio::sync::Semaphore;

use crate::candidate::Changes;
use crate::guard::{Patience, guard};
use crate::problem::Problem;
use crate::{Limits, Parts, page};

/// What the routes share.
pub(crate) struct Shared {
    pub(crate) parts: Parts,
    pub(crate) changes: Changes,
    /// Questions that wait for the disk at a time.
    pub(crate) questions: Semaphore,
}

type State = axum::extract::State<Arc<Shared>>;

/// Questions that wait for the disk at a time; the others wait for them.
const QUESTIONS_MAX: usize = 4;

/// One path, the methods that it takes, what answers.
type Route = (&'static str, &'static [&'static str], MethodRouter<Arc<Shared>>);

fn routes() -> [Route; 19] {
    [
        ("/api/v1/apply", &["post"], post(changes::apply)),
        ("/api/v1/fields", &["get"], get(status::fields)),
        ("/api/v1/lists", &["get"], get(lists::list)),
        ("/api/v1/lists/{id}", &["get", "put"], get(lists::one).put(lists::replace)),
        ("/api/v1/openapi.json", &["get"], get(openapi)),
        (
            "/api/v1/policies",
            &["get", "post", "put"],
            get(policies::list).put(policies::replace).post(policies::add),
        ),
        (
            "/api/v1/policies/{id}",
            &["delete", "get", "put"],
            get(policies::one).put(policies::set).delete(policies::remove),
        ),
        ("/api/v1/policy", &["get"], get(changes::policy)),
        ("/api/v1/records", &["get"], get(records::last)),
        ("/api/v1/records/live", &["get"], get(live::live)),
        ("/api/v1/records/{id}", &["get"], get(records::one)),
        ("/api/v1/rollback", &["post"], post(changes::roll_back)),
        ("/api/v1/stats", &["get"], get(stats::series)),
        ("/api/v1/stats/top", &["get"], get(stats::top)),
        ("/api/v1/status", &["get"], get(status::status)),
        ("/api/v1/validate", &["post"], post(changes::validate)),
        ("/api/v1/versions", &["get"], get(changes::versions)),
        ("/api/v1/versions/{version}", &["get"], get(changes::version)),
        ("/api/v1/why", &["post"], post(policies::why)),
    ]
}

/// Everything that is answered.
pub(crate) fn router(parts: Parts, limits: &Limits) -> Router {
    let changes = Changes::new(&parts);
    let shared = Arc::new(Shared { parts, changes, questions: Semaphore::new(QUESTIONS_MAX) });
    let mut router = Router::new();
    for (path, _, answers) in routes() {
        router = router.route(path, answers);
    }
    for (path, ..) in page::FILES {
        router = router.route(path, get(page::file));
    }
    router
        .route("/door.json", get(page::door))
        .fallback(|| async { Problem::not_found("there is nothing of this name") })
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this path does not take this method")
        })
        .layer(DefaultBodyLimit::max(limits.body_bytes_max))
        .layer(from_fn_with_state(Patience(limits.answer), guard))
        .with_state(shared)
}

/// The description of this API.
const OPENAPI: &str = include_str!("openapi.json");

async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], OPENAPI)
}

#[cfg(test)]
mod tests;
