//! What the admin API needs of this gateway: the policy in force, the records that are kept, and
//! how everything is doing. What it does with them is the business of `gateway-admin`.

mod archive;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use gateway_admin::{
    Admin, Attempt, BindError, Diagnostic, Doors, Health, Hits, Installed, Limits, Parts,
    PolicyStore, Reloads, Severity, SinkStatus, Status, Token, TokenError,
};
use gateway_rules::RuleSet;
use tokio::runtime::Handle;

use crate::config::{self, Config};
use crate::policy;
use crate::random::{self, NoRandom};
use crate::reload::{Cause, Fault, ReloadError, Reloaded, Reloader};
use crate::serve::{Live, Serving};
use archive::Records;

/// Why the gateway cannot be administered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum AdminError {
    /// No socket.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// No token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// No random bytes for one.
    #[error(transparent)]
    Random(#[from] NoRandom),
}

/// Opens the doors that `config` names. Needs the runtime.
///
/// # Errors
///
/// [`AdminError`].
pub(crate) fn bind(config: &config::Admin) -> Result<Doors, AdminError> {
    let mut doors = Doors::default();
    if !config.socket.as_os_str().is_empty() {
        doors.open_unix(&config.socket)?;
    }
    if !config.listen.is_empty() {
        let token = Token::load_or_make(&config.token, random::bytes()?)?;
        for &address in &config.listen {
            doors.open_tcp(address, &token)?;
        }
    }
    Ok(doors)
}

/// How a reload went is said by it.
pub(crate) type Tell = fn(Cause, &Result<Reloaded, ReloadError>);

/// Answers at `doors` until that is dropped. Needs the runtime.
pub(crate) fn start(
    doors: Doors,
    live: Arc<Live>,
    serving: Arc<Serving>,
    reloader: Arc<Reloader>,
    tell: Tell,
) -> Admin {
    let gateway = live.current();
    let config = &gateway.config;
    let this = Arc::new(Administered {
        live,
        serving,
        reloader,
        runtime: Handle::current(),
        started: Instant::now(),
        tell,
    });
    let parts = Parts {
        policy: this.clone(),
        records: Arc::new(Records::in_folder(&config.log.sqlite.folder)),
        health: this,
        feed: gateway.sinks.feed().clone(),
        versions: config.admin.versions.clone(),
        versions_max: config.admin.versions_max,
    };
    Admin::start(doors, parts, Limits::default())
}

/// The gateway as the API sees it.
struct Administered {
    live: Arc<Live>,
    serving: Arc<Serving>,
    reloader: Arc<Reloader>,
    runtime: Handle,
    started: Instant,
    tell: Tell,
}

impl PolicyStore for Administered {
    fn folder(&self) -> PathBuf {
        self.live.current().config.policy.dir.clone()
    }

    fn rules(&self) -> Arc<RuleSet> {
        self.live.current().rules().clone()
    }

    fn check(&self, candidate: &Path) -> Vec<Diagnostic> {
        // All that a reload loads: what the candidate lacks it would get from the folder.
        let running = self.live.current();
        let Config { policy, av, .. } = &running.config;
        let loaded = policy::load_parts(candidate, &policy.dir, av, Some(running.before()));
        let (problems, severity, more) = match loaded {
            Ok(policy) => {
                let more = Fault::between(&running.config, &policy);
                (policy.warnings, Severity::Warning, more)
            }
            Err(error) => (error.problems, Severity::Error, Vec::new()),
        };
        let problems = problems.iter().map(|one| diagnostic(Fault::of_problem(one), severity));
        problems.chain(more.into_iter().map(|one| diagnostic(one, Severity::Error))).collect()
    }

    fn install(&self, candidate: &Path) -> Result<Installed, Vec<Diagnostic>> {
        let result = self.runtime.block_on(self.reloader.install(candidate));
        (self.tell)(Cause::Install, &result);
        match result {
            Ok(Reloaded { generation, warnings, .. }) => Ok(Installed { generation, warnings }),
            Err(error) => Err(errors(Fault::of(&error))),
        }
    }
}

impl Health for Administered {
    fn status(&self) -> Status {
        let reload = self.reloader.status();
        let sinks = self.live.current().sinks.status().into_iter();
        Status {
            version: env!("CARGO_PKG_VERSION"),
            uptime_s: self.started.elapsed().as_secs(),
            generation: reload.generation,
            since_unix_s: reload.since_unix_s,
            superseded: reload.superseded,
            needs_restart: reload.needs_restart,
            warnings: reload.warnings,
            reloads: Reloads {
                succeeded: reload.succeeded,
                failed: reload.failed,
                last: reload.last.map(|last| Attempt {
                    cause: last.cause.as_str().to_owned(),
                    at_unix_s: last.at_unix_s,
                    faults: errors(last.faults),
                }),
            },
            listeners: self.serving.addresses(),
            sinks: sinks.map(sink).collect(),
        }
    }

    fn hits(&self) -> BTreeMap<String, Hits> {
        let gateway = self.live.current();
        let matches = gateway.sinks.metrics().rule_matches().into_iter();
        matches.map(|(id, enforced, logged)| (id, Hits { enforced, logged })).collect()
    }
}

fn sink(status: gateway_sinks::Status) -> SinkStatus {
    let error = status.last_error.filter(|error| !error.is_over);
    SinkStatus {
        sink: status.sink.to_owned(),
        queued: status.queued,
        spooled: status.spooled,
        written: status.written,
        dropped: status.dropped,
        retries: status.retries,
        error: error.map(|error| error.message),
    }
}

fn errors(faults: Vec<Fault>) -> Vec<Diagnostic> {
    faults.into_iter().map(|fault| diagnostic(fault, Severity::Error)).collect()
}

fn diagnostic(fault: Fault, severity: Severity) -> Diagnostic {
    let Fault { file, line, column, message } = fault;
    Diagnostic { severity, file, line, column, message }
}
