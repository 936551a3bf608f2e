//! How the gateway is doing, and the fields that filters can ask for.

use std::collections::BTreeMap;

use axum::Json;
use gateway_rules::{Phase, Presence, Scheme};
use serde::Serialize;

use super::State;
use crate::problem::Problem;
use crate::{Hits, Status};

/// What is told.
#[derive(Serialize)]
pub(super) struct Told {
    #[serde(flatten)]
    status: Status,
    /// How often each rule matched, by id.
    rule_hits: BTreeMap<String, Hits>,
    live: Live,
}

#[derive(Serialize)]
struct Live {
    watchers: usize,
    dropped: u64,
}

pub(super) async fn status(shared: State) -> Result<Json<Told>, Problem> {
    let told = shared.ask(|shared| {
        let (health, feed) = (&shared.parts.health, &shared.parts.feed);
        let live = Live { watchers: feed.watchers(), dropped: feed.dropped() };
        Ok(Told { status: health.status(), rule_hits: health.hits(), live })
    });
    Ok(Json(told.await?))
}

#[derive(Serialize)]
pub(super) struct Fields {
    fields: Vec<Field>,
}

#[derive(Serialize)]
struct Field {
    name: String,
    #[serde(rename = "type")]
    ty: String,
    phases: Vec<&'static str>,
    optional: bool,
    doc: String,
}

pub(super) async fn fields() -> Json<Fields> {
    let scheme = Scheme::gateway();
    let field = |field: &gateway_rules::Field| Field {
        name: field.name().to_owned(),
        ty: field.ty().to_string(),
        phases: field.phases().iter().map(Phase::name).collect(),
        optional: matches!(field.presence(), Presence::Optional | Presence::Foreign),
        doc: field.doc().to_owned(),
    };
    Json(Fields { fields: scheme.fields().map(|(_, of)| field(of)).collect() })
}
