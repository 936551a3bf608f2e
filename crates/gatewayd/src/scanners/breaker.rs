//! Whether somebody outside is asked at all: who has failed several times in a row is left alone for a
//! moment, so that nobody waits for it in vain, and then tried by one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use gateway_proxy::ScanFailure;

/// Failures in a row after which nobody is asked.
const FAILURES_MAX: u32 = 5;
/// For how long.
const REST: Duration = Duration::from_secs(5);

/// What is known of one.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    state: Mutex<State>,
    /// How often a rest began that was none before.
    rests: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// When the next may try, once nobody else may.
    rests_until: Option<Instant>,
}

impl Breaker {
    /// Whether to ask at `now`. After a rest one may; the others go on resting until it is known what
    /// came of that.
    pub(crate) fn lets(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.rests_until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                state.rests_until = now.checked_add(REST);
                true
            }
        }
    }

    /// What came of asking: a failure of the one asked, or none. What is wrong with a content is none.
    pub(crate) fn note(&self, failure: Option<ScanFailure>, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match failure {
            Some(
                ScanFailure::Broken
                | ScanFailure::Garbled
                | ScanFailure::TimedOut
                | ScanFailure::Unreachable,
            ) => {
                state.failures = state.failures.saturating_add(1);
                if state.failures >= FAILURES_MAX {
                    if state.rests_until.is_none() {
                        self.rests.fetch_add(1, Ordering::Relaxed);
                    }
                    state.rests_until = now.checked_add(REST);
                }
            }
            // It was not asked, or not for lack of life.
            Some(ScanFailure::Busy | ScanFailure::Resting) => {}
            Some(_) | None => *state = State::default(),
        }
    }

    /// How often it began to rest.
    pub(crate) fn rests(&self) -> u64 {
        self.rests.load(Ordering::Relaxed)
    }

    /// Whether it rests.
    pub(crate) fn is_resting(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).rests_until.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_fails_again_and_again_is_left_alone_and_then_tried_by_one() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        let failed = Some(ScanFailure::Unreachable);
        for _ in 1..FAILURES_MAX {
            breaker.note(failed, now);
            assert!(breaker.lets(now));
        }
        breaker.note(failed, now);
        assert!(!breaker.lets(now) && !breaker.lets(now + REST / 2));
        assert!((breaker.rests(), breaker.is_resting()) == (1, true));
        let later = now + REST;
        assert!(breaker.lets(later) && !breaker.lets(later), "one tries");
        breaker.note(failed, later);
        assert!(!breaker.lets(later + REST / 2));
        assert!(breaker.lets(later + REST));
        assert_eq!(breaker.rests(), 1, "it is the same rest still");
        breaker.note(None, later + REST);
        assert!(!breaker.is_resting());
        assert!(breaker.lets(later + REST));
        breaker.note(failed, later + REST);
        assert!(breaker.lets(later + REST), "it begins anew");
    }

    #[test]
    fn what_is_wrong_with_a_content_is_no_failure() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 0..2 * FAILURES_MAX {
            breaker.note(Some(ScanFailure::TooLarge), now);
            breaker.note(Some(ScanFailure::Busy), now);
        }
        assert!(breaker.lets(now));
    }
}
