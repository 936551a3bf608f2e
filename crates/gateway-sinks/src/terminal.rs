//! The terminal: one line per record on standard output.

use std::io::{self, Write};
use std::sync::Arc;

use gateway_log::{HumanLine, Limits, Record, RecordKind};

use crate::counters::Counters;
use crate::entry::{Entry, Reads};
use crate::queue::Writer;

/// The form of a line.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// For people.
    Human,
    /// For machines.
    Json,
}

/// Lines for standard output. When that is closed, they go nowhere.
#[derive(Debug)]
pub(crate) struct Lines<W> {
    out: W,
    form: Form,
    human: HumanLine,
    waiting: Vec<u8>,
    counters: Arc<Counters>,
}

/// Bytes that are gathered while more records wait.
const GATHERED_BYTES_MAX: usize = 64 << 10;

impl<W: Write> Lines<W> {
    /// Lines in `form` for `out`.
    pub(crate) fn new(out: W, form: Form, counters: Arc<Counters>) -> Self {
        let human = HumanLine::new(Limits::default());
        Self { out, form, human, waiting: Vec::new(), counters }
    }

    fn flush(&mut self) {
        // Nobody is left to be told that standard output is gone.
        let _: io::Result<()> = self.out.write_all(&self.waiting).and_then(|()| self.out.flush());
        self.waiting.clear();
    }
}

impl<W: Write + Send + 'static> Writer for Lines<W> {
    const READS: Reads = Reads::Record;

    fn write(&mut self, entry: Arc<Entry>, _now_ms: u64) {
        match (self.form, entry.record.as_deref()) {
            (Form::Human, Some(record)) if is_told_by_its_requests(record) => {}
            (Form::Human, Some(record)) => self.human.encode(record, &mut self.waiting),
            (Form::Json, _) | (Form::Human, None) => self.waiting.extend_from_slice(entry.line()),
        }
        self.counters.wrote(1);
        if self.waiting.len() >= GATHERED_BYTES_MAX {
            self.flush();
        }
    }

    fn turn(&mut self, _now_ms: u64) {
        if !self.waiting.is_empty() {
            self.flush();
        }
    }

    fn deadline_ms(&self) -> Option<u64> {
        None
    }

    fn finish(&mut self, _now_ms: u64) {
        self.flush();
    }
}

/// Whether a person learns nothing from a record that the requests of its session do not say: a
/// session is told only if something was done to it as a whole.
fn is_told_by_its_requests(record: &Record) -> bool {
    record.kind == RecordKind::Session
        && record.decision.action.is_none()
        && record.warnings.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(form: Form) -> Lines<Vec<u8>> {
        Lines::new(Vec::new(), form, Arc::default())
    }

    fn entry(record: &Record) -> Arc<Entry> {
        Arc::new(Entry::new(Box::new(record.clone()), Reads::Record))
    }

    #[test]
    fn every_record_is_a_line_and_losses_are_among_them() {
        let mut record = Record::new(RecordKind::Http);
        record.http.url = "https://a/\n\u{1b}[31m".into();
        let mut loss = Record::new(RecordKind::Loss);
        loss.loss.records = Some(7);
        for (form, told) in [(Form::Human, "7 records lost"), (Form::Json, "\"LostRecords\":7")] {
            let mut out = lines(form);
            out.write(entry(&record), 0);
            out.write(entry(&loss), 0);
            out.write(entry(&record), 0);
            assert!(out.out.is_empty());
            out.turn(0);
            let text = String::from_utf8(out.out).unwrap();
            assert_eq!(text.lines().count(), 3, "{text}");
            assert!(!text.contains('\u{1b}'));
            assert!(text.contains(told), "{text}");
        }
    }

    #[test]
    fn a_session_is_shown_only_if_something_was_done_to_it() {
        let mut record = Record::new(RecordKind::Session);
        let mut out = lines(Form::Human);
        out.write(entry(&record), 0);
        assert!(out.waiting.is_empty());
        record.decision.action = Some(gateway_log::Action::Off);
        out.write(entry(&record), 0);
        assert!(!out.waiting.is_empty());
    }
}
