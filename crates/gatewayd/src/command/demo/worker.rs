//! The demo's Worker: a page of advice in the place of the origin's answer. It takes part where there
//! is a `workerd` to run it.

use std::io;
use std::path::{Path, PathBuf};

use gateway_h1h2::Version;

use super::Issuer;
use super::client::Asked;
use super::steps::{Step, plain};
use crate::args::{GlobalArgs, RunArgs};
use crate::{config, startup};

/// The rule that hands requests to it.
pub(super) const RULE: &str = r#"
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

/// Puts the Worker into the new folder `dir`.
pub(super) fn add(dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(dir.join("coach"))?;
    std::fs::write(dir.join("coach/index.js"), SCRIPT)
}

/// What shows it: the origin has nothing there.
pub(super) fn step(port: u16) -> Step {
    Step {
        title: "a page that a Worker answers in the origin's place",
        asked: Asked { path: "/paste", version: Version::Http2, ..plain(port) },
        status: 200,
        issuer: Issuer::Gateway,
        action: "forward",
        policy: "coach",
        outside: &[],
    }
}
