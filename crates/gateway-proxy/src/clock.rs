//! Time as the machines know it: an argument, never a clock of their own.

use std::time::{Duration, Instant};

/// Ties the monotonic instants that the machines are given to the calendar.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    epoch: Instant,
    epoch_unix_ns: u64,
    meter: fn() -> Duration,
}

impl Clock {
    /// A clock on which the instant `epoch` is `epoch_unix_ns` nanoseconds after the Unix epoch.
    ///
    /// `meter` reads a running time, to measure what rules and scans cost; a function that always
    /// gives zero leaves those figures out and the machines deterministic.
    #[must_use]
    pub const fn new(epoch: Instant, epoch_unix_ns: u64, meter: fn() -> Duration) -> Self {
        Self { epoch, epoch_unix_ns, meter }
    }

    /// Nanoseconds since the Unix epoch at `now`.
    #[must_use]
    pub fn unix_ns(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.epoch).as_nanos();
        self.epoch_unix_ns.saturating_add(u64::try_from(since).unwrap_or(u64::MAX))
    }

    /// Runs `work` and adds what it took to `spent`.
    pub(crate) fn measure<T>(&self, spent: &mut Duration, work: impl FnOnce() -> T) -> T {
        let before = (self.meter)();
        let result = work();
        *spent += (self.meter)().saturating_sub(before);
        result
    }
}

/// Microseconds, rounded down.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Milliseconds, rounded down.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
