//! The bytes of a session's connections, by the stage that it is at: who is read, where what was read goes,
//! and what is to be written.

use bytes::Bytes;

use super::closing::take;
use super::preface::Idle;
use super::{Branching, Output, Session, Stage, Wire};
use crate::transaction::Leg;

impl Session {
    /// Whether bytes should be read from `wire`.
    #[must_use]
    pub fn wants(&self, wire: Wire) -> bool {
        match (&self.stage, wire) {
            (Stage::Proxying(proxying), Wire::Client) => {
                self.parted.is_none() && proxying.wants_input()
            }
            (Stage::Proxying(_), Wire::Origin(id)) => match self.origin(id) {
                Some(origin) => origin.wants_input(),
                None => self.branch(id).is_some_and(Branching::wants_input),
            },
            (Stage::Entering(entering), Wire::Client) => entering.wants_input(),
            (Stage::Peeking(_) | Stage::Greeting(_), Wire::Client) => true,
            (Stage::Greeting(greeting), Wire::Origin(id)) => id == greeting.origin,
            (Stage::Relaying(relaying), Wire::Client) => relaying.relay.wants(Leg::Client),
            (Stage::Relaying(relaying), Wire::Origin(id)) => {
                id == relaying.origin && relaying.relay.wants(Leg::Origin)
            }
            (
                Stage::Entering(_)
                | Stage::Connecting(_)
                | Stage::Peeking(_)
                | Stage::Dialing(_)
                | Stage::Handshaking(_)
                | Stage::Splicing(_)
                | Stage::Closed,
                Wire::Client | Wire::Origin(_),
            ) => false,
        }
    }

    /// Moves what is to be written to `wire` to the end of `out`, in order; says how many bytes it
    /// was.
    ///
    /// Take it only while there is room for it: a sender is stopped by what is not taken. What
    /// comes to have room by it is told by [`Output::Again`], so take [`poll`](Self::poll) again.
    pub fn poll_output(&mut self, wire: Wire, out: &mut Vec<Bytes>) -> usize {
        let taken = self.take_output(wire, out);
        let waits = match &self.stage {
            Stage::Relaying(relaying) => relaying.relay.waits_for_output(),
            _ => self.has_credit_to_give(),
        };
        if taken > 0 && waits {
            self.emit(Output::Again);
        }
        if taken > 0 && wire == Wire::Client {
            let now = self.now;
            self.client_ended = self.client_ended.map(|ended| ended.max(now));
        }
        taken
    }

    fn take_output(&mut self, wire: Wire, out: &mut Vec<Bytes>) -> usize {
        match (&mut self.stage, wire) {
            (Stage::Proxying(proxying), Wire::Client) => {
                take(&mut proxying.before, out) + proxying.codec.poll_output(out)
            }
            (Stage::Entering(entering), Wire::Client) => entering.poll_output(out),
            (Stage::Connecting(connecting), Wire::Client) => connecting.codec.poll_output(out),
            (Stage::Peeking(peeking), Wire::Client) => take(&mut peeking.to_client, out),
            (Stage::Greeting(greeting), Wire::Client) => take(&mut greeting.client.to_client, out),
            (Stage::Dialing(dialing), Wire::Client) => take(&mut dialing.to_client, out),
            (Stage::Handshaking(_), Wire::Client) => 0,
            (Stage::Splicing(spliced), Wire::Client) => take(&mut spliced.to_client, out),
            (Stage::Splicing(spliced), Wire::Origin(id)) if id == spliced.origin => {
                take(&mut spliced.to_origin, out)
            }
            (Stage::Relaying(relaying), Wire::Client) => {
                take(&mut relaying.before, out) + relaying.relay.poll_output(Leg::Client, out)
            }
            (Stage::Relaying(relaying), Wire::Origin(id)) if id == relaying.origin => {
                relaying.relay.poll_output(Leg::Origin, out)
            }
            (Stage::Closed, Wire::Client) => take(&mut self.last_output, out),
            (_, Wire::Origin(id)) => match self.origin_mut(id) {
                Some(origin) => origin.poll_output(out),
                None => self.branch_mut(id).map_or(0, |branch| branch.poll_output(out)),
            },
        }
    }

    pub(super) fn on_bytes(&mut self, wire: Wire, bytes: Bytes) {
        let now = self.now;
        if wire == Wire::Client && self.begins_socks(&bytes) {
            return self.begin_socks(&bytes);
        }
        let idle = if self.is_answering() { Idle::No } else { Idle::Yes };
        match (&mut self.stage, wire) {
            (Stage::Proxying(proxying), Wire::Client) => {
                proxying.receive(bytes, &self.policy, idle, now);
            }
            (Stage::Entering(_), Wire::Client) => self.on_entering(&bytes),
            (Stage::Peeking(_), Wire::Client) => self.on_peeked(&bytes),
            (Stage::Greeting(_), Wire::Client) => self.on_late_client(&bytes),
            (Stage::Greeting(greeting), Wire::Origin(id)) if id == greeting.origin => {
                self.on_greeting(&bytes);
            }
            (Stage::Relaying(relaying), Wire::Client) => {
                relaying.relay.handle(Leg::Client, bytes, now);
            }
            (Stage::Relaying(relaying), Wire::Origin(id)) if id == relaying.origin => {
                relaying.relay.handle(Leg::Origin, bytes, now);
            }
            (_, Wire::Origin(id)) => match self.origin_mut(id) {
                Some(origin) => origin.receive(Some(bytes)),
                None => self.on_branch_bytes(id, bytes),
            },
            // Nothing is read from the client in these stages.
            (
                Stage::Connecting(_)
                | Stage::Dialing(_)
                | Stage::Handshaking(_)
                | Stage::Splicing(_)
                | Stage::Closed,
                Wire::Client,
            ) => {}
        }
    }
}
