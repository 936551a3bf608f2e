//! A sink that is away while records keep coming, and what can be said afterwards.

use std::time::{Duration, Instant};

use gateway_sinks::Sinks;

use crate::feed::{record, status, until};

/// How long the sink is away, and how fast records come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outage {
    pub(crate) away: Duration,
    pub(crate) records_per_s: u32,
}

impl Outage {
    /// 5 s, short enough for every run, unless `GATEWAY_OUTAGE_SECONDS` says otherwise.
    pub(crate) fn new() -> Self {
        let seconds = std::env::var("GATEWAY_OUTAGE_SECONDS").ok();
        let seconds = seconds.map_or(5, |seconds| seconds.parse().unwrap());
        Self { away: Duration::from_secs(seconds), records_per_s: 5_000 }
    }

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
