//! How many exchanges with one service there may be at a time: as many as are set, or fewer if the
//! service says so, which may change.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The turns of one service.
#[derive(Debug)]
pub(super) struct Turns {
    state: Mutex<State>,
    freed: Notify,
    most: usize,
}

#[derive(Debug)]
struct State {
    taken: usize,
    allowed: usize,
}

/// One turn, as long as it is held.
#[derive(Debug)]
pub(super) struct Turn<'a>(&'a Turns);

impl Turns {
    /// At most `most` at a time.
    pub(super) fn new(most: usize) -> Self {
        let state = Mutex::new(State { taken: 0, allowed: most.max(1) });
        Self { state, freed: Notify::new(), most: most.max(1) }
    }

    /// The service wants at most so many at a time; `None` if it does not care.
    pub(super) fn allow(&self, wanted: Option<u32>) {
        let wanted = wanted.and_then(|wanted| usize::try_from(wanted).ok());
        self.state().allowed = wanted.unwrap_or(self.most).clamp(1, self.most);
        self.freed.notify_one();
    }

    /// Waits for a turn.
    pub(super) async fn take(&self) -> Turn<'_> {
        loop {
            if self.try_take() {
                return Turn(self);
            }
            self.freed.notified().await;
        }
    }

    fn try_take(&self) -> bool {
        let mut state = self.state();
        let free = state.taken < state.allowed;
        state.taken += usize::from(free);
        // A notice that came for several: the next one is told too.
        if free && state.taken < state.allowed {
            self.freed.notify_one();
        }
        free
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.state().taken -= 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const SOON: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn no_more_than_allowed_have_a_turn() {
        let turns = Turns::new(3);
        turns.allow(Some(1));
        let first = turns.take().await;
        assert!(timeout(SOON, turns.take()).await.is_err());
        // More than was set is not allowed by anybody.
        turns.allow(Some(9));
        let (second, third) = (turns.take().await, turns.take().await);
        assert!(timeout(SOON, turns.take()).await.is_err());
        drop((first, second));
        let again = (turns.take().await, turns.take().await);
        turns.allow(Some(0));
        drop((again, third));
        let one = turns.take().await;
        assert!(timeout(SOON, turns.take()).await.is_err());
        drop(one);
    }

    #[tokio::test]
    async fn who_waits_is_told() {
        let turns = std::sync::Arc::new(Turns::new(1));
        let first = turns.take().await;
        let waiting: Vec<_> = (0..4)
            .map(|_| {
                let turns = turns.clone();
                tokio::spawn(async move { drop(turns.take().await) })
            })
            .collect();
        tokio::task::yield_now().await;
        drop(first);
        for one in waiting {
            timeout(Duration::from_secs(20), one).await.unwrap().unwrap();
        }
    }
}
