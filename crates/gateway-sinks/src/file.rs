//! The file of records: JSON lines, appended in batches, opened anew when it was moved away. A
//! disk that fails is tried again; it loses records only when its queue is full.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gateway_log::{Batch, BatchLimits, Batcher, Pushed};
use tracing::warn;

use crate::StartError;
use crate::counters::Counters;
use crate::entry::{Entry, Reads};
use crate::queue::Writer;

/// Milliseconds between two tries after a write failed.
const RETRY_MS: u64 = 1_000;

/// A file that records are appended to.
#[derive(Debug)]
pub(crate) struct RecordFile {
    path: PathBuf,
    file: File,
    batcher: Batcher,
    /// The batch that is being written, and how much of it is.
    current: Option<(Batch, usize)>,
    retry_at_ms: Option<u64>,
    counters: Arc<Counters>,
}

impl RecordFile {
    /// Opens `path` to append to it; it is made, for its owner alone, where it is missing.
    ///
    /// # Errors
    ///
    /// [`StartError::Open`].
    pub(crate) fn open(path: &Path, counters: Arc<Counters>) -> Result<Self, StartError> {
        let file =
            open(path).map_err(|source| StartError::Open { path: path.to_owned(), source })?;
        Ok(Self {
            path: path.to_owned(),
            file,
            batcher: Batcher::new(BatchLimits::default()),
            current: None,
            retry_at_ms: None,
            counters,
        })
    }

    /// Opens the path anew if it no longer names the open file, as after log rotation.
    fn follow_path(&mut self) -> io::Result<()> {
        let open_file = self.file.metadata()?;
        let same = std::fs::metadata(&self.path)
            .is_ok_and(|named| (named.dev(), named.ino()) == (open_file.dev(), open_file.ino()));
        if !same {
            self.file = open(&self.path)?;
        }
        Ok(())
    }

    /// Writes what is left of the current batch. A line that was begun is continued in the file
    /// in which it was begun.
    fn write_current(&mut self) -> io::Result<()> {
        let Some((batch, written)) = &mut self.current else { return Ok(()) };
        while let Some(rest) = batch.bytes.get(*written..).filter(|rest| !rest.is_empty()) {
            match self.file.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => *written += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.counters.wrote(wide(batch.records));
        self.current = None;
        Ok(())
    }

    /// Writes batches while `next` gives some and the disk takes them.
    fn write_batches(
        &mut self,
        mut next: impl FnMut(&mut Batcher) -> Option<Batch>,
    ) -> io::Result<()> {
        self.write_current()?;
        while let Some(batch) = next(&mut self.batcher) {
            self.current = Some((batch, 0));
            self.follow_path()?;
            self.write_current()?;
        }
        Ok(())
    }
}

impl Writer for RecordFile {
    const READS: Reads = Reads::Lines;

    fn write(&mut self, entry: Arc<Entry>, now_ms: u64) {
        let records = entry.records();
        let pushed = match Arc::try_unwrap(entry) {
            Ok(alone) => self.batcher.push_many(alone.into_line().into(), records, now_ms),
            Err(shared) => self.batcher.push_many(shared.line().into(), records, now_ms),
        };
        match pushed {
            Pushed::Accepted => self.turn(now_ms),
            Pushed::Dropped => self.counters.lost(wide(records)),
        }
    }

    fn turn(&mut self, now_ms: u64) {
        if self.retry_at_ms.is_some_and(|at| now_ms < at) {
            return;
        }
        match self.write_batches(|batcher| batcher.poll(now_ms)) {
            Ok(()) => {
                if self.retry_at_ms.take().is_some() {
                    self.counters.recovered();
                }
            }
            Err(error) => {
                let path = self.path.display();
                if self.counters.failed(format!("cannot write {path}: {error}")) {
                    warn!(sink = "file", "cannot write {path}: {error}; trying on");
                }
                self.retry_at_ms = Some(now_ms.saturating_add(RETRY_MS));
            }
        }
    }

    fn deadline_ms(&self) -> Option<u64> {
        self.retry_at_ms.or_else(|| self.batcher.deadline_ms())
    }

    fn finish(&mut self, _now_ms: u64) {
        if let Err(error) = self.write_batches(Batcher::flush) {
            let unwritten = self.current.take().map(|(batch, _)| batch);
            let waiting = std::iter::from_fn(|| self.batcher.flush());
            let left = unwritten.into_iter().chain(waiting).map(|batch| batch.records).sum();
            self.counters.failed(format!("cannot write {}: {error}", self.path.display()));
            self.counters.lost(wide(left));
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

fn wide(records: usize) -> u64 {
    u64::try_from(records).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use gateway_log::{Record, RecordKind};

    use super::*;
    use crate::scratch::Scratch;

    fn entry(host: &str) -> Arc<Entry> {
        let mut record = Record::new(RecordKind::Http);
        record.http.url = format!("https://{host}/").as_str().into();
        Arc::new(Entry::new(Box::new(record), Reads::Line))
    }

    fn lines(path: &Path) -> Vec<String> {
        std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
    }

    fn write(file: &mut RecordFile, entry: Arc<Entry>, now_ms: u64) {
        file.counters.held.fetch_add(1, Ordering::Relaxed);
        file.write(entry, now_ms);
    }

    fn lost(file: &RecordFile) -> u64 {
        file.counters.status("file", 0).dropped
    }

    #[test]
    fn batches_go_out_by_age_and_at_the_end() {
        let scratch = Scratch::new();
        let path = scratch.path().join("records.jsonl");
        let mut file = RecordFile::open(&path, Arc::default()).unwrap();
        write(&mut file, entry("a"), 0);
        assert_eq!(lines(&path).len(), 0);
        let due = file.deadline_ms().unwrap();
        file.turn(due);
        assert_eq!(lines(&path).len(), 1);
        assert_eq!(file.deadline_ms(), None);
        write(&mut file, entry("b"), due);
        file.finish(due);
        assert_eq!(lost(&file), 0);
        let lines = lines(&path);
        assert!(lines.len() == 2 && lines[1].contains("https://b/"), "{lines:?}");
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_was_moved_away_is_opened_anew() {
        let scratch = Scratch::new();
        let (path, old) = (scratch.path().join("r.jsonl"), scratch.path().join("r.1"));
        let mut file = RecordFile::open(&path, Arc::default()).unwrap();
        write(&mut file, entry("a"), 0);
        file.turn(10_000);
        std::fs::rename(&path, &old).unwrap();
        write(&mut file, entry("b"), 10_000);
        file.turn(20_000);
        assert_eq!((lines(&old).len(), lines(&path).len()), (1, 1));
    }

    #[test]
    fn a_disk_that_fails_is_tried_again() {
        let scratch = Scratch::new();
        let path = scratch.path().join("r.jsonl");
        let mut file = RecordFile::open(&path, Arc::default()).unwrap();
        // Opened for reading alone: every write fails.
        file.file = File::open(&path).unwrap();
        write(&mut file, entry("a"), 0);
        file.turn(1_000);
        assert_eq!(file.deadline_ms(), Some(2_000));
        write(&mut file, entry("b"), 1_500);
        assert_eq!(lines(&path).len(), 0);
        file.file = open(&path).unwrap();
        file.turn(2_000);
        assert_eq!(lines(&path).len(), 1);
        file.finish(2_000);
        assert_eq!(lost(&file), 0);
        assert_eq!(lines(&path).len(), 2);
        file.file = File::open(&path).unwrap();
        write(&mut file, entry("c"), 3_000);
        file.finish(3_000);
        assert_eq!(lost(&file), 1);
        let status = file.counters.status("file", 0);
        assert!(status.written == 2 && status.retries == 2 && status.queued == 0, "{status:?}");
    }
}
