//! Workers: the gateway's own `workerd` processes, one for each Worker that rules forward to, and
//! the egress on which their requests come back.
//!
//! `workerd` bounds neither the time nor the memory of the code that it runs. Whatever code does,
//! it does to its own process alone, and that is watched from here: one that does not answer, or
//! grows too large, is killed and started anew.

mod capnp;
mod egress;
mod folder;
mod instance;
mod supervisor;
mod worker;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gateway_proxy::{
    Entrance, Entry, Flow, FlowToken, Flows, Invocation, Invoke, InvokeError, Policy,
};
use gateway_rules::Action;
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::folder::Folder;
pub(crate) use self::instance::{Instance, StartError};
use self::supervisor::supervise;
use self::worker::Worker;
use crate::config;
use crate::drive::Stream;
use crate::policy::{LoadedPolicy, WorkerSource};
use crate::random;
use crate::serve::{Gateway, Life};

/// Why Workers cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum WorkersError {
    /// A rule forwards, but there is nothing to run Workers with.
    #[error(
        "rule `{rule}` forwards to the worker `{worker}`, but the setting `workers.workerd` names \
         no workerd to run it with"
    )]
    NoWorkerd {
        /// The rule.
        rule: String,
        /// The Worker.
        worker: String,
    },
    /// The folder of sockets cannot be made.
    #[error("cannot make a folder for sockets of workers: {0}")]
    Folder(#[from] std::io::Error),
    /// There are no random bytes.
    #[error(transparent)]
    Random(#[from] random::NoRandom),
    /// A Worker does not start.
    #[error("the worker `{worker}` does not start: {source}")]
    Start {
        /// The Worker.
        worker: String,
        /// Why.
        source: StartError,
    },
}

/// The Workers that run.
pub(crate) struct Workers {
    shared: Arc<Shared>,
    workers: BTreeMap<String, Arc<Worker>>,
    tasks: Mutex<JoinSet<()>>,
    stop: watch::Sender<Stop>,
}

/// Whether Workers go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    No,
    Now,
}

/// What all Workers share.
struct Shared {
    workerd: PathBuf,
    /// The policy folder, where the code is.
    policy_dir: PathBuf,
    folder: Folder,
    egress: Mutex<Option<tokio::net::UnixListener>>,
    flows: Flows,
    /// Who may come in on the egress.
    entries: Mutex<Vec<Entry>>,
    start: Duration,
    health: Duration,
    drain: Duration,
}

impl Shared {
    fn admit(&self, entries: impl IntoIterator<Item = Entry>) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).extend(entries);
    }

    fn expel(&self, secrets: &[String]) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| !secrets.contains(&entry.secret));
    }

    fn entrance(&self, own: Arc<Policy>) -> Entrance {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        Entrance { flows: self.flows.clone(), entries: entries.as_slice().into(), own }
    }
}

/// The Workers of `policy` that an enforcing rule forwards to, each with such a rule.
pub(crate) fn wanted(policy: &LoadedPolicy) -> Vec<(&WorkerSource, &str)> {
    let forwards = policy.rules.rules().iter().filter(|rule| rule.is_enforcing());
    let mut by_name = BTreeMap::new();
    for rule in forwards {
        if let Action::Forward(worker) = &rule.action {
            by_name.entry(worker.as_str()).or_insert(rule.id.as_str());
        }
    }
    let sources = policy.workers.iter();
    sources.filter_map(|source| Some((source, *by_name.get(source.name.as_str())?))).collect()
}

/// Whether the Workers of `policy` could be run under `config`.
///
/// # Errors
///
/// [`WorkersError::NoWorkerd`].
pub(crate) fn check(config: &config::Workers, policy: &LoadedPolicy) -> Result<(), WorkersError> {
    match wanted(policy).first() {
        Some((source, rule)) if config.workerd.as_os_str().is_empty() => {
            Err(WorkersError::NoWorkerd { rule: (*rule).to_owned(), worker: source.name.clone() })
        }
        Some(_) | None => Ok(()),
    }
}

impl Workers {
    /// Starts the Workers that rules forward to, and waits until all of them are ready; `None` where
    /// no rule forwards.
    ///
    /// # Errors
    ///
    /// [`WorkersError`]; no process is left then.
    pub(crate) async fn start(
        config: &config::Config,
        policy: &LoadedPolicy,
    ) -> Result<Option<Self>, WorkersError> {
        let settings = &config.workers;
        check(settings, policy)?;
        let wanted = wanted(policy);
        if wanted.is_empty() {
            return Ok(None);
        }
        let folder = Folder::create()?;
        let ms = Duration::from_millis;
        let shared = Arc::new(Shared {
            workerd: settings.workerd.clone(),
            policy_dir: config.policy.dir.clone(),
            egress: Mutex::new(Some(tokio::net::UnixListener::bind(folder.egress())?)),
            folder,
            flows: Flows::default(),
            entries: Mutex::default(),
            start: ms(settings.start_ms),
            health: ms(settings.health_ms),
            drain: ms(config.timeouts.drain_ms),
        });
        let (stop, _) = watch::channel(Stop::No);
        let mut tasks = JoinSet::new();
        let mut workers = BTreeMap::new();
        for (source, _) in wanted {
            let first = Instance::start(&shared, source).await.map_err(|source_error| {
                WorkersError::Start { worker: source.name.clone(), source: source_error }
            })?;
            let worker = Arc::new(Worker::new(source, first.instance.clone()));
            workers.insert(source.name.clone(), worker.clone());
            tasks.spawn(supervise(shared.clone(), worker, first, stop.subscribe()));
        }
        Ok(Some(Self { shared, workers, tasks: Mutex::new(tasks), stop }))
    }

    /// Takes what Workers send on the egress, until the gateway stops.
    pub(crate) fn serve_egress(&self, gateway: &Arc<Gateway>, life: &watch::Sender<Life>) {
        let listener = self.shared.egress.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(listener) = listener else { return };
        let (gateway, life) = (Arc::downgrade(gateway), life.clone());
        let accepting = egress::accept(listener, self.shared.clone(), gateway, life);
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).spawn(accepting);
    }

    /// Opens a flow for a request, and connects to its Worker.
    ///
    /// # Errors
    ///
    /// Why the request cannot be handed over.
    pub(crate) async fn invoke(
        &self,
        invoke: Invoke,
    ) -> Result<(Stream, Arc<Instance>, Invocation), InvokeError> {
        let worker = self.workers.get(&invoke.worker).ok_or(InvokeError::Unavailable)?;
        let flow = Flow::new(&invoke.worker, invoke.destination);
        let permit = Worker::admit(worker, &flow)?;
        let token = random::bytes().map_err(|_| InvokeError::Unavailable)?;
        let lease = Arc::new(self.shared.flows.open(FlowToken::new(token), flow));
        let (stream, instance) = worker.connect().await.ok_or_else(|| {
            permit.fail();
            InvokeError::Unavailable
        })?;
        let version = instance.version().to_owned();
        let guard = Arc::new((permit, instance.busy()));
        Ok((stream, instance, Invocation { lease, version, guard }))
    }

    /// Stops all Workers and takes their folder away.
    pub(crate) async fn stop(&self) {
        let _ = self.stop.send(Stop::Now);
        let mut tasks =
            std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        // Supervisors see their processes off; the rest has nothing to say.
        let _ = tokio::time::timeout(instance::LAST_CALL * 2, async {
            while !self.workers.values().all(|worker| worker.is_gone()) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
        tasks.shutdown().await;
    }
}

/// The settings of `policy`'s Workers, as the machines want them.
pub(crate) fn policies(policy: &LoadedPolicy) -> BTreeMap<String, gateway_proxy::WorkerPolicy> {
    let of = |source: &WorkerSource| (source.name.clone(), source.settings.policy());
    policy.workers.iter().map(of).collect()
}

/// Whether the code of a Worker stands in `path`, for messages.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
