//! A record on its way to the sinks: shared by all of them, encoded by the first that needs it.

use std::sync::OnceLock;

use gateway_log::{JsonLines, Limits, Record};

/// One record, and its JSON line once a sink has asked for it.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The record.
    pub(crate) record: Box<Record>,
    line: OnceLock<Vec<u8>>,
}

impl Entry {
    /// A record that nobody has encoded.
    pub(crate) const fn new(record: Box<Record>) -> Self {
        Self { record, line: OnceLock::new() }
    }

    /// The key by which a receiver knows a second delivery: the request, or else the session.
    pub(crate) fn key(&self) -> &[u8] {
        let request = self.record.request_id.as_bytes();
        if request.is_empty() { self.record.session_id.as_bytes() } else { request }
    }

    /// When the record was written, in Unix nanoseconds: at the end of what it tells about, or at
    /// the start while that is not known.
    pub(crate) fn time_ns(&self) -> u64 {
        if self.record.ended_ns == 0 { self.record.started_ns } else { self.record.ended_ns }
    }

    /// The record as one JSON line, its line feed included.
    pub(crate) fn line(&self) -> &[u8] {
        self.line.get_or_init(|| {
            let mut line = Vec::with_capacity(LINE_BYTES);
            JsonLines::new(Limits::default()).encode(&self.record, &mut line);
            line
        })
    }
}

/// Room for a usual line.
const LINE_BYTES: usize = 1_024;
