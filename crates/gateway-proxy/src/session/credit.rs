//! Credit of requests in progress: what a transaction has room for comes only once there is room for it
//! on the other side of the session too.

use std::time::Instant;

use super::deferred::UNKEPT_BYTES_MAX;
use super::{Exchange, Output, Session, Stage, Wire};
use crate::origin::has_room;
use crate::transaction::{Leg, May};

/// Credit that waits for room on the other side.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Withheld {
    client: u64,
    origin: u64,
    /// What waited for each side of [`LEGS`] when it was last looked at, if anything did.
    waited: [Option<usize>; 2],
    /// Of services that have the request, and the response: for which side, and how much.
    adapted: [Option<(Leg, u64)>; 2],
}

/// The legs of [`Withheld::adapted`] and [`Withheld::waited`].
const LEGS: [Leg; 2] = [Leg::Client, Leg::Origin];

/// What is taken for a sign that something was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// Less waits: nothing can have come meanwhile.
    AtLess,
    /// Something else waits: some may have come and more may have gone.
    AtOther,
}

impl Session {
    /// A transaction has room for so many more bytes from `leg`; they can come once there is room
    /// for them on the other side too.
    pub(super) fn owe(&mut self, index: usize, leg: Leg, bytes: u64) {
        let Some(exchange) = self.exchanges.get_mut(index) else { return };
        match leg {
            Leg::Client => exchange.withheld.client += bytes,
            Leg::Origin => exchange.withheld.origin += bytes,
        }
        self.give_credit_of(index);
    }

    /// So many bytes of what a service made of the message from `of` have gone on to `to`.
    pub(super) fn owe_adapted(&mut self, index: usize, of: Leg, to: Leg, bytes: u64) {
        let Some(exchange) = self.exchanges.get_mut(index) else { return };
        for (leg, withheld) in LEGS.iter().zip(&mut exchange.withheld.adapted) {
            if *leg == of {
                *withheld = Some((to, bytes + withheld.map_or(0, |(_, bytes)| bytes)));
            }
        }
        self.give_credit_of(index);
    }

    /// Gives all credit that need not wait; whether there was any.
    pub(super) fn give_credit(&mut self) -> bool {
        let mut given = false;
        for index in 0..self.exchanges.len() {
            given |= self.give_credit_of(index);
        }
        given
    }

    fn give_credit_of(&mut self, index: usize) -> bool {
        let Some(exchange) = self.exchanges.get(index) else { return false };
        let (stream, withheld) = (exchange.stream, exchange.withheld);
        let to_client = withheld.client > 0 && self.has_room(index, Leg::Origin);
        let to_origin = withheld.origin > 0 && self.has_room(index, Leg::Client);
        if to_client && let Stage::Proxying(proxying) = &mut self.stage {
            proxying.codec.credit(stream, withheld.client);
        }
        if to_origin {
            self.let_source_go_on(index, stream, withheld.origin);
        }
        for (withheld, given, leg) in
            [(withheld.client, to_client, Leg::Origin), (withheld.origin, to_origin, Leg::Client)]
        {
            if withheld > 0 && !given {
                self.note_moves(index, leg, Look::AtLess);
            }
        }
        if let Some(exchange) = self.exchanges.get_mut(index) {
            let may = |given| if given { May::Send } else { May::Wait };
            if withheld.client > 0 {
                exchange.transaction.note_client(may(to_client), self.now);
            }
            if withheld.origin > 0 {
                exchange.transaction.note_origin(may(to_origin), self.now);
            }
            exchange.withheld.client *= u64::from(!to_client);
            exchange.withheld.origin *= u64::from(!to_origin);
        }
        let adapted = self.give_adapted_credit(index, withheld);
        to_client || to_origin || adapted
    }

    /// Somebody has waited for long: looks once more whether what waits for it has moved.
    pub(super) fn note_all_moves(&mut self) {
        for index in 0..self.exchanges.len() {
            for leg in LEGS {
                self.note_moves(index, leg, Look::AtOther);
            }
        }
    }

    /// Tells a transaction if `leg` has taken some of what waits for it there.
    fn note_moves(&mut self, index: usize, leg: Leg, look: Look) {
        let waits = Some(self.pending(index, leg)).filter(|bytes| *bytes > 0);
        let now = self.now;
        let Some(exchange) = self.exchanges.get_mut(index) else { return };
        let waited = match leg {
            Leg::Client => exchange.withheld.waited.first_mut(),
            Leg::Origin => exchange.withheld.waited.last_mut(),
        };
        let Some(waited) = waited else { return };
        let before = std::mem::replace(waited, waits);
        let moved = match look {
            Look::AtLess => before.zip(waits).is_some_and(|(before, waits)| waits < before),
            Look::AtOther => waits != before,
        };
        if moved {
            exchange.transaction.note_taken(leg, now);
        }
    }

    /// Bytes of a transaction that wait to be taken by `leg`.
    fn pending(&self, index: usize, leg: Leg) -> usize {
        let Some(exchange) = self.exchanges.get(index) else { return 0 };
        match (leg, &self.stage) {
            (Leg::Client, _) if exchange.transaction.is_deferred() => {
                usize::try_from(exchange.unkept).unwrap_or(usize::MAX)
            }
            (Leg::Client, Stage::Proxying(proxying)) => proxying.codec.pending(exchange.stream),
            (Leg::Client, _) => 0,
            (Leg::Origin, _) => {
                let origin = exchange.transaction.serving.and_then(|id| self.origin(id));
                origin.map_or(0, |origin| origin.pending(exchange.stream))
            }
        }
    }

    /// The other end of `wire` has last taken some of what waited for it at `at`.
    pub(super) fn on_taken(&mut self, wire: Wire, at: Instant) {
        match wire {
            Wire::Client => {
                for exchange in &mut self.exchanges {
                    exchange.transaction.note_taken(Leg::Client, at);
                }
                self.client_ended = self.client_ended.map(|ended| ended.max(at));
            }
            Wire::Origin(id) => {
                let served = |exchange: &&mut Exchange| exchange.transaction.serving == Some(id);
                for exchange in self.exchanges.iter_mut().filter(served) {
                    exchange.transaction.note_taken(Leg::Origin, at);
                }
            }
        }
        match &mut self.stage {
            // What was answered is still being taken.
            Stage::Proxying(proxying) if wire == Wire::Client => {
                proxying.since = proxying.since.max(at);
            }
            Stage::Relaying(relaying) => relaying.relay.moves(at),
            _ => {}
        }
    }

    fn give_adapted_credit(&mut self, index: usize, withheld: Withheld) -> bool {
        let mut given = false;
        for (number, leg) in LEGS.into_iter().enumerate() {
            let Some((to, bytes)) = withheld.adapted.get(number).copied().flatten() else {
                continue;
            };
            if !self.has_room(index, to) {
                continue;
            }
            let Some(exchange) = self.exchanges.get_mut(index) else { break };
            if let Some(withheld) = exchange.withheld.adapted.get_mut(number) {
                *withheld = None;
            }
            let stream = exchange.stream;
            self.emit(Output::Adapt(stream, leg, crate::AdaptInput::Credit(bytes)));
            given = true;
        }
        given
    }

    /// Whether some credit that waited for room need not wait longer.
    pub(super) fn has_credit_to_give(&self) -> bool {
        self.has_branch_to_pump()
            || self.exchanges.iter().enumerate().any(|(index, exchange)| {
                let Withheld { client, origin, adapted, .. } = exchange.withheld;
                let mut adapted = adapted.iter().flatten();
                (client > 0 && self.has_room(index, Leg::Origin))
                    || (origin > 0 && self.has_room(index, Leg::Client))
                    || adapted.any(|(to, _)| self.has_room(index, *to))
            })
    }

    /// Whether more of a transaction's body bytes can be sent to `leg` without piling up.
    fn has_room(&self, index: usize, leg: Leg) -> bool {
        let Some(exchange) = self.exchanges.get(index) else { return false };
        match (leg, &self.stage) {
            (Leg::Client, _) if exchange.transaction.is_deferred() => {
                exchange.unkept < UNKEPT_BYTES_MAX
            }
            (Leg::Client, Stage::Proxying(proxying)) => has_room(&proxying.codec, exchange.stream),
            (Leg::Client, _) => false,
            (Leg::Origin, _) => {
                let origin = exchange.transaction.serving.and_then(|id| self.origin(id));
                origin.is_none_or(|origin| origin.wants_data(exchange.stream))
            }
        }
    }
}
