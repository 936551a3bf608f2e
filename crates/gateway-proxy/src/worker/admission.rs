//! How many requests a Worker gets at a time, and when it is spared: a cap that refuses at once, and
//! a circuit breaker.

use std::time::{Duration, Instant};

/// Bounds on what a Worker gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdmissionLimits {
    /// Requests with the Worker at a time; those beyond are refused at once. Default 256.
    pub concurrency_max: u32,
    /// Failures in a row after which it is spared. Default 5.
    pub failures_max: u32,
    /// How long it is spared, until one request tries it again. Default 5 s.
    pub open: Duration,
}

impl Default for AdmissionLimits {
    fn default() -> Self {
        Self { concurrency_max: 256, failures_max: 5, open: Duration::from_secs(5) }
    }
}

/// Why a request is not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// As many as allowed are with the Worker.
    Busy,
    /// The Worker has failed too often in a row.
    Open,
}

/// The cap and the breaker of one Worker.
///
/// ```text
///  Closed(failures) ──failures_max──▶ Open(since) ──open──▶ Trying ──success──▶ Closed(0)
///                                        ▲                    │
///                                        └──────failure───────┘
/// ```
#[derive(Debug)]
pub struct Admission {
    limits: AdmissionLimits,
    running: u32,
    breaker: Breaker,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Breaker {
    Closed {
        failures: u32,
    },
    Open {
        since: Instant,
    },
    /// One request tries whether the Worker is well again.
    Trying,
}

impl Admission {
    /// Nothing has come yet.
    #[must_use]
    pub const fn new(limits: AdmissionLimits) -> Self {
        Self { limits, running: 0, breaker: Breaker::Closed { failures: 0 } }
    }

    /// Other bounds, from now on.
    pub const fn set_limits(&mut self, limits: AdmissionLimits) {
        self.limits = limits;
    }

    /// Requests with the Worker now.
    #[must_use]
    pub const fn running(&self) -> u32 {
        self.running
    }

    /// Admits one request, which must end with [`succeed`](Self::succeed),
    /// [`fail`](Self::fail) or [`withdraw`](Self::withdraw).
    ///
    /// # Errors
    /// [`Refused`]; nothing is counted then.
    pub fn admit(&mut self, now: Instant) -> Result<(), Refused> {
        if self.running >= self.limits.concurrency_max {
            return Err(Refused::Busy);
        }
        match self.breaker {
            Breaker::Closed { .. } => {}
            Breaker::Open { since } if now >= since + self.limits.open => {
                self.breaker = Breaker::Trying;
            }
            Breaker::Open { .. } | Breaker::Trying => return Err(Refused::Open),
        }
        self.running += 1;
        Ok(())
    }

    /// The Worker has done its part for one request.
    pub const fn succeed(&mut self) {
        self.running = self.running.saturating_sub(1);
        self.breaker = match self.breaker {
            // One that was admitted before says nothing about now.
            Breaker::Open { since } => Breaker::Open { since },
            Breaker::Closed { .. } | Breaker::Trying => Breaker::Closed { failures: 0 },
        };
    }

    /// The Worker has failed one request.
    pub fn fail(&mut self, now: Instant) {
        self.running = self.running.saturating_sub(1);
        self.breaker = match self.breaker {
            Breaker::Closed { failures } if failures + 1 < self.limits.failures_max => {
                Breaker::Closed { failures: failures + 1 }
            }
            Breaker::Closed { .. } | Breaker::Trying => Breaker::Open { since: now },
            Breaker::Open { since } => Breaker::Open { since },
        };
    }

    /// One request ended before it showed how the Worker is.
    pub fn withdraw(&mut self, now: Instant) {
        self.running = self.running.saturating_sub(1);
        // Another one may try at once.
        if matches!(self.breaker, Breaker::Trying) {
            self.breaker = match now.checked_sub(self.limits.open) {
                Some(since) => Breaker::Open { since },
                None => Breaker::Closed { failures: 0 },
            };
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "some instant to count from")]
mod tests {
    use super::*;

    fn admission(concurrency_max: u32) -> Admission {
        let open = Duration::from_secs(5);
        Admission::new(AdmissionLimits { concurrency_max, failures_max: 2, open })
    }

    #[test]
    fn what_is_beyond_the_cap_is_refused_at_once() {
        let now = Instant::now();
        let mut admission = admission(2);
        assert_eq!(admission.admit(now), Ok(()));
        assert_eq!(admission.admit(now), Ok(()));
        assert_eq!(admission.admit(now), Err(Refused::Busy));
        admission.succeed();
        assert_eq!(admission.admit(now), Ok(()));
        assert_eq!(admission.running(), 2);
    }

    #[test]
    fn a_worker_that_fails_in_a_row_is_spared_and_tried_again() {
        let now = Instant::now();
        let later = now + Duration::from_secs(5);
        let mut admission = admission(10);
        let once = |admission: &mut Admission, at, well: bool| {
            admission.admit(at)?;
            if well {
                admission.succeed();
            } else {
                admission.fail(at);
            }
            Ok::<(), Refused>(())
        };
        // A success between two failures: not in a row.
        for well in [false, true, false] {
            assert_eq!(once(&mut admission, now, well), Ok(()));
        }
        assert_eq!(once(&mut admission, now, false), Ok(()));
        assert_eq!(admission.admit(now), Err(Refused::Open));
        assert_eq!(admission.admit(later - Duration::from_millis(1)), Err(Refused::Open));
        // One tries; the others are refused until it is known how it went.
        assert_eq!(admission.admit(later), Ok(()));
        assert_eq!(admission.admit(later), Err(Refused::Open));
        admission.fail(later);
        assert_eq!(admission.admit(later), Err(Refused::Open));
        let last = later + Duration::from_secs(5);
        assert_eq!(admission.admit(last), Ok(()));
        admission.withdraw(last);
        assert_eq!(admission.admit(last), Ok(()), "one that was given up tells nothing");
        admission.succeed();
        assert_eq!(once(&mut admission, last, true), Ok(()));
        assert_eq!(admission.running(), 0);
    }
}
