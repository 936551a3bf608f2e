//! One Worker as requests see it: its cap, its breaker, and the process that serves it now.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gateway_proxy::{Admission, Flow, Health, InvokeError, Refused};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::instance::{Busy, Instance, Process};
use super::lock;
use super::supervisor::Order;
use crate::drive::Stream;
use crate::policy::WorkerSource;

/// A connection with a process, on which one request is counted.
pub(super) type Reached = (Stream, Arc<Instance>, Busy);

/// One Worker.
pub(super) struct Worker {
    pub(super) name: String,
    admission: Mutex<Admission>,
    /// The code that is in force.
    source: Mutex<WorkerSource>,
    /// The process that serves; `None` while there is none.
    current: watch::Sender<Option<Arc<Instance>>>,
    orders: mpsc::UnboundedSender<Order>,
}

impl Worker {
    /// A Worker that `first` serves, and the orders for its supervisor.
    pub(super) fn new(
        source: WorkerSource,
        first: Arc<Instance>,
    ) -> (Arc<Self>, mpsc::UnboundedReceiver<Order>) {
        let (orders, ordered) = mpsc::unbounded_channel();
        let worker = Self {
            name: source.name.clone(),
            admission: Mutex::new(Admission::new(source.settings.admission())),
            source: Mutex::new(source),
            current: watch::Sender::new(Some(first)),
            orders,
        };
        (Arc::new(worker), ordered)
    }

    /// The version of the code that is in force.
    pub(super) fn version(&self) -> String {
        lock(&self.source).version.clone()
    }

    /// The code that is in force.
    pub(super) fn source(&self) -> WorkerSource {
        lock(&self.source).clone()
    }

    /// Other code, which `process` runs, is in force from now on; the process before may finish
    /// what it has for as long as `drain`.
    pub(super) fn take_over(&self, source: WorkerSource, process: Process, drain: Duration) {
        lock(&self.admission).set_limits(source.settings.admission());
        *lock(&self.source) = source;
        self.serve_by(Some(process.instance.clone()));
        self.order(Order::TakeOver(Box::new(process), drain));
    }

    /// The process that serves from now on, if one does.
    pub(super) fn serve_by(&self, instance: Option<Arc<Instance>>) {
        self.current.send_replace(instance);
    }

    /// Tells its supervisor.
    pub(super) fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    /// Admits one request.
    pub(super) fn admit(worker: &Arc<Self>, flow: &Flow) -> Result<Permit, InvokeError> {
        lock(&worker.admission).admit(Instant::now()).map_err(|refused| match refused {
            Refused::Busy => InvokeError::Busy,
            Refused::Open => InvokeError::Open,
        })?;
        let failed = AtomicBool::new(false);
        Ok(Permit { worker: worker.clone(), flow: flow.clone(), failed })
    }

    /// The process that serves now, with the request counted before it can be told to retire, or not
    /// at all.
    fn current(&self) -> Option<(Arc<Instance>, Busy)> {
        self.current.borrow().as_ref().map(|one| (one.clone(), one.busy()))
    }

    /// An idle connection with the process that serves now.
    pub(super) fn idle(&self) -> Option<Reached> {
        let (instance, busy) = self.current()?;
        let stream = instance.idle()?;
        Some((stream, instance, busy))
    }

    /// A connection with the process that serves now; waits for one that is being started.
    pub(super) async fn connect(&self) -> Option<Reached> {
        let (instance, busy) = match self.current() {
            Some(now) => now,
            None => {
                let patience = Duration::from_millis(lock(&self.source).settings.deadline_ms);
                let mut current = self.current.subscribe();
                let there =
                    timeout(patience, current.wait_for(Option::is_some)).await.ok()?.ok()?;
                let instance = there.as_ref()?;
                (instance.clone(), instance.busy())
            }
        };
        let stream = instance.connect().await?;
        Some((stream, instance, busy))
    }
}

/// One request that counts; what its flow has shown counts when it is dropped.
pub(super) struct Permit {
    worker: Arc<Worker>,
    flow: Flow,
    failed: AtomicBool,
}

impl Permit {
    /// The Worker could not be reached.
    pub(super) fn fail(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let now = Instant::now();
        let mut admission = lock(&self.worker.admission);
        if self.failed.load(Ordering::Relaxed) {
            return admission.fail(now);
        }
        match self.flow.health() {
            Health::Well => admission.succeed(),
            Health::Failed => admission.fail(now),
            Health::Unknown => admission.withdraw(now),
        }
    }
}
