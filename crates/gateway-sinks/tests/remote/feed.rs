//! Records to send, and where they are on their way.

use std::path::Path;
use std::time::{Duration, Instant};

use gateway_log::{Action, Record, RecordKind};
use gateway_sinks::{Config, Sinks, Status, Terminal};

/// Sinks without file and terminal, with a spool in `folder`.
pub(crate) fn config(folder: &Path) -> Config {
    let mut config = Config::default();
    config.terminal = Terminal::Off;
    config.spool.folder = folder.join("spool");
    config
}

/// A record as a request leaves it, known by its number.
pub(crate) fn record(number: u32) -> Record {
    let mut record = Record::new(RecordKind::Http);
    record.request_id = format!("request-{number:010}").into();
    record.session_id = "session-1".into();
    record.started_ns = 1_750_000_000_123_456_789 + u64::from(number);
    record.ended_ns = record.started_ns + 5_000_000;
    record.client.addr = Some(([192, 0, 2, 7], 50_000).into());
    record.origin.addr = Some(([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], 443).into());
    record.decision.action = Some(Action::Allow);
    record.decision.actions = vec![Action::NoScan, Action::Allow];
    record.http.method = "GET".into();
    record.http.url = format!("https://files.example/path/{number}?q=\"ü\"").into();
    record.http.host = "files.example".into();
    record.http.version = "HTTP/1.1".into();
    record.http.status = Some(200);
    record.http.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101".into();
    record.bytes.to_client = Some(12_345);
    record.timings.total_ms = Some(42);
    record
}

/// How the one sink is doing.
pub(crate) fn status(sinks: &Sinks) -> Status {
    sinks.status().remove(0)
}

/// Waits until the sink is where it should be.
#[track_caller]
pub(crate) fn until(sinks: &Sinks, is_there: impl Fn(&Status) -> bool) {
    let start = Instant::now();
    while !is_there(&status(sinks)) {
        assert!(start.elapsed() < Duration::from_secs(120), "{:?}", status(sinks));
        std::thread::sleep(Duration::from_millis(5));
    }
}
