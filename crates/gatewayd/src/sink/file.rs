//! The file of records: JSON lines, appended in batches, opened anew when it was moved away. A
//! disk that fails is tried again; it loses records only when its queue is full.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use gateway_log::{Batch, BatchLimits, Batcher, JsonLines, Limits, Pushed, Record};

use super::queue::Writer;

/// Why records have no way out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum SinkError {
    /// The file cannot be opened.
    #[error("cannot open {} for records: {source}", .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system starts no thread.
    #[error("cannot start a thread for records: {0}")]
    Thread(io::Error),
}

/// Milliseconds between two tries after a write failed, and between two words about losses.
const RETRY_MS: u64 = 1_000;

/// A file that records are appended to.
#[derive(Debug)]
pub(super) struct RecordFile {
    path: PathBuf,
    file: File,
    encoder: JsonLines,
    line: Vec<u8>,
    batcher: Batcher,
    /// The batch that is being written, and how much of it is.
    current: Option<(Batch, usize)>,
    retry_at_ms: Option<u64>,
    /// Losses that were not told yet.
    lost: u64,
    told_at_ms: Option<u64>,
}

impl RecordFile {
    /// Opens `path` to append to it; it is made, for its owner alone, where it is missing.
    ///
    /// # Errors
    ///
    /// [`SinkError::Open`].
    pub(super) fn open(path: &Path) -> Result<Self, SinkError> {
        let file =
            open(path).map_err(|source| SinkError::Open { path: path.to_owned(), source })?;
        Ok(Self {
            path: path.to_owned(),
            file,
            encoder: JsonLines::new(Limits::default()),
            line: Vec::new(),
            batcher: Batcher::new(BatchLimits::default()),
            current: None,
            retry_at_ms: None,
            lost: 0,
            told_at_ms: None,
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
        self.current = None;
        Ok(())
    }

    /// Writes batches while `next` gives some and the disk takes them.
    fn write_batches(
        &mut self,
        now_ms: u64,
        mut next: impl FnMut(&mut Batcher) -> Option<Batch>,
    ) -> io::Result<()> {
        self.write_current()?;
        while let Some(batch) = next(&mut self.batcher) {
            self.lost += batch.dropped;
            self.current = Some((batch, 0));
            self.follow_path()?;
            self.write_current()?;
            self.tell_losses(now_ms);
        }
        Ok(())
    }

    fn tell_losses(&mut self, now_ms: u64) {
        let told_lately = self.told_at_ms.is_some_and(|at| now_ms < at.saturating_add(RETRY_MS));
        if self.lost > 0 && !told_lately {
            complain(&format!("{} records lost: {} is too slow", self.lost, self.path.display()));
            self.lost = 0;
            self.told_at_ms = Some(now_ms);
        }
    }
}

impl Writer for RecordFile {
    fn write(&mut self, record: &Record, now_ms: u64) {
        self.line.clear();
        self.encoder.encode(record, &mut self.line);
        match self.batcher.push(&self.line, now_ms) {
            Pushed::Accepted => self.turn(now_ms),
            // Counted in the batch, and told with it.
            Pushed::Dropped => {}
        }
    }

    fn lost(&mut self, count: u64, now_ms: u64) {
        self.lost += count;
        self.tell_losses(now_ms);
    }

    fn turn(&mut self, now_ms: u64) {
        self.tell_losses(now_ms);
        if self.retry_at_ms.is_some_and(|at| now_ms < at) {
            return;
        }
        match self.write_batches(now_ms, |batcher| batcher.poll(now_ms)) {
            Ok(()) => self.retry_at_ms = None,
            Err(error) => {
                if self.retry_at_ms.is_none() {
                    complain(&format!("cannot write {}: {error}; trying on", self.path.display()));
                }
                self.retry_at_ms = Some(now_ms.saturating_add(RETRY_MS));
            }
        }
    }

    fn deadline_ms(&self) -> Option<u64> {
        let untold = (self.lost > 0).then_some(self.told_at_ms).flatten();
        let untold = untold.map(|at| at.saturating_add(RETRY_MS));
        let due = self.retry_at_ms.or_else(|| self.batcher.deadline_ms());
        due.into_iter().chain(untold).min()
    }

    fn finish(&mut self, now_ms: u64) -> u64 {
        self.told_at_ms = None;
        let result = self.write_batches(now_ms, Batcher::flush);
        let mut left = 0;
        if let Err(error) = result {
            let unwritten = self.current.take().map(|(batch, _)| batch);
            let waiting = std::iter::from_fn(|| self.batcher.flush());
            left = unwritten.into_iter().chain(waiting).map(|batch| batch.records).sum();
            let path = self.path.display();
            complain(&format!("cannot write {path}: {error}; {left} records lost"));
        }
        self.batcher.dropped_total() + u64::try_from(left).unwrap_or(u64::MAX)
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// Says on standard error what must not pass in silence.
fn complain(what: &str) {
    let _ = writeln!(io::stderr(), "gateway-proxy: log: {what}");
}

#[cfg(test)]
mod tests {
    use gateway_log::RecordKind;

    use super::*;
    use crate::scratch::Scratch;

    fn record(host: &str) -> Record {
        let mut record = Record::new(RecordKind::Http);
        record.http.url = format!("https://{host}/").as_str().into();
        record
    }

    fn lines(path: &Path) -> Vec<String> {
        std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn batches_go_out_by_age_and_at_the_end() {
        let scratch = Scratch::new();
        let path = scratch.path().join("records.jsonl");
        let mut file = RecordFile::open(&path).unwrap();
        file.write(&record("a"), 0);
        assert_eq!(lines(&path).len(), 0);
        let due = file.deadline_ms().unwrap();
        file.turn(due);
        assert_eq!(lines(&path).len(), 1);
        assert_eq!(file.deadline_ms(), None);
        file.write(&record("b"), due);
        assert_eq!(file.finish(due), 0);
        let lines = lines(&path);
        assert!(lines.len() == 2 && lines[1].contains("https://b/"), "{lines:?}");
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_was_moved_away_is_opened_anew() {
        let scratch = Scratch::new();
        let (path, old) = (scratch.path().join("r.jsonl"), scratch.path().join("r.1"));
        let mut file = RecordFile::open(&path).unwrap();
        file.write(&record("a"), 0);
        file.turn(10_000);
        std::fs::rename(&path, &old).unwrap();
        file.write(&record("b"), 10_000);
        file.turn(20_000);
        assert_eq!((lines(&old).len(), lines(&path).len()), (1, 1));
    }

    #[test]
    fn a_disk_that_fails_is_tried_again() {
        let scratch = Scratch::new();
        let path = scratch.path().join("r.jsonl");
        let mut file = RecordFile::open(&path).unwrap();
        // Opened for reading alone: every write fails.
        file.file = File::open(&path).unwrap();
        file.write(&record("a"), 0);
        file.turn(1_000);
        assert_eq!(file.deadline_ms(), Some(2_000));
        file.write(&record("b"), 1_500);
        assert_eq!(lines(&path).len(), 0);
        file.file = open(&path).unwrap();
        file.turn(2_000);
        assert_eq!(lines(&path).len(), 1);
        assert_eq!(file.finish(2_000), 0);
        assert_eq!(lines(&path).len(), 2);
        file.file = File::open(&path).unwrap();
        file.write(&record("c"), 3_000);
        assert_eq!(file.finish(3_000), 1);
    }
}
