//! A connection has ended one way, or has broken off: what goes on and what does not. How a session
//! itself ends is `closing`.

use gateway_h1h2::Version;
use gateway_log::CloseReason;

use super::{Session, Stage, Wire};
use crate::dial::Close;
use crate::transaction::Leg;

impl Session {
    /// `wire` sends no more.
    pub(super) fn on_end(&mut self, wire: Wire) {
        let now = self.now;
        match (&mut self.stage, wire) {
            (Stage::Proxying(_), Wire::Client) => self.on_client_end(),
            (Stage::Peeking(_), Wire::Client) => self.on_peeked_end(),
            (Stage::Greeting(_), Wire::Client) => self.on_late_client_end(),
            (Stage::Relaying(relaying), Wire::Client) => relaying.relay.end(Leg::Client, now),
            (Stage::Relaying(relaying), Wire::Origin(id)) if id == relaying.origin => {
                relaying.relay.end(Leg::Origin, now);
            }
            (Stage::Greeting(greeting), Wire::Origin(id)) if id == greeting.origin => {
                self.on_greeting_end();
            }
            (_, Wire::Origin(id)) => match self.origin_mut(id) {
                Some(origin) => origin.receive(None),
                None => self.on_branch_end(id),
            },
            (_, Wire::Client) => self.close(CloseReason::ClientClosed, Close::Graceful),
        }
    }

    /// A client of HTTP sends no more.
    fn on_client_end(&mut self) {
        let Stage::Proxying(proxying) = &mut self.stage else { return };
        // TCP lets each side end by itself: who has asked by HTTP/1 may wait for its answer. HTTP/2
        // needs both sides to its end, and a Worker that ends its side has given up.
        let may_wait = proxying.codec.version() != Version::Http2 && self.egress.is_none();
        proxying.receive_eof();
        if may_wait {
            self.client_ended.get_or_insert(self.now);
        }
        while self.pump_client() {}
        if !may_wait && self.is_busy() {
            self.part(CloseReason::ClientClosed, Close::Abort);
        }
    }

    /// Whether the client has ended its side and takes nothing, for so long that it has left.
    pub(super) fn has_client_left(&self) -> bool {
        let half_closed = self.policy.settings.timeouts.half_closed;
        self.parted.is_none() && self.client_ended.is_some_and(|at| self.now >= at + half_closed)
    }

    /// `wire` has broken off.
    pub(super) fn on_gone(&mut self, wire: Wire) {
        match (&self.stage, wire) {
            (_, Wire::Client) => self.part(CloseReason::ClientClosed, Close::Abort),
            (Stage::Relaying(relaying), Wire::Origin(id)) if id == relaying.origin => {
                self.close(CloseReason::OriginError, Close::Abort);
            }
            (Stage::Greeting(greeting), Wire::Origin(id)) if id == greeting.origin => {
                self.close(CloseReason::OriginError, Close::Abort);
            }
            (_, Wire::Origin(id)) if self.branch(id).is_some() => self.on_branch_gone(id),
            (_, Wire::Origin(_)) => self.on_end(wire),
        }
    }
}
