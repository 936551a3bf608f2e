//! A bounded queue of records with a thread behind it that writes them. Knows nothing of what
//! writing means.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use gateway_log::Record;

use super::SinkError;

/// Where the records of a queue go. Called by its thread alone; may wait.
pub(super) trait Writer: Send + 'static {
    /// Takes one record.
    fn write(&mut self, record: &Record, now_ms: u64);

    /// Is told that `count` records before the next one were lost, as the queue was full.
    fn lost(&mut self, count: u64, now_ms: u64);

    /// Writes out what is due.
    fn turn(&mut self, now_ms: u64);

    /// When it is next due though no record comes.
    fn deadline_ms(&self) -> Option<u64>;

    /// Writes out everything; gives the number of records that it lost itself.
    fn finish(&mut self, now_ms: u64) -> u64;
}

/// The near end of the queue.
#[derive(Debug)]
pub(super) struct Queue {
    name: &'static str,
    queued: Arc<AtomicU64>,
    records: SyncSender<Arc<Record>>,
    dropped: Arc<AtomicU64>,
    thread: JoinHandle<u64>,
}

impl Queue {
    /// Starts the thread `name` around `writer`, with room for `records_max` records.
    ///
    /// # Errors
    ///
    /// [`SinkError::Thread`].
    pub(super) fn start(
        name: &'static str,
        records_max: usize,
        writer: impl Writer,
    ) -> Result<Self, SinkError> {
        let (records, receiver) = sync_channel(records_max);
        let dropped = Arc::new(AtomicU64::new(0));
        let told = Arc::clone(&dropped);
        let queued = Arc::new(AtomicU64::new(0));
        let taken = Arc::clone(&queued);
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || run(&receiver, &taken, &told, writer))
            .map_err(SinkError::Thread)?;
        Ok(Self { name, queued, records, dropped, thread })
    }

    /// Puts a record in, or counts it as lost.
    pub(super) fn submit(&self, record: Arc<Record>) {
        self.queued.fetch_add(1, Ordering::Relaxed);
        if self.records.try_send(record).is_err() {
            self.queued.fetch_sub(1, Ordering::Relaxed);
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How it is doing.
    pub(super) fn status(&self) -> super::Status {
        super::Status {
            sink: self.name,
            queued: self.queued.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
        }
    }

    /// Records lost for want of room.
    #[cfg(test)]
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Lets the thread write what waits and ends it; gives the number of records lost in all.
    pub(super) fn close(self) -> u64 {
        let Self { records, dropped, thread, .. } = self;
        drop(records);
        let lost_writing = thread.join().unwrap_or(0);
        dropped.load(Ordering::Relaxed) + lost_writing
    }
}

fn run(
    records: &Receiver<Arc<Record>>,
    queued: &AtomicU64,
    dropped: &AtomicU64,
    mut writer: impl Writer,
) -> u64 {
    let start = Instant::now();
    let now_ms = || u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut told = 0;
    loop {
        let wait_ms =
            writer.deadline_ms().map_or(HOUR_MS, |deadline| deadline.saturating_sub(now_ms()));
        let record = records.recv_timeout(Duration::from_millis(wait_ms));
        let now = now_ms();
        let lost = dropped.load(Ordering::Relaxed);
        if lost > told {
            writer.lost(lost - told, now);
            told = lost;
        }
        match record {
            Ok(record) => {
                queued.fetch_sub(1, Ordering::Relaxed);
                writer.write(&record, now);
                // What came meanwhile goes out in one piece with it.
                while let Ok(record) = records.try_recv() {
                    queued.fetch_sub(1, Ordering::Relaxed);
                    writer.write(&record, now_ms());
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return writer.finish(now),
        }
        writer.turn(now_ms());
    }
}

/// How long a thread that has nothing to do sleeps.
const HOUR_MS: u64 = 3_600_000;

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use gateway_log::RecordKind;

    use super::*;

    /// Waits for leave before each record.
    struct Slow {
        leave: Receiver<()>,
        written: Arc<AtomicU64>,
        told: Arc<AtomicU64>,
    }

    impl Writer for Slow {
        fn write(&mut self, _record: &Record, _now_ms: u64) {
            let _ = self.leave.recv();
            self.written.fetch_add(1, Ordering::Relaxed);
        }

        fn lost(&mut self, count: u64, _now_ms: u64) {
            self.told.fetch_add(count, Ordering::Relaxed);
        }

        fn turn(&mut self, _now_ms: u64) {}

        fn deadline_ms(&self) -> Option<u64> {
            None
        }

        fn finish(&mut self, _now_ms: u64) -> u64 {
            0
        }
    }

    #[test]
    fn a_full_queue_loses_counts_and_tells_but_never_waits() {
        let (allow, leave) = channel();
        let [written, told] = [(); 2].map(|()| Arc::new(AtomicU64::new(0)));
        let slow = Slow { leave, written: Arc::clone(&written), told: Arc::clone(&told) };
        let queue = Queue::start("slow", 4, slow).unwrap();
        let record = Arc::new(Record::new(RecordKind::Http));
        for _ in 0..20 {
            queue.submit(Arc::clone(&record));
        }
        // One may be in the writer's hands, four wait.
        let lost = queue.dropped();
        assert!((15..=16).contains(&lost), "{lost}");
        drop(allow);
        assert_eq!(queue.close(), lost);
        assert_eq!(written.load(Ordering::Relaxed), 20 - lost);
        assert_eq!(told.load(Ordering::Relaxed), lost);
    }
}
