//! The place where records gather until the thread of a sink takes them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::GATHER_MS;
use crate::entry::Entry;

/// Records that wait for a thread.
#[derive(Debug)]
pub(crate) struct Intake {
    state: Mutex<State>,
    wake: Condvar,
    records_max: usize,
    dropped: AtomicU64,
}

#[derive(Debug)]
struct State {
    waiting: Vec<Arc<Entry>>,
    /// How many waiting records wake the thread: one if it is idle, many if it lets them gather.
    wake_at: usize,
    is_closed: bool,
}

/// A thread that is at work is not woken.
const NEVER: usize = usize::MAX;

impl Intake {
    /// Room for `records_max` records.
    pub(crate) fn new(records_max: usize) -> Self {
        let state = State { waiting: Vec::new(), wake_at: NEVER, is_closed: false };
        Self {
            state: Mutex::new(state),
            wake: Condvar::new(),
            records_max,
            dropped: AtomicU64::new(0),
        }
    }

    /// Puts a record in, or counts it as lost. Does not wait for the thread.
    pub(crate) fn push(&self, entry: Arc<Entry>) {
        let mut state = self.state();
        if state.is_closed || state.waiting.len() >= self.records_max {
            drop(state);
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.put(&mut state, entry);
    }

    /// Puts in a word of another sink, which must get through though there is no room. There is
    /// one a second at most.
    pub(crate) fn push_beyond(&self, entry: Arc<Entry>) {
        self.put(&mut self.state(), entry);
    }

    fn put(&self, state: &mut State, entry: Arc<Entry>) {
        state.waiting.push(entry);
        if state.waiting.len() == state.wake_at {
            self.wake.notify_one();
        }
    }

    /// Records that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.state().waiting.len()
    }

    /// Records lost for want of room.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Takes no more records, and lets the thread go.
    pub(crate) fn close(&self) {
        self.state().is_closed = true;
        self.wake.notify_one();
    }

    /// Moves all that waits into the empty `batch`: after the first record, and whatever gathers
    /// behind it; or after `wait_ms`, if that is given. Gives false once the queue is closed and
    /// its rest is in `batch`.
    pub(crate) fn take(&self, batch: &mut Vec<Arc<Entry>>, wait_ms: Option<u64>) -> bool {
        let mut state = self.state();
        if state.waiting.is_empty() {
            state = self.wait(state, 1, wait_ms);
        }
        if !state.waiting.is_empty() {
            let many = (self.records_max / 2).max(1);
            state = self.wait(state, many, Some(GATHER_MS));
        }
        std::mem::swap(&mut state.waiting, batch);
        !state.is_closed
    }

    /// Waits for `records`, for the end of the queue, or for `wait_ms`.
    fn wait<'a>(
        &self,
        mut state: MutexGuard<'a, State>,
        records: usize,
        wait_ms: Option<u64>,
    ) -> MutexGuard<'a, State> {
        let until = wait_ms.map(|wait_ms| Instant::now() + Duration::from_millis(wait_ms));
        state.wake_at = records;
        while state.waiting.len() < records && !state.is_closed {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            state = match left {
                Some(Duration::ZERO) => break,
                Some(left) => {
                    let result = self.wake.wait_timeout(state, left);
                    result.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.wake.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
        state.wake_at = NEVER;
        state
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
