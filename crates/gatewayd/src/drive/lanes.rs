//! Lanes of sessions on origin connections that they share: what the two sides leave for each
//! other. Both sides run on one thread, so that nobody ever waits for a lock.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use gateway_h1h2::StreamId;
use gateway_proxy::{LaneId, LaneInput, LaneReport, OriginId, SharedInput};

/// What sessions leave for a shared connection.
#[derive(Debug, Default)]
pub(super) struct Inbox(Mutex<Letters>);

#[derive(Debug, Default)]
struct Letters {
    waiting: VecDeque<Letter>,
    waker: Option<Waker>,
    /// Lanes there are, and those taken.
    places: usize,
    taken: usize,
    /// For the next session.
    next: u64,
}

/// One thing for the connection.
#[derive(Debug)]
pub(super) enum Letter {
    /// A session has taken a place; what it is told goes there.
    Join(LaneId, Arc<Outbox>),
    Input(SharedInput),
}

/// What a shared connection leaves for one session.
#[derive(Debug, Default)]
pub(super) struct Outbox(Mutex<Reports>);

#[derive(Debug, Default)]
struct Reports {
    waiting: Vec<(StreamId, LaneReport)>,
    waker: Option<Waker>,
}

/// The place of a session, which is free again once this is dropped.
#[derive(Debug)]
pub(super) struct Lane {
    lane: LaneId,
    inbox: Arc<Inbox>,
    outbox: Arc<Outbox>,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inbox {
    /// A place, if there is one.
    pub(super) fn join(self: &Arc<Self>) -> Option<Lane> {
        let mut letters = lock(&self.0);
        if letters.taken >= letters.places {
            return None;
        }
        letters.taken += 1;
        let lane = LaneId(letters.next);
        letters.next += 1;
        let outbox = Arc::<Outbox>::default();
        letters.leave(Letter::Join(lane, outbox.clone()));
        Some(Lane { lane, inbox: self.clone(), outbox })
    }

    /// There are so many places from now on.
    pub(super) fn set_places(&self, places: usize) {
        lock(&self.0).places = places;
    }

    pub(super) fn leave(&self, input: SharedInput) {
        lock(&self.0).leave(Letter::Input(input));
    }

    /// Takes all that waits; `context` is woken by what comes after it.
    pub(super) fn take(&self, into: &mut VecDeque<Letter>, context: &Context<'_>) {
        let mut letters = lock(&self.0);
        std::mem::swap(&mut letters.waiting, into);
        remember(&mut letters.waker, context);
    }
}

impl Letters {
    fn leave(&mut self, letter: Letter) {
        // Who has not taken what waits has been woken for it already.
        if self.waiting.is_empty()
            && let Some(waker) = &self.waker
        {
            waker.wake_by_ref();
        }
        self.waiting.push_back(letter);
    }
}

impl Outbox {
    pub(super) fn leave(&self, exchange: StreamId, report: LaneReport) {
        let mut reports = lock(&self.0);
        if reports.waiting.is_empty()
            && let Some(waker) = &reports.waker
        {
            waker.wake_by_ref();
        }
        reports.waiting.push((exchange, report));
    }
}

impl Lane {
    pub(super) fn say(&self, exchange: StreamId, input: LaneInput) {
        self.inbox.leave(SharedInput::Lane(self.lane, exchange, input));
    }

    /// All that the connection has said.
    fn poll(&self, context: &Context<'_>) -> Poll<Vec<(StreamId, LaneReport)>> {
        let mut reports = lock(&self.outbox.0);
        if reports.waiting.is_empty() {
            remember(&mut reports.waker, context);
            return Poll::Pending;
        }
        Poll::Ready(std::mem::take(&mut reports.waiting))
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let mut letters = lock(&self.inbox.0);
        letters.taken -= 1;
        letters.leave(Letter::Input(SharedInput::Leave(self.lane)));
    }
}

fn remember(waker: &mut Option<Waker>, context: &Context<'_>) {
    match waker {
        Some(known) if known.will_wake(context.waker()) => {}
        waker => *waker = Some(context.waker().clone()),
    }
}

/// The places of one session.
#[derive(Debug, Default)]
pub(super) struct Lanes(Vec<(OriginId, Lane)>);

impl Lanes {
    pub(super) fn take(&mut self, id: OriginId, lane: Lane) {
        self.0.push((id, lane));
    }

    /// Gives up a place; whether there was one by this name.
    pub(super) fn give_up(&mut self, id: OriginId) -> bool {
        let before = self.0.len();
        self.0.retain(|(other, _)| *other != id);
        self.0.len() < before
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (OriginId, &Lane)> {
        self.0.iter().map(|(id, lane)| (*id, lane))
    }

    /// What one of the connections has said.
    pub(super) fn poll(
        &self,
        context: &Context<'_>,
    ) -> Poll<(OriginId, Vec<(StreamId, LaneReport)>)> {
        for (id, lane) in &self.0 {
            if let Poll::Ready(reports) = lane.poll(context) {
                return Poll::Ready((*id, reports));
            }
        }
        Poll::Pending
    }
}
