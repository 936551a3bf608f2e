//! Batches for sinks: encoded records gathered up to a size or an age, in bounded memory, with
//! losses counted where they happen. It sends nothing and retries nothing.

use std::borrow::Cow;
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
        self.push_many(Cow::Borrowed(record), 1, now_ms)
    }

    /// Adds so many encoded records that stand one after the other, or counts all of them as lost
    /// where there is no room. They go out in one batch. Owned bytes that no others wait before
    /// are not copied.
    pub fn push_many(&mut self, encoded: Cow<'_, [u8]>, records: usize, now_ms: u64) -> Pushed {
        if self.filling_is_empty() {
            self.since_ms = now_ms;
        }
        let waiting_bytes = self.waiting_bytes.saturating_add(encoded.len());
        if waiting_bytes > self.limits.waiting_bytes_max {
            let lost = u64::try_from(records).unwrap_or(u64::MAX);
            self.filling.dropped += lost;
            self.dropped_total += lost;
            return Pushed::Dropped;
        }
        if self.filling.records > 0
            && self.filling.bytes.len() + encoded.len() > self.limits.batch_bytes_max
        {
            self.close();
            self.since_ms = now_ms;
        }
        self.waiting_bytes = waiting_bytes;
        if self.filling.bytes.is_empty() {
            self.filling.bytes = encoded.into_owned();
        } else {
            self.filling.bytes.extend_from_slice(&encoded);
        }
        self.filling.records += records;
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limits() -> BatchLimits {
        BatchLimits {
            batch_bytes_max: 10,
            batch_records_max: 3,
            age_ms_max: 100,
            waiting_bytes_max: 20,
        }
    }

    fn batch(bytes: &[u8], records: usize, dropped: u64) -> Option<Batch> {
        Some(Batch { bytes: bytes.to_vec(), records, dropped })
    }

    #[test]
    fn a_batch_closes_by_size_count_or_age() {
        let mut batcher = Batcher::new(limits());
        assert_eq!(batcher.push(b"aaaa", 0), Pushed::Accepted);
        assert_eq!(batcher.push(b"bbbb", 50), Pushed::Accepted);
        assert_eq!(batcher.poll(99), None);
        assert_eq!(batcher.push(b"cccc", 99), Pushed::Accepted);
        assert_eq!(batcher.poll(99), batch(b"aaaabbbb", 2, 0), "the third does not fit");
        assert_eq!(batcher.deadline_ms(), Some(199), "counted from the third");
        assert_eq!(batcher.poll(198), None);
        assert_eq!(batcher.poll(199), batch(b"cccc", 1, 0));
        assert_eq!(batcher.deadline_ms(), None);

        for record in [b"1", b"2", b"3", b"4"] {
            assert_eq!(batcher.push(record, 300), Pushed::Accepted);
        }
        assert_eq!(batcher.poll(300), batch(b"123", 3, 0));
        assert_eq!(batcher.poll(300), None);
        assert_eq!(batcher.flush(), batch(b"4", 1, 0));
        assert_eq!(batcher.flush(), None);

        assert_eq!(batcher.push(b"longer than a batch", 400), Pushed::Accepted);
        assert_eq!(batcher.poll(400), batch(b"longer than a batch", 1, 0));
    }

    #[test]
    fn a_loss_is_told_even_where_nothing_follows() {
        let mut batcher = Batcher::new(limits());
        assert_eq!(batcher.push(&[b'x'; 21], 0), Pushed::Dropped);
        assert_eq!(batcher.deadline_ms(), Some(100));
        assert_eq!(batcher.poll(100), batch(b"", 0, 1));
        assert_eq!(batcher.poll(1_000), None);

        assert_eq!(batcher.push(&[b'x'; 20], 0), Pushed::Accepted);
        assert_eq!(batcher.push(b"y", 0), Pushed::Dropped);
        assert_eq!(batcher.poll(0), batch(&[b'x'; 20], 1, 0));
        assert_eq!(batcher.push(b"z", 0), Pushed::Accepted);
        assert_eq!(batcher.flush(), batch(b"z", 1, 1));
        assert_eq!(batcher.dropped_total(), 2);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_unseen_and_memory_is_bounded(
            steps in proptest::collection::vec((0..30_usize, 0..60_u64, any::<bool>()), 0..80),
        ) {
            let mut batcher = Batcher::new(limits());
            let (mut now_ms, mut sent, mut told) = (0, 0, 0);
            let mut accepted = Vec::new();
            let mut received = Vec::new();
            for (bytes, wait_ms, is_polled) in steps {
                now_ms += wait_ms;
                let record = vec![sent as u8; bytes];
                sent += 1;
                if batcher.push(&record, now_ms) == Pushed::Accepted {
                    accepted.extend(record);
                }
                prop_assert!(batcher.waiting_bytes() <= 20);
                while is_polled && let Some(batch) = batcher.poll(now_ms) {
                    told += batch.records as u64 + batch.dropped;
                    received.extend(batch.bytes);
                }
                if is_polled {
                    prop_assert!(batcher.deadline_ms().is_none_or(|deadline| deadline > now_ms));
                }
            }
            while let Some(batch) = batcher.flush() {
                told += batch.records as u64 + batch.dropped;
                received.extend(batch.bytes);
            }
            prop_assert_eq!(told, sent);
            prop_assert_eq!(received, accepted);
            prop_assert_eq!(batcher.waiting_bytes(), 0);
        }
    }
}
