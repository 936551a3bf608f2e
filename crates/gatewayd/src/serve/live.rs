//! The generation in force, and those before it whose sessions have not ended yet. Making a
//! generation is not its business.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::gateway::{Gateway, Life};

/// How long sessions get after they were told to break off.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The gateway as it is replaced while it runs.
pub(crate) struct Live {
    current: ArcSwap<Gateway>,
    /// They live as long as their sessions do.
    superseded: Mutex<Vec<Weak<Gateway>>>,
}

impl Live {
    /// Begins with the first generation.
    pub(crate) fn new(first: Gateway) -> Self {
        Self { current: ArcSwap::from_pointee(first), superseded: Mutex::default() }
    }

    /// The generation in force.
    pub(crate) fn current(&self) -> Arc<Gateway> {
        self.current.load_full()
    }

    /// Puts `next` in force, all of it at once. What is in progress goes on under the generation
    /// before, for as long as `next` allows. Needs the runtime.
    pub(crate) fn supersede(&self, next: Gateway) {
        let ms = Duration::from_millis;
        let timeouts = &next.config.timeouts;
        let (age, drain) = (ms(timeouts.superseded_ms), ms(timeouts.drain_ms));
        let before = self.current.swap(Arc::new(next));
        let current = self.current();
        current.sinks.metrics().keep_rules(current.rules().rules().iter().map(|rule| &*rule.id));
        advance(before.fate(), Life::Superseded);
        before.dialer.pool.close();
        before.dialer.shared.close();
        tokio::spawn(expire(before.fate().clone(), age, drain));
        let mut superseded = self.superseded.lock().unwrap_or_else(PoisonError::into_inner);
        superseded.retain(|gateway| gateway.strong_count() > 0);
        superseded.push(Arc::downgrade(&before));
    }

    /// Lets every session of every generation finish for as long as configured, and then ends it.
    pub(crate) async fn end(&self) {
        let current = self.current();
        let drain = Duration::from_millis(current.config.timeouts.drain_ms);
        let mut fates = self.superseded_fates();
        fates.push(current.fate().clone());
        for (life, patience) in [(Life::Draining, drain), (Life::Stopping, LAST_WORDS)] {
            for fate in &fates {
                advance(fate, life);
            }
            let all_gone = async {
                for fate in &fates {
                    fate.closed().await;
                }
            };
            if timeout(patience, all_gone).await.is_ok() {
                return;
            }
        }
    }

    /// How many generations before the current one still have sessions.
    pub(crate) fn superseded(&self) -> usize {
        self.superseded_fates().len()
    }

    fn superseded_fates(&self) -> Vec<Arc<watch::Sender<Life>>> {
        let superseded = self.superseded.lock().unwrap_or_else(PoisonError::into_inner);
        superseded.iter().filter_map(Weak::upgrade).map(|gateway| gateway.fate().clone()).collect()
    }
}

/// Ends what is older than it may be.
async fn expire(fate: Arc<watch::Sender<Life>>, age: Duration, drain: Duration) {
    sleep(age).await;
    advance(&fate, Life::Draining);
    sleep(drain).await;
    advance(&fate, Life::Stopping);
}

/// Moves a generation on; it never goes back.
fn advance(fate: &watch::Sender<Life>, to: Life) {
    fate.send_if_modified(|life| {
        let moves = *life < to;
        *life = to.max(*life);
        moves
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_generation_that_is_too_old_is_drained_and_then_ended() {
        let fate = Arc::new(watch::Sender::new(Life::Superseded));
        let mut life = fate.subscribe();
        let ms = Duration::from_millis;
        tokio::spawn(expire(fate.clone(), ms(30), ms(30)));
        for then in [Life::Draining, Life::Stopping] {
            life.changed().await.unwrap();
            assert_eq!(*life.borrow_and_update(), then);
        }
    }

    #[test]
    fn a_generation_never_goes_back() {
        let fate = watch::Sender::new(Life::Running);
        for (to, then) in [
            (Life::Draining, Life::Draining),
            (Life::Superseded, Life::Draining),
            (Life::Stopping, Life::Stopping),
        ] {
            advance(&fate, to);
            assert_eq!(*fate.borrow(), then);
        }
    }
}
