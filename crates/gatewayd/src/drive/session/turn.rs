//! One turn of the loop: writes, reads and waits, until something has happened.

use std::future::Future;
use std::task::{Context, Poll};
use std::time::Instant;

use gateway_proxy::Wire as Id;
use tokio::time::sleep_until;

use super::{Driver, Happened, LAST_BYTES, next_life};
use crate::drive::wire::{Wire, Written};
use crate::serve::Life;

/// Bytes of a response that are read at once, at the most, where it is looked at: what is in order of them
/// leaves before more is looked at.
const LOOKED_AT_BYTES: usize = 64 << 10;

impl Driver {
    /// Writes, reads and waits, until something has happened.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Happened> {
        loop {
            // What may leave does so before more is looked at.
            if let Poll::Ready(written) = self.poll_write(context) {
                return Poll::Ready(written);
            }
            if self.again {
                return Poll::Ready(Happened::Yield);
            }
            if !self.has_new_room() {
                break;
            }
            self.carry_out();
        }
        self.records.submit();
        if self.splice.is_some() {
            self.start_relay();
        }
        if let Some(relay) = &mut self.relay
            && let Poll::Ready(said) = relay.poll(context)
        {
            return Poll::Ready(Happened::Relayed(said));
        }
        if let Poll::Ready(end) = self.joining.poll(context) {
            return Poll::Ready(Happened::Joined(end));
        }
        if let Poll::Ready(done) = self.poll_work(context) {
            return Poll::Ready(done);
        }
        if let Poll::Ready(report) = self.scans.poll(context) {
            return Poll::Ready(Happened::Scanned(report));
        }
        if let Poll::Ready(report) = self.adaptations.poll(context) {
            return Poll::Ready(Happened::Adapted(report));
        }
        if let Poll::Ready((stream, report)) = self.deferring.poll(context) {
            return Poll::Ready(Happened::Deferred(stream, report));
        }
        if let Poll::Ready((id, reports)) = self.lanes.poll(context) {
            return Poll::Ready(Happened::Told(id, reports));
        }
        if let Poll::Ready(read) = self.poll_read(context) {
            return Poll::Ready(read);
        }
        if let Poll::Ready(life) = self.poll_life(context) {
            return Poll::Ready(Happened::Life(life));
        }
        self.poll_timer(context)
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<Happened> {
        let client = self.client.iter_mut().map(|wire| (Id::Client, wire));
        let origins = self.origins.iter_mut().map(|o| (Id::Origin(o.id), &mut o.wire));
        for (id, wire) in client.chain(origins) {
            match wire.poll_write(context) {
                Poll::Ready(Ok(Written::Closed(close))) => {
                    return Poll::Ready(Happened::Written(id, close));
                }
                // Who takes no more may have said why: an origin is heard to its end.
                Poll::Ready(Err(_)) if id != Id::Client && wire.can_be_read() => {
                    wire.stop_writing();
                }
                Poll::Ready(Err(_)) => return Poll::Ready(Happened::Broken(id)),
                Poll::Ready(Ok(Written::All)) | Poll::Pending => {}
            }
        }
        Poll::Pending
    }

    /// Whether a connection that had no room for more output has some now.
    fn has_new_room(&mut self) -> bool {
        let client = self.client.iter_mut();
        let mut wires = client.chain(self.origins.iter_mut().map(|origin| &mut origin.wire));
        wires.any(Wire::takes_again)
    }

    /// Reads from whom the session wants to hear.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<Happened> {
        let client = self.client.iter_mut().map(|wire| (Id::Client, wire));
        let origins =
            self.origins.iter_mut().map(|origin| (Id::Origin(origin.id), &mut origin.wire));
        for (id, wire) in client.chain(origins) {
            let may_be_read = wire.is_worth_reading() && wire.can_be_read();
            if !may_be_read || !self.session.wants(id) {
                continue;
            }
            let looks = matches!(id, Id::Origin(_)) && self.session.looks_at_responses();
            match wire.poll_read(context, if looks { LOOKED_AT_BYTES } else { usize::MAX }) {
                Poll::Ready(Ok(bytes)) if bytes.is_empty() => {
                    return Poll::Ready(Happened::Ended(id));
                }
                Poll::Ready(Ok(bytes)) => return Poll::Ready(Happened::Read(id, bytes)),
                Poll::Ready(Err(_)) => return Poll::Ready(Happened::Broken(id)),
                Poll::Pending => {}
            }
        }
        Poll::Pending
    }

    fn poll_work(&mut self, context: &mut Context<'_>) -> Poll<Happened> {
        for index in 0..self.work.len() {
            let Some(work) = self.work.get_mut(index) else { break };
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                drop(self.work.swap_remove(index));
                return Poll::Ready(done);
            }
        }
        Poll::Pending
    }

    fn poll_life(&mut self, context: &mut Context<'_>) -> Poll<Life> {
        // It is asked again only once it may have changed.
        let waits = self.life_waker.as_ref().is_some_and(|by| by.will_wake(context.waker()));
        if waits && matches!(self.lives.has_changed(), Ok(false)) {
            return Poll::Pending;
        }
        self.life_waker = Some(context.waker().clone());
        let (life, receiver) = std::task::ready!(self.life.as_mut().poll(context));
        self.life = Box::pin(next_life(receiver));
        self.life_waker = None;
        Poll::Ready(life)
    }

    /// The timer is set anew only when the deadline has come nearer: most of the time it moves
    /// away, and a timer that fires early costs less than one that is set for every byte.
    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<Happened> {
        let deadline = if self.session.is_done() {
            Some(*self.done_since.get_or_insert_with(Instant::now) + LAST_BYTES)
        } else {
            self.session.deadline()
        };
        let Some(deadline) = deadline else { return Poll::Pending };
        match &mut self.timer {
            Some((at, _)) if *at <= deadline => {}
            timer => *timer = Some((deadline, Box::pin(sleep_until(deadline.into())))),
        }
        let Some((_, sleep)) = &mut self.timer else { return Poll::Pending };
        sleep.as_mut().poll(context).map(|()| Happened::Due)
    }
}
