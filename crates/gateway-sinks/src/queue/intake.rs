//! The place where records gather until the thread of a sink takes them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::GATHER_MS;
use crate::entry::{Entry, Reads};

/// Records that wait for a thread.
#[derive(Debug)]
pub(crate) struct Intake {
    state: Mutex<State>,
    wake: Condvar,
    records_max: usize,
    reads: Reads,
    dropped: AtomicU64,
}

#[derive(Debug)]
struct State {
    waiting: Vec<Arc<Entry>>,
    /// The same for a sink that reads lines alone: they need no memory of their own each.
    lines: Vec<u8>,
    /// Records that wait.
    records: usize,
    /// How many waiting records wake the thread: one if it is idle, many if it lets them gather.
    wake_at: usize,
    /// How many bytes of lines do so.
    wake_at_bytes: usize,
    is_closed: bool,
}

/// What is put in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Given<'a> {
    /// A line alone, where every sink reads lines alone.
    Line(&'a [u8]),
    Entry(&'a Arc<Entry>),
}

/// A thread that is at work is not woken.
const NEVER: usize = usize::MAX;

/// Bytes of lines that are taken at once: few enough to be written while they are in the cache of the
/// core that encoded them.
const LINES_BYTES: usize = 256 << 10;

impl Intake {
    /// Room for `records_max` records, for a sink that reads so much of each.
    pub(crate) fn new(records_max: usize, reads: Reads) -> Self {
        let (waiting, lines) = (Vec::new(), Vec::new());
        let (wake_at, wake_at_bytes) = (NEVER, NEVER);
        let state = State { waiting, lines, records: 0, wake_at, wake_at_bytes, is_closed: false };
        Self {
            state: Mutex::new(state),
            wake: Condvar::new(),
            records_max,
            reads,
            dropped: AtomicU64::new(0),
        }
    }

    /// Puts a record in, or counts it as lost. Does not wait for the thread.
    pub(crate) fn push(&self, given: Given<'_>) {
        let state = self.state();
        if state.is_closed || state.records >= self.records_max {
            drop(state);
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.put(state, given);
    }

    /// Puts in a word of another sink, which must get through though there is no room. There is
    /// one a second at most.
    pub(crate) fn push_beyond(&self, entry: &Arc<Entry>) {
        self.put(self.state(), Given::Entry(entry));
    }

    fn put(&self, mut state: MutexGuard<'_, State>, given: Given<'_>) {
        match given {
            Given::Entry(entry) if self.reads != Reads::Lines => {
                state.waiting.push(Arc::clone(entry));
            }
            Given::Entry(entry) => state.lines.extend_from_slice(entry.line()),
            Given::Line(line) => state.lines.extend_from_slice(line),
        }
        state.records += 1;
        if state.records >= state.wake_at || state.lines.len() >= state.wake_at_bytes {
            (state.wake_at, state.wake_at_bytes) = (NEVER, NEVER);
            // The one that is woken needs it.
            drop(state);
            self.wake.notify_one();
        }
    }

    /// Records that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.state().records
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
        if state.records == 0 {
            state = self.wait(state, (1, NEVER), wait_ms);
        }
        if state.records > 0 {
            let many = (self.records_max / 2).max(1);
            state = self.wait(state, (many, LINES_BYTES), Some(GATHER_MS));
        }
        std::mem::swap(&mut state.waiting, batch);
        let records = std::mem::take(&mut state.records);
        if !state.lines.is_empty() {
            let room = Vec::with_capacity(state.lines.len());
            let lines = std::mem::replace(&mut state.lines, room);
            batch.push(Arc::new(Entry::of_lines(lines, records)));
        }
        !state.is_closed
    }

    /// Waits for so many records or bytes of lines, for the end of the queue, or for `wait_ms`.
    fn wait<'a>(
        &self,
        mut state: MutexGuard<'a, State>,
        (records, bytes): (usize, usize),
        wait_ms: Option<u64>,
    ) -> MutexGuard<'a, State> {
        let until = wait_ms.map(|wait_ms| Instant::now() + Duration::from_millis(wait_ms));
        while state.records < records && state.lines.len() < bytes && !state.is_closed {
            (state.wake_at, state.wake_at_bytes) = (records, bytes);
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
        (state.wake_at, state.wake_at_bytes) = (NEVER, NEVER);
        state
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
