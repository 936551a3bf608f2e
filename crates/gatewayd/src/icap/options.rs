//! What a service has said of itself, and how long that is good for. What it failed to say is
//! remembered too, for a moment, so that a service that does not answer does not hold up every
//! message for as long as it could.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway_h1h2::icap::ServiceOptions;
use gateway_proxy::ScanFailure;

/// How long a failure is remembered.
const FAILED: Duration = Duration::from_secs(1);
/// How long options are good that say nothing of it, and at most.
const FRESH: Duration = Duration::from_secs(3_600);

/// What is known of a service.
#[derive(Debug, Default)]
pub(super) struct Known {
    said: Option<(Result<Arc<ServiceOptions>, ScanFailure>, Instant)>,
}

impl Known {
    /// What it said, if that is still true at `now`.
    pub(super) fn at(&self, now: Instant) -> Option<Result<Arc<ServiceOptions>, ScanFailure>> {
        let (said, since) = self.said.as_ref()?;
        let age = now.saturating_duration_since(*since);
        let is_fresh = match said {
            Ok(options) => options.is_fresh(age) && age < FRESH,
            Err(_) => age < FAILED,
        };
        is_fresh.then(|| said.clone())
    }

    /// It has spoken at `now`, or not.
    pub(super) fn learn(&mut self, said: &Result<Arc<ServiceOptions>, ScanFailure>, now: Instant) {
        self.said = Some((said.clone(), now));
    }

    /// It has answered in the state `istag`: what it said in another is void.
    pub(super) fn check(&mut self, istag: &[u8]) {
        if let Some((Ok(options), _)) = &self.said
            && !istag.is_empty()
            && options.istag != istag
        {
            self.said = None;
        }
    }

    /// It is not there any more: whoever comes next asks anew.
    pub(super) fn forget(&mut self) {
        if let Some((Ok(_), _)) = self.said {
            self.said = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_true_for_a_while() {
        let now = Instant::now();
        let mut known = Known::default();
        assert!(known.at(now).is_none());
        known.learn(&Err(ScanFailure::Unreachable), now);
        assert!(known.at(now + FAILED / 2).is_some_and(|said| said.is_err()));
        known.forget();
        assert!(known.at(now).is_some(), "a failure is not forgotten by failing again");
        assert!(known.at(now + FAILED).is_none());
        let mut options = ServiceOptions::default();
        options.ttl = Some(Duration::from_secs(60));
        options.istag = b"\"1\"".to_vec();
        known.learn(&Ok(Arc::new(options)), now);
        assert!(known.at(now + Duration::from_secs(59)).is_some_and(|said| said.is_ok()));
        assert!(known.at(now + Duration::from_secs(60)).is_none());
        known.check(b"");
        known.check(b"\"1\"");
        assert!(known.at(now).is_some());
        known.check(b"\"2\"");
        assert!(known.at(now).is_none());
        known.learn(&Ok(Arc::default()), now);
        assert!(known.at(now + FRESH / 2).is_some() && known.at(now + FRESH).is_none());
    }
}
