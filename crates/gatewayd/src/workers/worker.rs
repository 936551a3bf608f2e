//! One Worker as requests see it: its cap, its breaker, and the process that serves it now.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gateway_proxy::{Admission, Flow, Health, InvokeError, Refused};
use tokio::sync::watch;
use tokio::time::timeout;

use super::Instance;
use crate::drive::Stream;
use crate::policy::WorkerSource;

/// One Worker.
pub(super) struct Worker {
    pub(super) name: String,
    admission: Mutex<Admission>,
    /// How long a request may wait for a process.
    patience: Duration,
    /// The process that serves; `None` while there is none.
    pub(super) current: watch::Sender<Option<Arc<Instance>>>,
    gone: AtomicBool,
}

impl Worker {
    pub(super) fn new(source: &WorkerSource, first: Arc<Instance>) -> Self {
        Self {
            name: source.name.clone(),
            admission: Mutex::new(Admission::new(source.settings.admission())),
            patience: Duration::from_millis(source.settings.deadline_ms),
            current: watch::Sender::new(Some(first)),
            gone: AtomicBool::new(false),
        }
    }

    fn admission(&self) -> MutexGuard<'_, Admission> {
        self.admission.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits one request.
    pub(super) fn admit(worker: &Arc<Self>, flow: &Flow) -> Result<Permit, InvokeError> {
        worker.admission().admit(Instant::now()).map_err(|refused| match refused {
            Refused::Busy => InvokeError::Busy,
            Refused::Open => InvokeError::Open,
        })?;
        let failed = AtomicBool::new(false);
        Ok(Permit { worker: worker.clone(), flow: flow.clone(), failed })
    }

    /// A connection with the process that serves now; waits for one that is being started.
    pub(super) async fn connect(&self) -> Option<(Stream, Arc<Instance>)> {
        let instance = self.current.borrow().clone();
        let instance = match instance {
            Some(instance) => instance,
            None => {
                let mut current = self.current.subscribe();
                let there = current.wait_for(Option::is_some);
                timeout(self.patience, there).await.ok()?.ok()?.clone()?
            }
        };
        let stream = instance.connect().await?;
        Some((stream, instance))
    }

    /// Its last process has ended, and no other will follow.
    pub(super) fn go(&self) {
        let _ = self.current.send_replace(None);
        self.gone.store(true, Ordering::Release);
    }

    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
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
        let mut admission = self.worker.admission();
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

/// Guards are kept by the machines without a look inside.
const _: fn() = || {
    fn guard<T: Any + Send + Sync>() {}
    guard::<Permit>();
};
