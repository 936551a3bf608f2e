//! How long a client takes for the body of its request: the time in which it could send, and no
//! other.

use std::time::{Duration, Instant};

/// For how long the client could have sent its body: what it waits for is not its fault.
#[derive(Default)]
pub(super) struct Pace {
    before: Duration,
    /// Since when it can, if it can.
    since: Option<Instant>,
    /// Since when it cannot, if it has been able to or waits to be told so.
    stopped: Option<Instant>,
}

impl Pace {
    /// Whether it can send now.
    pub(super) const fn is_running(&self) -> bool {
        self.since.is_some()
    }

    /// It can send from now on.
    pub(super) fn go_on(&mut self, now: Instant) {
        self.since.get_or_insert(now);
        self.stopped = None;
    }

    /// It cannot until it is let.
    pub(super) fn stop(&mut self, now: Instant) {
        self.before = self.took(now);
        self.since = None;
        self.stopped.get_or_insert(now);
    }

    /// While it waits to be let, some of what it waits for has been done: the wait begins anew.
    pub(super) fn moves(&mut self, now: Instant) {
        if let Some(stopped) = &mut self.stopped {
            *stopped = now.max(*stopped);
        }
    }

    /// Since when it waits to be let and nothing has moved.
    pub(super) const fn stopped_since(&self) -> Option<Instant> {
        self.stopped
    }

    /// How long that has been.
    pub(super) fn took(&self, now: Instant) -> Duration {
        let running = self.since.map(|since| now.saturating_duration_since(since));
        self.before + running.unwrap_or_default()
    }

    /// When that will have been so long, if it runs.
    pub(super) fn reaches(&self, long: Duration) -> Option<Instant> {
        self.since.map(|since| since + long.saturating_sub(self.before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any time will do to begin with")]
    fn only_the_time_in_which_it_could_send_counts() {
        let start = Instant::now();
        let at = |s| start + Duration::from_secs(s);
        let long = Duration::from_secs(10);
        let mut pace = Pace::default();
        assert_eq!((pace.took(at(5)), pace.reaches(long)), (Duration::ZERO, None));
        pace.go_on(at(5));
        // To be told so once more changes nothing.
        pace.go_on(at(7));
        assert_eq!(pace.reaches(long), Some(at(15)));
        pace.moves(at(8));
        assert_eq!(pace.stopped_since(), None);
        pace.stop(at(9));
        pace.stop(at(20));
        assert_eq!(pace.stopped_since(), Some(at(9)));
        pace.moves(at(25));
        pace.moves(at(24));
        assert_eq!(pace.stopped_since(), Some(at(25)));
        assert_eq!((pace.took(at(30)), pace.reaches(long)), (Duration::from_secs(4), None));
        pace.go_on(at(30));
        assert_eq!(pace.stopped_since(), None);
        assert_eq!((pace.took(at(31)), pace.reaches(long)), (Duration::from_secs(5), Some(at(36))));
    }
}
