//! What time does to a connection: budgets fill, and who owes something for too long is given up.

use super::Fault;
use super::connection::Connection;
use super::purse::Coin;
use super::watch::{Due, Waits, is_over};

impl Connection {
    /// So much time has passed since the last call. Call it before input that came then is
    /// received. It fills the frame [budgets](super::Budgets): an empty one is full again after
    /// 16 s, and without these calls only work gives back. It ends the wait for the rest of a
    /// request, and it is what [`Timeouts`](super::Timeouts) count; what is over shows in
    /// [`poll_event`](Self::poll_event) and [`wants_close`](Self::wants_close).
    pub fn advance(&mut self, elapsed_ms: u64) {
        if self.engine.is_ended() {
            return;
        }
        self.pipe.queues().purse.refill(elapsed_ms);
        self.rests.advance(elapsed_ms);
        self.advance_stalls(elapsed_ms);
        let waits = self.waits();
        match self.watch.advance(elapsed_ms, waits, &self.options.timeouts) {
            Due::Nothing => {}
            Due::Leave => self.close_when_idle(),
            Due::End => self.end(),
            Due::Fail(fault) => self.fail(fault),
        }
    }

    /// After how many milliseconds [`advance`](Self::advance) must be called though nothing else
    /// happens; `None` if there is no need.
    pub fn due_ms(&self) -> Option<u64> {
        if self.engine.is_ended() {
            return None;
        }
        let sends = !(self.streams.is_empty() && self.lingering.is_empty());
        let stall_ms = self.options.timeouts.stall_ms;
        let stall = (sends && stall_ms > 0).then(|| stall_ms.saturating_sub(self.stalled_ms));
        let watch = self.watch.due_ms(self.waits(), &self.options.timeouts);
        [self.rests.due_ms(), stall, watch].into_iter().flatten().min()
    }

    fn waits(&self) -> Waits {
        let queues = self.pipe.queues();
        let (for_settings, for_head) = (!queues.notes.acknowledged, queues.owes_head());
        drop(queues);
        let for_streams = self.has_none().then_some(self.accepted + self.unsent);
        Waits { for_settings, for_head, for_streams, for_farewell: self.leaving }
    }

    /// Whether no stream is in progress, nor what is left of one.
    pub(super) fn has_none(&self) -> bool {
        self.streams.is_empty()
            && self.rests.is_empty()
            && self.lingering.is_empty()
            && !self.engine.has_streams()
    }

    /// Gives up the streams whose bodies have not moved for too long.
    fn advance_stalls(&mut self, elapsed_ms: u64) {
        let limit_ms = self.options.timeouts.stall_ms;
        let (mut longest, mut stalled) = (0, Vec::new());
        for slot in self.streams.slots() {
            let Some(stream) = self.streams.at_mut(slot) else { continue };
            stream.stalled_ms = match stream.unframed {
                0 => 0,
                _ => stream.stalled_ms.saturating_add(elapsed_ms),
            };
            if is_over(stream.stalled_ms, limit_ms) {
                stalled.push(slot);
            } else {
                longest = longest.max(stream.stalled_ms);
            }
        }
        let fault = Fault::Stalled;
        for slot in stalled {
            if let Some(mut stream) = self.streams.remove(slot) {
                stream.reset(fault.code());
                self.refuse(stream.id, fault);
            }
        }
        let (given_up, others) = self.lingering.advance(elapsed_ms, limit_ms, fault.code());
        for _ in 0..given_up {
            let taken = self.pipe.queues().purse.take(Coin::Cancelled);
            if let Err(fault) = taken {
                return self.fail(fault);
            }
        }
        self.stalled_ms = longest.max(others);
    }
}
