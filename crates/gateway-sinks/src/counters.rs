//! What became of the records of one sink, counted where it happens and readable at any time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// How one sink is doing. Every record that was submitted is, at any time, in one of `queued`,
/// `spooled`, `written` or `dropped`; the four are read one after the other, so that their sum may
/// be off by what moved meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The sink: `file`, `terminal` …
    pub sink: &'static str,
    /// Records that wait in memory.
    pub queued: u64,
    /// Records that wait on disk for a remote sink that does not answer.
    pub spooled: u64,
    /// Records that the sink took, since the start.
    pub written: u64,
    /// Records that were lost, since the start.
    pub dropped: u64,
    /// Attempts that failed and were, or will be, made again, since the start.
    pub retries: u64,
    /// What went wrong last, if anything did.
    pub last_error: Option<LastError>,
}

/// An error of a sink.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LastError {
    /// When, in nanoseconds since the Unix epoch.
    pub unix_ns: u64,
    /// What happened.
    pub message: String,
    /// Whether the sink has taken records again since.
    pub is_over: bool,
}

/// The counters behind a [`Status`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Records that left the queue and are neither written, spooled nor lost.
    pub(crate) held: AtomicU64,
    pub(crate) spooled: AtomicU64,
    pub(crate) written: AtomicU64,
    pub(crate) dropped: AtomicU64,
    pub(crate) retries: AtomicU64,
    last_error: Mutex<Option<LastError>>,
}

impl Counters {
    /// Counts records that the sink took out of its hands.
    pub(crate) fn wrote(&self, records: u64) {
        take(&self.held, records);
        self.written.fetch_add(records, Ordering::Relaxed);
    }

    /// Counts records that were lost in the sink's hands.
    pub(crate) fn lost(&self, records: u64) {
        take(&self.held, records);
        self.dropped.fetch_add(records, Ordering::Relaxed);
    }

    /// Notes what went wrong; gives whether all was well before.
    pub(crate) fn failed(&self, message: String) -> bool {
        self.retries.fetch_add(1, Ordering::Relaxed);
        let mut last = self.last_error();
        let was_well = last.as_ref().is_none_or(|error| error.is_over);
        *last = Some(LastError { unix_ns: unix_ns(), message, is_over: false });
        was_well
    }

    /// Notes that the sink takes records again.
    pub(crate) fn recovered(&self) {
        if let Some(error) = self.last_error().as_mut() {
            error.is_over = true;
        }
    }

    /// What has become of the records of `sink`, `waiting` of which are in its queue.
    pub(crate) fn status(&self, sink: &'static str, waiting: usize) -> Status {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Status {
            sink,
            queued: load(&self.held).saturating_add(u64::try_from(waiting).unwrap_or(u64::MAX)),
            spooled: load(&self.spooled),
            written: load(&self.written),
            dropped: load(&self.dropped),
            retries: load(&self.retries),
            last_error: self.last_error().clone(),
        }
    }

    fn last_error(&self) -> MutexGuard<'_, Option<LastError>> {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes `n` off a gauge.
pub(crate) fn take(gauge: &AtomicU64, n: u64) {
    gauge.fetch_sub(n, Ordering::Relaxed);
}

/// The time of day, in nanoseconds since the Unix epoch.
pub(crate) fn unix_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_move_between_the_counts() {
        let counters = Counters::default();
        counters.held.fetch_add(5, Ordering::Relaxed);
        counters.wrote(3);
        counters.lost(1);
        assert!(counters.failed("first".into()));
        assert!(!counters.failed("second".into()));
        let status = counters.status("file", 2);
        assert_eq!((status.queued, status.written, status.dropped), (3, 3, 1));
        assert_eq!(status.retries, 2);
        let error = status.last_error.unwrap();
        assert!(error.message == "second" && !error.is_over && error.unix_ns > 0);
        counters.recovered();
        assert!(counters.status("file", 0).last_error.unwrap().is_over);
        assert!(counters.failed("third".into()));
    }
}
