//! Records as they come, handed to those who watch. Where nobody does, nothing is done; who cannot
//! keep up misses records, and is told how many.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gateway_log::Record;
use tokio::sync::mpsc::{self, error::TrySendError};

/// Those who watch at a time.
pub(crate) const WATCHERS_MAX: usize = 16;
/// Records that wait for one of them.
const WAITING_MAX: usize = 1_024;

/// The place where records are offered to those who watch. Clones are the same place.
#[derive(Clone, Debug, Default)]
pub struct Feed(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    watchers: AtomicUsize,
    dropped: AtomicU64,
    ends: Mutex<Vec<End>>,
}

/// The near end of one watcher's queue.
#[derive(Debug)]
struct End {
    records: mpsc::Sender<Arc<Record>>,
    missed: Arc<AtomicU64>,
}

/// One who watches.
#[derive(Debug)]
pub struct Subscription {
    pub(crate) records: mpsc::Receiver<Arc<Record>>,
    missed: Arc<AtomicU64>,
    shared: Arc<Shared>,
}

impl Feed {
    /// Shows a record to those who watch. Never waits; without anyone it costs one look.
    pub fn offer(&self, record: &Record) {
        if self.0.watchers.load(Ordering::Relaxed) > 0 {
            self.0.hand_out(record);
        }
    }

    /// Begins to watch; `None` where as many watch as may.
    #[must_use]
    pub fn subscribe(&self) -> Option<Subscription> {
        let taken =
            self.0.watchers.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |watchers| {
                (watchers < WATCHERS_MAX).then_some(watchers + 1)
            });
        taken.ok()?;
        let (near, records) = mpsc::channel(WAITING_MAX);
        let missed = Arc::new(AtomicU64::new(0));
        self.0.ends().push(End { records: near, missed: missed.clone() });
        Some(Subscription { records, missed, shared: self.0.clone() })
    }

    /// How many watch.
    #[must_use]
    pub fn watchers(&self) -> usize {
        self.0.watchers.load(Ordering::Relaxed)
    }

    /// Records that somebody who watched has missed, since the start.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn ends(&self) -> MutexGuard<'_, Vec<End>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hand_out(&self, record: &Record) {
        let record = Arc::new(record.clone());
        self.ends().retain(|end| match end.records.try_send(record.clone()) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                end.missed.fetch_add(1, Ordering::Relaxed);
                self.dropped.fetch_add(1, Ordering::Relaxed);
                true
            }
            Err(TrySendError::Closed(_)) => false,
        });
    }
}

impl Subscription {
    /// The next record that waits already.
    pub fn try_next(&mut self) -> Option<Arc<Record>> {
        self.records.try_recv().ok()
    }

    /// How many records were missed since this was asked last.
    pub fn take_missed(&self) -> u64 {
        self.missed.swap(0, Ordering::Relaxed)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.records.close();
        self.shared.ends().retain(|end| !end.records.is_closed());
        self.shared.watchers.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use gateway_log::RecordKind;

    use super::*;

    #[test]
    fn who_cannot_keep_up_is_told_and_holds_up_nobody() {
        let feed = Feed::default();
        let mut slow = feed.subscribe().unwrap();
        let mut quick = feed.subscribe().unwrap();
        let mut seen = 0;
        for _ in 0..WAITING_MAX + 10 {
            feed.offer(&Record::new(RecordKind::Http));
            seen += usize::from(quick.try_next().is_some());
        }
        assert_eq!((seen, quick.take_missed()), (WAITING_MAX + 10, 0));
        assert_eq!((slow.take_missed(), slow.take_missed(), feed.dropped()), (10, 0, 10));
        assert!(slow.try_next().is_some());
    }

    #[test]
    fn places_are_bounded_and_given_back() {
        let feed = Feed::default();
        let mut all: Vec<_> = (0..WATCHERS_MAX).map(|_| feed.subscribe().unwrap()).collect();
        assert!(feed.subscribe().is_none());
        all.pop();
        assert_eq!((feed.watchers(), feed.0.ends().len()), (WATCHERS_MAX - 1, WATCHERS_MAX - 1));
        assert!(feed.subscribe().is_some());
    }
}
