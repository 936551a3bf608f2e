//! Credit of the two sides of a transaction: what each may send, and how long it waits for that.

use std::time::Instant;

use super::{Leg, Output, Transaction};

/// Credit that is given back once there is room.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Owed {
    pub(super) client: u64,
    pub(super) origin: u64,
}

/// What one side can do, as far as the other side takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum May {
    /// Send more of its body.
    Send,
    /// Wait until it may.
    Wait,
}

impl Transaction {
    /// The client can send more of its body, or cannot since the other side takes no more: what it
    /// waits for is no delay of its own.
    pub(crate) fn note_client(&mut self, may: May, now: Instant) {
        match may {
            May::Send => self.request.goes_on(now),
            May::Wait => self.request.stops(now),
        }
    }

    /// The client takes more of the response, or takes no more for now: the origin cannot go on.
    pub(crate) fn note_origin(&mut self, may: May, now: Instant) {
        self.response.lets_origin(may, now);
    }

    /// The side of `leg` has taken some of what waits for it: whoever waits for that has not waited
    /// in vain.
    pub(crate) fn note_taken(&mut self, leg: Leg, now: Instant) {
        match leg {
            Leg::Origin => {
                self.request.moves(now);
                self.response.origin_took(now);
            }
            Leg::Client => self.response.client_took(now),
        }
    }

    /// Whether more body bytes can be taken in from `leg`.
    #[must_use]
    pub fn wants(&self, leg: Leg) -> bool {
        match leg {
            Leg::Client => {
                let waits = self.request.is_sending() && !self.adapting.takes_request();
                self.request.has_room() && !waits
            }
            Leg::Origin => {
                self.adapting.takes_response().unwrap_or_else(|| self.response.has_room())
            }
        }
    }

    /// Lets each side send as much as was taken in from it, as soon as there is room: a side that
    /// finds none stops by itself, and stops nobody else.
    pub(super) fn give_credit(&mut self) {
        if self.is_done() {
            return;
        }
        for leg in [Leg::Client, Leg::Origin] {
            if !self.wants(leg) {
                if leg == Leg::Client && self.owed.client > 0 {
                    self.request.stops(self.now);
                }
                continue;
            }
            let owed = match leg {
                Leg::Client => std::mem::take(&mut self.owed.client),
                Leg::Origin => std::mem::take(&mut self.owed.origin),
            };
            if owed > 0 {
                if leg == Leg::Client {
                    self.request.goes_on(self.now);
                }
                self.emit(Output::Credit(leg, owed));
            }
        }
        self.credit_adaptations();
    }
}
