//! The way to a remote sink that may be slow or away: what waits in memory, what waits on disk, and
//! the thread that delivers. Knows nothing of the protocol, which is a [`Remote`].
//!
//! ```text
//! queue ──► memory ──────────────► delivery thread ──► remote
//!     │        │ an attempt failed      ▲
//!     └──► spool ◄┘ ────────────────────┘
//! ```
//!
//! Records are delivered in order, each at least once: a batch whose fate is not known is delivered
//! again. While something lies in the spool, what comes goes behind it. As soon as an attempt
//! fails, what waits in memory goes to the spool too, so that an outage keeps its records on disk.

mod backlog;
mod parcel;
#[cfg(test)]
mod tests;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub(crate) use backlog::Backlog;
use backlog::Work;
pub(crate) use parcel::Parcel;
use tracing::warn;

use crate::StartError;
use crate::counters::Counters;
use crate::entry::{Entry, Reads};
use crate::queue::Writer;

/// What can be sent to, over a network. Called by one thread; may wait.
pub(crate) trait Remote: Send + 'static {
    /// How long records gather before a batch goes out unfilled.
    fn gather(&self) -> Duration;

    /// Delivers all of `batch` within `timeout`, or fails: then all of it is delivered again. Gives
    /// how many records the remote will never take, whatever is tried; these are lost.
    fn deliver(&mut self, batch: &[Parcel], timeout: Duration) -> Result<u64, Failed>;
}

/// Why a batch is not known to be delivered.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Failed(pub(crate) String);

/// How a remote sink is delivered to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Records of a full batch.
    pub(crate) batch_records_max: usize,
    /// How long one delivery may take.
    pub(crate) timeout: Duration,
    /// The pause after the first failure; it doubles with each further one.
    pub(crate) pause: Duration,
    /// The longest pause.
    pub(crate) pause_max: Duration,
    /// How long the end may take.
    pub(crate) close: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            batch_records_max: 10_000,
            timeout: Duration::from_secs(10),
            pause: Duration::from_millis(100),
            pause_max: Duration::from_secs(5),
            close: Duration::from_secs(5),
        }
    }
}

/// The near end: takes records from the queue.
#[derive(Debug)]
pub(crate) struct Delivery {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    synced_ms: u64,
}

#[derive(Debug)]
struct Shared {
    sink: &'static str,
    state: Mutex<State>,
    wake: Condvar,
    counters: Arc<Counters>,
    pace: Pace,
}

#[derive(Debug)]
struct State {
    backlog: Backlog,
    /// When the oldest record in memory came.
    since: Option<Instant>,
    /// When the end must be reached, once it has begun.
    end: Option<Instant>,
}

impl Delivery {
    /// Starts the thread that delivers to `remote` what waits in `backlog`.
    ///
    /// # Errors
    ///
    /// [`StartError::Thread`].
    pub(crate) fn start(
        sink: &'static str,
        backlog: Backlog,
        pace: Pace,
        counters: Arc<Counters>,
        remote: impl Remote,
    ) -> Result<Self, StartError> {
        counters.spooled.store(backlog.spooled(), Ordering::Relaxed);
        if backlog.damaged_bytes() > 0 {
            warn!(sink, "{} bytes of the spool are damaged", backlog.damaged_bytes());
        }
        let state = Mutex::new(State { backlog, since: None, end: None });
        let shared = Arc::new(Shared { sink, state, wake: Condvar::new(), counters, pace });
        let far = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name(format!("deliver-{sink}"))
            .spawn(move || far.run(remote))
            .map_err(StartError::Thread)?;
        Ok(Self { shared, thread: Some(thread), synced_ms: 0 })
    }
}

/// Milliseconds between two times that the spool is made safe against a power failure.
const SYNC_MS: u64 = 1_000;

impl Writer for Delivery {
    const READS: Reads = Reads::Line;

    fn write(&mut self, entry: Arc<Entry>, _now_ms: u64) {
        let mut state = self.shared.state();
        if let Err(error) = state.backlog.add(&entry, &self.shared.counters) {
            drop(state);
            self.shared.failed(&error.to_string(), "");
        } else if state.since.is_none() && state.backlog.in_memory() > 0 {
            state.since = Some(Instant::now());
        }
    }

    fn turn(&mut self, now_ms: u64) {
        if now_ms >= self.synced_ms.saturating_add(SYNC_MS) {
            self.synced_ms = now_ms;
            let result = self.shared.state().backlog.sync();
            if let Err(error) = result {
                self.shared.failed(&format!("cannot write to the spool: {error}"), "");
            }
        }
        self.shared.wake.notify_one();
    }

    fn deadline_ms(&self) -> Option<u64> {
        None
    }

    fn finish(&mut self, _now_ms: u64) {
        self.shared.state().end = Some(Instant::now() + self.shared.pace.close);
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            // One that broke down has delivered nothing more; what it held is accounted below.
            let _ = thread.join();
        }
        let mut state = self.shared.state();
        state.backlog.keep(&mut Vec::new(), &self.shared.counters);
        state.backlog.abandon(&self.shared.counters);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a failure, and says the first one of a row.
    fn failed(&self, message: &str, after: &str) {
        if self.counters.failed(message.to_owned()) {
            warn!(sink = self.sink, "{message}{after}");
        }
    }

    fn run(&self, mut remote: impl Remote) {
        let mut pause = self.pace.pause;
        while let Some((mut work, timeout)) = self.next(remote.gather()) {
            match remote.deliver(&work.parcels, timeout) {
                Ok(refused) => {
                    pause = self.pace.pause;
                    self.counters.recovered();
                    self.state().backlog.done(work, refused, &self.counters);
                }
                Err(error) => {
                    let mut state = self.state();
                    self.failed(&error.to_string(), "; its records wait");
                    state.backlog.undone(&mut work, &self.counters);
                    state.since = None;
                    if state.end.is_some() {
                        return;
                    }
                    self.rest(state, pause);
                    pause = pause.saturating_mul(2).min(self.pace.pause_max);
                }
            }
        }
    }

    /// Waits for `pause`, or for the end.
    fn rest(&self, mut state: MutexGuard<'_, State>, pause: Duration) {
        let until = Instant::now() + pause;
        while state.end.is_none() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self.wait(state, left);
        }
    }

    /// Waits for the next batch, and gives it with the time that its delivery may take; none when
    /// the end has come: nothing is left in memory, or the time is up.
    fn next(&self, gather: Duration) -> Option<(Work, Duration)> {
        let mut state = self.state();
        loop {
            let now = Instant::now();
            let timeout = match state.end {
                Some(end) if now >= end || state.backlog.in_memory() == 0 => return None,
                Some(end) => self.pace.timeout.min(end - now),
                None => self.pace.timeout,
            };
            let due = state.since.map_or(now, |since| since + gather);
            let is_full = state.backlog.in_memory() >= self.pace.batch_records_max;
            let in_spool = state.backlog.in_memory() == 0 && state.backlog.spooled() > 0;
            let is_due = state.backlog.in_memory() > 0 && now >= due;
            if is_full || in_spool || is_due || state.end.is_some() {
                let work = state.backlog.take(self.pace.batch_records_max, &self.counters);
                state.since = (state.backlog.in_memory() > 0).then_some(now);
                match work {
                    Ok(work) if work.parcels.is_empty() => continue,
                    Ok(work) => return Some((work, timeout)),
                    Err(error) => {
                        self.failed(&format!("cannot read the spool: {error}"), "");
                        self.rest(state, self.pace.pause_max);
                        state = self.state();
                        continue;
                    }
                }
            }
            let left = if state.backlog.in_memory() > 0 { due - now } else { IDLE };
            state = self.wait(state, left);
        }
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, left: Duration) -> MutexGuard<'a, State> {
        self.wake.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
    }
}

/// How long a thread that has nothing to do sleeps.
const IDLE: Duration = Duration::from_secs(3_600);
