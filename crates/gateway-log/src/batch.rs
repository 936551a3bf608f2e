//! Batches for sinks: encoded records gathered up to a size or an age, in bounded memory, with
//! losses counted where they happen. It sends nothing and retries nothing.

use std::collections::VecDeque;

/// When a batch is full or old enough, and how much may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchLimits {
    /// Bytes of a full batch; a longer record makes a batch of its own. Default 256 KiB.
    pub batch_bytes_max: usize,
    /// Records of a full batch. Default 1,000.
    pub batch_records_max: usize,
    /// Age in milliseconds of the oldest record at which a batch goes out unfilled. Default 1,000.
    pub age_ms_max: u64,
    /// Bytes that may wait in all; records beyond it are dropped and counted. Default 16 MiB.
    pub waiting_bytes_max: usize,
}

impl Default for BatchLimits {
    fn default() -> Self {
        Self {
            batch_bytes_max: 256 * 1024,
            batch_records_max: 1_000,
            age_ms_max: 1_000,
            waiting_bytes_max: 16 * 1024 * 1024,
        }
    }
}

/// Encoded records to be delivered together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Batch {
    /// The records, one after the other, as the encoder wrote them.
    pub bytes: Vec<u8>,
    /// How many records that is. None in a batch that only reports losses.
    pub records: usize,
    /// How many records were lost between the batch before and the end of this one. A sink that
    /// can must tell.
    pub dropped: u64,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Pushed {
    /// It waits in a batch.
    Accepted,
    /// There was no room; it is counted.
    Dropped,
}

/// Gathers encoded records into batches.
///
/// Time is an argument, in milliseconds of any clock that does not run backwards. After each
/// [`push`](Self::push), and at [`deadline_ms`](Self::deadline_ms), call [`poll`](Self::poll)
/// until it gives nothing.
///
/// ```
/// use gateway_log::{BatchLimits, Batcher, Pushed};
///
/// let mut batcher = Batcher::new(BatchLimits::default());
/// assert_eq!(batcher.push(b"{}\n", 5_000), Pushed::Accepted);
/// assert_eq!(batcher.poll(5_000), None);
/// assert_eq!(batcher.deadline_ms(), Some(6_000));
/// assert_eq!(batcher.poll(6_000).map(|batch| batch.bytes), Some(b"{}\n".to_vec()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Batcher {
    limits: BatchLimits,
    full: VecDeque<Batch>,
    filling: Batch,
    /// When the first record, or the first loss, of `filling` came.
    since_ms: u64,
    waiting_bytes: usize,
    dropped_total: u64,
}

impl Batcher {
    /// An empty batcher.
    #[must_use]
    pub fn new(limits: BatchLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// How many records were lost since the start.
    #[must_use]
    pub const fn dropped_total(&self) -> u64 {
        self.dropped_total
    }

    /// Bytes that wait, at most [`BatchLimits::waiting_bytes_max`].
    #[must_use]
    pub const fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }

    /// When the batch now filling is due though not full; none while there is nothing to tell.
    #[must_use]
    pub fn deadline_ms(&self) -> Option<u64> {
        (!self.filling_is_empty()).then(|| self.since_ms.saturating_add(self.limits.age_ms_max))
    }

    /// Adds one encoded record, or counts it as lost where there is no room.
    pub fn push(&mut self, record: &[u8], now_ms: u64) -> Pushed {
        if self.filling_is_empty() {
            self.since_ms = now_ms;
        }
        let waiting_bytes = self.waiting_bytes.saturating_add(record.len());
        if waiting_bytes > self.limits.waiting_bytes_max {
            self.filling.dropped += 1;
            self.dropped_total += 1;
            return Pushed::Dropped;
        }
        if self.filling.records > 0
            && self.filling.bytes.len() + record.len() > self.limits.batch_bytes_max
        {
            self.close();
            self.since_ms = now_ms;
        }
        self.waiting_bytes = waiting_bytes;
        self.filling.bytes.extend_from_slice(record);
        self.filling.records += 1;
        if self.filling.bytes.len() >= self.limits.batch_bytes_max
            || self.filling.records >= self.limits.batch_records_max
        {
            self.close();
        }
        Pushed::Accepted
    }

    /// The next batch that is full or old enough.
    pub fn poll(&mut self, now_ms: u64) -> Option<Batch> {
        if self.full.is_empty() && self.deadline_ms().is_some_and(|deadline| deadline <= now_ms) {
            self.close();
        }
        self.next_full()
    }

    /// The next batch whatever its size and age, to drain before the end.
    pub fn flush(&mut self) -> Option<Batch> {
        if self.full.is_empty() && !self.filling_is_empty() {
            self.close();
        }
        self.next_full()
    }

    fn next_full(&mut self) -> Option<Batch> {
        let batch = self.full.pop_front()?;
        self.waiting_bytes -= batch.bytes.len();
        Some(batch)
    }

    fn close(&mut self) {
        self.full.push_back(std::mem::take(&mut self.filling));
    }

    fn filling_is_empty(&self) -> bool {
        self.filling.records == 0 && self.filling.dropped == 0
    }
}
