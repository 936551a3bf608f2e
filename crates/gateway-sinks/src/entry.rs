//! A record on its way to the sinks, shared by all of them.
//!
//! It is encoded where it is handed over, while it is still in the cache of the core that filled
//! it: elsewhere that takes twice as long. Where no sink reads more than the line, the record ends
//! here.

use gateway_log::{JsonLines, Limits, Record, Text};

/// What a sink reads of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reads {
    /// Lines alone, however many are in an entry.
    Lines,
    /// The line of each record, its key and its time.
    #[cfg_attr(
        not(any(feature = "clickhouse", feature = "kafka", test)),
        expect(dead_code, reason = "remote sinks alone read just that")
    )]
    Line,
    /// The record besides.
    Record,
}

/// A record with its JSON line; or the lines of many, for a sink that reads no more.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Present if a sink reads it.
    pub(crate) record: Option<Box<Record>>,
    line: Vec<u8>,
    /// How many lines that is.
    records: usize,
    key: Text,
    time_ns: u64,
}

impl Entry {
    /// Encodes `record`, and keeps it if a sink reads more than that.
    pub(crate) fn new(mut record: Box<Record>, reads: Reads) -> Self {
        let mut line = Vec::with_capacity(LINE_BYTES);
        encode(&record, &mut line);
        let time_ns = if record.ended_ns == 0 { record.started_ns } else { record.ended_ns };
        let of_session = record.request_id.as_bytes().is_empty();
        let named = if of_session { &mut record.session_id } else { &mut record.request_id };
        match reads {
            Reads::Lines | Reads::Line => {
                Self { key: std::mem::take(named), record: None, line, records: 1, time_ns }
            }
            Reads::Record => {
                Self { key: named.clone(), record: Some(record), line, records: 1, time_ns }
            }
        }
    }

    /// The lines of so many records.
    pub(crate) fn of_lines(line: Vec<u8>, records: usize) -> Self {
        Self { record: None, line, records, key: Text::default(), time_ns: 0 }
    }

    /// How many records it holds.
    pub(crate) const fn records(&self) -> usize {
        self.records
    }

    /// What names the record, so that a sink can drop what it gets twice: the request id, or the
    /// session id where there is no request.
    pub(crate) fn key(&self) -> &[u8] {
        self.key.as_bytes()
    }

    /// When it ended, or at least began: nanoseconds since 1970-01-01 UTC.
    pub(crate) const fn time_ns(&self) -> u64 {
        self.time_ns
    }

    /// The record as a JSON line, the line feed included.
    pub(crate) fn line(&self) -> &[u8] {
        &self.line
    }

    /// The same, with its memory.
    pub(crate) fn into_line(self) -> Vec<u8> {
        self.line
    }
}

/// Appends `record` as a JSON line, the line feed included.
pub(crate) fn encode(record: &Record, line: &mut Vec<u8>) {
    JsonLines::new(Limits::default()).encode(record, line);
}

/// Bytes of a line, as a rule.
const LINE_BYTES: usize = 1_024;
