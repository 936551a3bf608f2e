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
mod nursery;
mod returned;
mod supervisor;
mod wanted;
mod worker;

use std::collections::BTreeMap;
use std::io;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use gateway_proxy::{
    Entrance, Entry, Flow, FlowLease, FlowToken, Flows, Invocation, Invoke, InvokeError, Policy,
};
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use self::folder::Folder;
use self::instance::Process;
pub(crate) use self::instance::{Instance, StartError};
use self::nursery::Nursery;
pub(crate) use self::nursery::become_bound;
pub(crate) use self::returned::Returned;
use self::supervisor::Order;
pub(crate) use self::wanted::{check, policies};
use self::worker::{Permit, Reached, Worker};
use crate::config::Config;
use crate::drive::{Pipe, Stream};
use crate::policy::{LoadedPolicy, WorkerSource};
use crate::random::Draws;
use crate::serve::{Life, Live};

/// How long the ends of all Workers may take together.
const END: Duration = Duration::from_secs(5);

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
    #[error("cannot make a folder for the sockets of workers: {0}")]
    Folder(#[from] io::Error),
    /// There is no thread to start them.
    #[error("cannot start the thread that starts workers: {0}")]
    Thread(io::Error),
    /// A Worker does not start.
    #[error("the worker `{worker}` does not start: {source}")]
    Start {
        /// The Worker.
        worker: String,
        /// Why.
        source: StartError,
    },
}

/// The Workers of a gateway, over all its generations. Where no rule forwards there is nothing in
/// it: no process, no socket, no folder.
#[derive(Default)]
pub(crate) struct Workers {
    base: Mutex<Option<Arc<Base>>>,
    running: Mutex<BTreeMap<String, Arc<Worker>>>,
    accepting: Mutex<Vec<JoinHandle<()>>>,
    supervising: Mutex<JoinSet<()>>,
    live: OnceLock<Weak<Live>>,
    fate: watch::Sender<Egress>,
}

/// Whether the egress is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Egress {
    #[default]
    Open,
    Closed,
}

/// What all Workers share.
struct Base {
    workerd: PathBuf,
    nursery: Nursery,
    folder: Folder,
    egress: Mutex<Option<UnixListener>>,
    flows: Flows,
    /// For the tokens of flows.
    tokens: Draws<16>,
    /// Who may come in on the egress.
    entries: Mutex<Vec<Entry>>,
    /// Requests that have come back, and how to ask for their responses.
    returned: Mutex<BTreeMap<FlowToken, oneshot::Sender<Pipe>>>,
    start: Duration,
    health: Duration,
}

/// Workers that are ready to take over; processes that are not taken over end with it.
pub(crate) struct Prepared {
    started: Vec<(WorkerSource, Process)>,
    /// The names of all Workers that there are from now on.
    names: Vec<String>,
    drain: Duration,
}

/// A flow that waits for a connection with its Worker.
pub(crate) struct Opened {
    worker: Arc<Worker>,
    permit: Permit,
    lease: Arc<FlowLease>,
}

impl Opened {
    /// Takes an idle connection, which is there most of the time.
    ///
    /// # Errors
    ///
    /// The flow, when there is none.
    pub(crate) fn at_once(self) -> Result<Connected, Self> {
        match self.worker.idle() {
            Some(reached) => Ok(self.by(reached)),
            None => Err(self),
        }
    }

    /// Takes an idle connection or connects.
    ///
    /// # Errors
    ///
    /// Why the request cannot be handed over.
    pub(crate) async fn connect(self) -> Result<Connected, InvokeError> {
        let Some(reached) = self.worker.connect().await else {
            self.permit.fail();
            return Err(InvokeError::Unavailable);
        };
        Ok(self.by(reached))
    }

    fn by(self, (stream, instance, busy): Reached) -> Connected {
        let version = instance.version().to_owned();
        let guard = Arc::new((self.permit, busy));
        (stream, instance, Invocation { lease: self.lease, version, guard })
    }
}

/// A connection with a Worker, and what it was made for.
pub(crate) type Connected = (Stream, Arc<Instance>, Invocation);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listen(path: &Path) -> io::Result<UnixListener> {
    let listener = UnixListener::bind(path)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

impl Base {
    fn new(config: &Config) -> Result<Self, WorkersError> {
        let settings = &config.workers;
        let folder = Folder::create()?;
        Ok(Self {
            workerd: settings.workerd.clone(),
            nursery: Nursery::open().map_err(WorkersError::Thread)?,
            egress: Mutex::new(Some(listen(&folder.egress())?)),
            folder,
            flows: Flows::default(),
            tokens: Draws::new(),
            entries: Mutex::default(),
            returned: Mutex::default(),
            start: Duration::from_millis(settings.start_ms),
            health: Duration::from_millis(settings.health_ms),
        })
    }

    fn admit(&self, entries: impl IntoIterator<Item = Entry>) {
        lock(&self.entries).extend(entries);
    }

    fn expel(&self, secrets: [&str; 2]) {
        lock(&self.entries).retain(|entry| !secrets.contains(&entry.secret.as_str()));
    }

    fn entrance(&self, own: Arc<Policy>) -> Entrance {
        let entries = lock(&self.entries).as_slice().into();
        Entrance { flows: self.flows.clone(), entries, own }
    }
}

impl Workers {
    /// Requests that Workers pass on are served under the generation then in force.
    pub(crate) fn come_back_to(&self, live: &Arc<Live>) {
        let _ = self.live.set(Arc::downgrade(live));
        self.accept();
    }

    /// Starts a process for each Worker that the rules of `policy` forward to and whose code is not
    /// what runs already, and waits until all are ready. Nothing changes for requests yet.
    ///
    /// # Errors
    ///
    /// [`WorkersError`]; processes that were started have ended then.
    pub(crate) async fn prepare(
        &self,
        config: &Config,
        policy: &LoadedPolicy,
    ) -> Result<Prepared, WorkersError> {
        check(&config.workers, policy)?;
        let wanted = wanted::sources(policy);
        let drain = Duration::from_millis(config.timeouts.drain_ms);
        let names = wanted.iter().map(|source| source.name.clone()).collect();
        let mut prepared = Prepared { started: Vec::new(), names, drain };
        if wanted.is_empty() {
            return Ok(prepared);
        }
        let base = self.base(config)?;
        for source in wanted {
            let runs = lock(&self.running).get(&source.name).map(|worker| worker.version());
            if runs.as_ref() == Some(&source.version) {
                continue;
            }
            let process = Instance::start(&base, source).await.map_err(|error| {
                WorkersError::Start { worker: source.name.clone(), source: error }
            })?;
            prepared.started.push((source.clone(), process));
        }
        Ok(prepared)
    }

    /// Lets what was prepared take over: every request from now on goes to the new processes; those
    /// before end when their last request has. Needs the runtime.
    pub(crate) fn commit(&self, prepared: Prepared) {
        let Prepared { started, names, drain } = prepared;
        let Some(base) = lock(&self.base).clone() else { return };
        let mut running = lock(&self.running);
        for (source, process) in started {
            if let Some(worker) = running.get(&source.name) {
                worker.take_over(source, process, drain);
                continue;
            }
            let (worker, orders) = Worker::new(source, process.instance.clone());
            running.insert(worker.name.clone(), worker.clone());
            let life = supervisor::supervise(base.clone(), worker, process, orders);
            lock(&self.supervising).spawn(life);
        }
        let gone: Vec<String> =
            running.keys().filter(|name| !names.contains(name)).cloned().collect();
        for worker in gone.iter().filter_map(|name| running.remove(name)) {
            worker.order(Order::Stop(drain));
        }
        drop(running);
        self.accept();
    }

    /// Opens a flow for a request.
    ///
    /// # Errors
    ///
    /// Why the request cannot be handed over.
    pub(crate) fn invoke(&self, invoke: Invoke) -> Result<Opened, InvokeError> {
        let worker = lock(&self.running).get(&invoke.worker).cloned();
        let worker = worker.ok_or(InvokeError::Unavailable)?;
        let base = lock(&self.base).clone().ok_or(InvokeError::Unavailable)?;
        let flow = Flow::new(&invoke.worker, *invoke.destination);
        let permit = Worker::admit(&worker, &flow)?;
        let token = base.tokens.next().map_err(|_| InvokeError::Unavailable)?;
        let lease = Arc::new(base.flows.open(FlowToken::new(token), flow));
        Ok(Opened { worker, permit, lease })
    }

    /// Stops all Workers and takes their folder away.
    pub(crate) async fn stop(&self) {
        let _ = self.fate.send(Egress::Closed);
        let accepting = std::mem::take(&mut *lock(&self.accepting));
        for worker in std::mem::take(&mut *lock(&self.running)).into_values() {
            worker.order(Order::Stop(Duration::ZERO));
        }
        let mut supervising = std::mem::take(&mut *lock(&self.supervising));
        let ends = async {
            for accepting in accepting {
                let _ = accepting.await;
            }
            while supervising.join_next().await.is_some() {}
        };
        if timeout(END, ends).await.is_err() {
            supervising.shutdown().await;
        }
        *lock(&self.base) = None;
    }

    fn base(&self, config: &Config) -> Result<Arc<Base>, WorkersError> {
        let mut base = lock(&self.base);
        if let Some(base) = &*base {
            return Ok(base.clone());
        }
        let new = Arc::new(Base::new(config)?);
        *base = Some(new.clone());
        Ok(new)
    }

    /// Accepts on the egress, as soon as there is one and somebody to serve it.
    fn accept(&self) {
        let (Some(base), Some(live)) = (lock(&self.base).clone(), self.live.get()) else { return };
        let Some(serving) = live.upgrade().map(|live| live.current()) else { return };
        let Some(listener) = lock(&base.egress).take() else { return };
        let accept = || {
            let (listener, fate) = (listener.try_clone(), self.fate.subscribe());
            egress::accept(listener, base.clone(), live.clone(), fate)
        };
        *lock(&self.accepting) = serving.shared().crew.spawn_on_each(accept);
    }
}
