//! The demo's Worker: a page of advice in the place of the origin's answer. It takes part where there
//! is a `workerd` to run it.

use std::error::Error;
use std::path::{Path, PathBuf};

use gateway_h1h2::Version;

use super::client::{Asked, Way};
use super::{Issuer, PUBLIC, RULES, Step};
use crate::args::{GlobalArgs, RunArgs};
use crate::policy::{self, LoadedPolicy};
use crate::{config, startup};

const RULE: &str = r#"
[[rule]]
id = "coach"
name = "A word before the paste site"
layer = "http"
action = "forward"
worker = "coach"
filter = 'http.request.uri.path == "/paste"'
"#;

const SCRIPT: &str = r#"
import { WorkerEntrypoint } from "cloudflare:workers";

export class GatewayMiddleware extends WorkerEntrypoint {
  async handle(request, context, next) {
    return new Response(`Think before you paste on ${context.host}.\n`);
  }
}
"#;

/// The program that the configuration names, else one in `PATH`.
pub(super) fn workerd(global: &GlobalArgs) -> Option<PathBuf> {
    let state = startup::state_dir(global).ok();
    let loaded = state
        .and_then(|state| config::load(global.config.as_deref(), &state, &RunArgs::default()).ok());
    let named = loaded.map(|loaded| loaded.config.workers.workerd);
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&folders).map(|folder| folder.join("workerd"));
    named.into_iter().chain(in_path).find(|path| path.is_file())
}

/// Adds the Worker to the policy in `dir`, and loads it anew.
pub(super) fn add(dir: &Path) -> Result<LoadedPolicy, Box<dyn Error>> {
    std::fs::create_dir_all(dir.join("workers/coach"))?;
    std::fs::write(dir.join("workers/coach/index.js"), SCRIPT)?;
    std::fs::write(dir.join("rules.toml"), format!("{RULES}{RULE}"))?;
    Ok(policy::load(dir)?)
}

/// What shows it: the origin has nothing there.
pub(super) fn step(port: u16) -> Step {
    Step {
        title: "a page that a Worker answers in the origin's place",
        asked: Asked {
            host: PUBLIC,
            port,
            path: "/paste",
            body: None,
            credentials: None,
            message: None,
            version: Version::Http2,
            way: Way::Connect,
        },
        status: 200,
        issuer: Issuer::Gateway,
        action: "forward",
        policy: "coach",
    }
}
