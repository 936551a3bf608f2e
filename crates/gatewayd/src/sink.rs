//! The ways out of records: the file of JSON lines and the terminal. Handing one over never waits;
//! what a slow disk or terminal cannot take is counted, and told.

mod file;
mod queue;
mod terminal;

use std::sync::Arc;

use gateway_log::Record;

use crate::config::{self, Terminal};
pub(crate) use file::SinkError;
use queue::Queue;

/// The sinks that the configuration asks for, each with a thread of its own.
#[derive(Debug)]
pub(crate) struct Sinks {
    queues: Vec<Queue>,
}

/// How one sink is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    /// Its name.
    pub(crate) sink: &'static str,
    /// Records that wait.
    pub(crate) queued: u64,
    /// Records lost for want of room.
    pub(crate) dropped: u64,
}

impl Sinks {
    /// Opens the file and starts the threads.
    ///
    /// # Errors
    ///
    /// [`SinkError`] when the file cannot be opened or a thread cannot be started.
    pub(crate) fn start(log: &config::Log) -> Result<Self, SinkError> {
        let mut queues = Vec::new();
        if !log.records.as_os_str().is_empty() {
            let file = file::RecordFile::open(&log.records)?;
            queues.push(Queue::start("record-file", log.queue_records_max, file)?);
        }
        let form = match log.terminal {
            Terminal::Human => Some(terminal::Form::Human),
            Terminal::Json => Some(terminal::Form::Json),
            Terminal::Off => None,
        };
        if let Some(form) = form {
            let terminal = terminal::Lines::new(std::io::stdout(), form);
            queues.push(Queue::start("record-terminal", log.queue_records_max, terminal)?);
        }
        Ok(Self { queues })
    }

    /// How each sink is doing.
    pub(crate) fn status(&self) -> Vec<Status> {
        self.queues.iter().map(Queue::status).collect()
    }

    /// Hands over one record. Never waits: a sink whose queue is full loses it, and counts.
    pub(crate) fn submit(&self, record: Record) {
        let record = Arc::new(record);
        for queue in &self.queues {
            queue.submit(Arc::clone(&record));
        }
    }

    /// Writes out what waits and stops the threads; gives the number of records lost in all.
    pub(crate) fn close(self) -> u64 {
        self.queues.into_iter().map(Queue::close).sum()
    }
}

#[cfg(test)]
mod tests {
    use gateway_log::RecordKind;

    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn what_is_submitted_is_in_the_file_after_close() {
        let scratch = Scratch::new();
        let log = config::Log {
            records: scratch.path().join("records.jsonl"),
            terminal: Terminal::Off,
            queue_records_max: 1_000,
        };
        let sinks = Sinks::start(&log).unwrap();
        for number in 0..500 {
            let mut record = Record::new(RecordKind::Http);
            record.http.status = Some(number);
            sinks.submit(record);
        }
        assert_eq!(sinks.close(), 0);
        let text = std::fs::read_to_string(&log.records).unwrap();
        let statuses: Vec<u64> = text
            .lines()
            .map(|line| {
                let record: serde_json::Value = serde_json::from_str(line).unwrap();
                record["HTTPStatusCode"].as_u64().unwrap()
            })
            .collect();
        assert_eq!(statuses, (0..500).collect::<Vec<_>>());
    }

    #[test]
    fn a_file_that_cannot_be_opened_is_told() {
        let scratch = Scratch::new();
        let records = scratch.path().join("missing/records.jsonl");
        let log = config::Log { records, ..config::Log::default() };
        let error = Sinks::start(&log).unwrap_err().to_string();
        assert!(error.contains("missing/records.jsonl for records"), "{error}");
    }
}
