//! A sink that is away while records keep coming, and what can be said afterwards.

use std::path::Path;
use std::time::{Duration, Instant};

use gateway_log::{Action, Record, RecordKind};
use gateway_sinks::{Config, Sinks, Status, Terminal};

/// How long the sink is away, and how fast records come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outage {
    pub(crate) away: Duration,
    pub(crate) records_per_s: u32,
}

impl Outage {
    /// Short enough for every run.
    pub(crate) const SHORT: Self = Self { away: Duration::from_secs(5), records_per_s: 5_000 };
    /// The promise in full.
    pub(crate) const FULL: Self = Self { away: Duration::from_secs(30), records_per_s: 5_000 };

    /// Sends records at the rate, for a while before, during and after the outage, and waits until
    /// the sink has taken all of them; gives how many that were.
    pub(crate) fn run(
        self,
        name: &str,
        sinks: Sinks,
        mut down: impl FnMut(),
        mut up: impl FnMut(),
    ) -> u32 {
        let (before, after) = (Duration::from_secs(1), Duration::from_secs(1));
        let start = Instant::now();
        let (mut sent, mut is_down, mut was_down) = (0, false, false);
        let mut spooled_max = 0;
        while start.elapsed() < before + self.away + after {
            let due = start.elapsed().as_secs_f64() * f64::from(self.records_per_s);
            while f64::from(sent) < due {
                sinks.submit(record(sent));
                sent += 1;
            }
            if !was_down && start.elapsed() >= before {
                down();
                (is_down, was_down) = (true, true);
            }
            if is_down && start.elapsed() >= before + self.away {
                spooled_max = status(&sinks).spooled;
                up();
                is_down = false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let caught_up = Instant::now();
        until(&sinks, |status| status.written == u64::from(sent) && status.spooled == 0);
        let behind = caught_up.elapsed();
        let seen = status(&sinks);
        assert!(seen.retries > 0 && seen.dropped == 0, "{seen:?}");
        assert!(seen.last_error.as_ref().is_some_and(|error| error.is_over), "{seen:?}");
        assert!(spooled_max > u64::from(self.records_per_s), "{spooled_max} were in the spool");
        println!(
            "{name}: {sent} records at {}/s, away for {} s; {spooled_max} in the spool at the \
             most, {} attempts failed, all delivered {:.1} s after the last, 0 lost",
            self.records_per_s,
            self.away.as_secs(),
            seen.retries,
            behind.as_secs_f64(),
        );
        assert_eq!(sinks.close(), 0);
        sent
    }
}

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
