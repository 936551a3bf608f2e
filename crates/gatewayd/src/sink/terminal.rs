//! The terminal: one line per record on standard output, at once.

use std::io::{self, Write};

use gateway_log::{HumanLine, JsonLines, Limits, Record, RecordKind};

use super::queue::Writer;

/// The form of a line.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// For people.
    Human,
    /// For machines.
    Json,
}

/// Lines for standard output. When that is closed, they go nowhere.
#[derive(Debug)]
pub(super) struct Lines<W> {
    out: W,
    form: Form,
    human: HumanLine,
    json: JsonLines,
    waiting: Vec<u8>,
}

/// Bytes that are gathered while more records wait.
const GATHERED_BYTES_MAX: usize = 64 << 10;

impl<W: Write> Lines<W> {
    /// Lines in `form` for `out`.
    pub(super) fn new(out: W, form: Form) -> Self {
        let limits = Limits::default();
        let (human, json) = (HumanLine::new(limits), JsonLines::new(limits));
        Self { out, form, human, json, waiting: Vec::new() }
    }

    fn flush(&mut self) {
        // Nobody is left to be told that standard output is gone.
        let _: io::Result<()> = self.out.write_all(&self.waiting).and_then(|()| self.out.flush());
        self.waiting.clear();
    }
}

impl<W: Write + Send + 'static> Writer for Lines<W> {
    fn write(&mut self, record: &Record, _now_ms: u64) {
        match self.form {
            Form::Human if is_told_by_its_requests(record) => {}
            Form::Human => self.human.encode(record, &mut self.waiting),
            Form::Json => self.json.encode(record, &mut self.waiting),
        }
        if self.waiting.len() >= GATHERED_BYTES_MAX {
            self.flush();
        }
    }

    fn lost(&mut self, count: u64, _now_ms: u64) {
        match self.form {
            Form::Human => {
                self.waiting.extend_from_slice(format!("({count} records not shown)\n").as_bytes());
            }
            // The lines of standard output are all records: what is no record goes beside them.
            Form::Json => {
                let _ = writeln!(io::stderr(), "gateway-proxy: log: {count} records not shown");
            }
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

    fn finish(&mut self, _now_ms: u64) -> u64 {
        self.flush();
        0
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

    #[test]
    fn every_record_is_a_line_and_losses_are_told() {
        let mut record = Record::new(RecordKind::Http);
        record.http.url = "https://a/\n\u{1b}[31m".into();
        for (form, lines) in [(Form::Human, 3), (Form::Json, 2)] {
            let mut out = Lines::new(Vec::new(), form);
            out.write(&record, 0);
            out.lost(7, 0);
            out.write(&record, 0);
            assert!(out.out.is_empty());
            out.turn(0);
            let text = String::from_utf8(out.out).unwrap();
            assert_eq!(text.lines().count(), lines, "{text}");
            assert!(!text.contains('\u{1b}'));
            assert_eq!(text.contains("(7 records not shown)"), lines == 3);
        }
    }

    #[test]
    fn a_session_is_shown_only_if_something_was_done_to_it() {
        let mut record = Record::new(RecordKind::Session);
        let mut out = Lines::new(Vec::new(), Form::Human);
        out.write(&record, 0);
        assert!(out.waiting.is_empty());
        record.decision.action = Some(gateway_log::Action::Off);
        out.write(&record, 0);
        assert!(!out.waiting.is_empty());
    }
}
