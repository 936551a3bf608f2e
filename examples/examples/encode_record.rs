//! Fills in the record of a blocked upload and writes it for machines and for people.
//!
//! `cargo run -p gateway-examples --example encode_record`
#![expect(clippy::print_stdout, reason = "a program that shows something")]

use gateway_log::{Action, HumanLine, JsonLines, Limits, Record, RecordKind, TrailStep};

fn main() {
    let record = blocked_upload();
    for line in [json(&record), human(&record)] {
        println!("{}", line.trim_end());
    }
}

fn blocked_upload() -> Record {
    let mut record = Record::new(RecordKind::Http);
    record.started_ns = 1_750_000_000_000_000_000;
    record.client.addr = Some(([192, 0, 2, 7], 50_000).into());
    record.http.method = "POST".into();
    // A header or a URL may hold what it likes: it stays inside its string.
    record.http.url = "https://paste.example/\"}\n{\"Action\":\"allow\"}".into();
    record.http.status = Some(403);
    record.decision.action = Some(Action::Block);
    record.decision.policy_name = "No card numbers".into();
    let mut step = TrailStep::default();
    step.tier = "body".into();
    step.rule_id = "cards".into();
    step.predicate = "dlp.upload.count > 0".into();
    record.decision.trail.push(step);
    record.timings.scan_us = Some(41);
    record
}

fn json(record: &Record) -> String {
    let mut line = Vec::new();
    JsonLines::new(Limits::default()).encode(record, &mut line);
    String::from_utf8_lossy(&line).into_owned()
}

fn human(record: &Record) -> String {
    let mut line = Vec::new();
    HumanLine::new(Limits::default()).encode(record, &mut line);
    String::from_utf8_lossy(&line).into_owned()
}

#[test]
fn one_line_each() {
    let record = blocked_upload();
    for line in [json(&record), human(&record)] {
        assert_eq!(line.find('\n'), Some(line.len() - 1), "{line}");
        assert!(line.contains("No card numbers") && line.contains("403"), "{line}");
    }
}
