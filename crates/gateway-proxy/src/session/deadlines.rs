//! When a session has to be woken, what is overdue then, and how its codecs are told that time passes.

use std::time::{Duration, Instant};

use gateway_log::CloseReason;

use super::origins::Arrived;
use super::{Branching, Session, Stage};
use crate::dial::{Close, DialError};
use crate::origin::Origin;

/// How often codecs are told how time passes, in milliseconds.
const ADVANCE_MS: u64 = 100;

impl Session {
    /// When [`Input::Timeout`](super::Input::Timeout) is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let timeouts = &self.policy.settings.timeouts;
        match &self.stage {
            Stage::Proxying(proxying) => {
                let due = proxying.codec.due_ms();
                let due = due.map(|ms| self.advanced + Duration::from_millis(ms.max(ADVANCE_MS)));
                let due = due.filter(|_| self.parted.is_none());
                if self.is_busy() {
                    let exchanges = self.exchanges.iter().filter_map(|e| e.transaction.deadline());
                    let branches = self.branches.iter().map(Branching::deadline);
                    let waiting = self.identification_deadlines();
                    let left = self.client_ended.filter(|_| self.parted.is_none());
                    let left = left.map(|at| at + timeouts.half_closed);
                    let all = due.into_iter().chain(left).chain(exchanges).chain(branches);
                    return all.chain(waiting).min();
                }
                let idle = self.origins.iter().any(Origin::is_idle);
                let park = idle.then(|| proxying.since + timeouts.park);
                due.into_iter().chain(park).chain([proxying.deadline(&self.policy)]).min()
            }
            Stage::Entering(entering) => entering.deadline(timeouts),
            Stage::Connecting(connecting) => Some(connecting.since + timeouts.dial),
            Stage::Peeking(peeking) => Some(peeking.since + timeouts.client_hello),
            Stage::Greeting(greeting) => Some(greeting.since + timeouts.client_hello),
            Stage::Dialing(dialing) => Some(dialing.since + timeouts.dial),
            Stage::Handshaking(since) => Some(*since + timeouts.client_tls),
            Stage::Relaying(relaying) => Some(relaying.relay.deadline()),
            Stage::Splicing(_) | Stage::Closed => None,
        }
    }

    pub(super) fn on_timeout(&mut self) {
        if self.deadline().is_none_or(|at| self.now < at) {
            return;
        }
        match &self.stage {
            Stage::Proxying(_) if self.is_busy() && self.has_client_left() => {
                self.part(CloseReason::ClientClosed, Close::Abort);
            }
            Stage::Proxying(_) if self.is_busy() => {
                self.note_all_moves();
                self.give_all(&crate::transaction::Input::Timeout);
                self.end_silent_branches();
                self.end_overdue_identification();
            }
            Stage::Proxying(proxying) if self.now >= proxying.deadline(&self.policy) => {
                self.on_request_overdue();
            }
            Stage::Proxying(_) => self.park_idle_origins(),
            Stage::Entering(_) => self.on_entry_overdue(),
            Stage::Connecting(_) => self.on_connect_overdue(),
            Stage::Peeking(_) => self.on_silence(),
            Stage::Greeting(_) => self.on_greeting_overdue(),
            Stage::Dialing(dialing) => {
                let id = dialing.origin;
                self.on_dialed(id, Err(DialError::TimedOut), Arrived::New);
            }
            Stage::Handshaking(_) => self.close(CloseReason::ClientTlsError, Close::Graceful),
            Stage::Relaying(_) => self.on_relay_timeout(),
            Stage::Splicing(_) | Stage::Closed => {}
        }
    }

    /// Tells the codecs how time passes.
    pub(super) fn advance(&mut self) {
        let elapsed = self.now.saturating_duration_since(self.advanced).as_millis();
        let elapsed = u64::try_from(elapsed).unwrap_or(u64::MAX);
        if elapsed < ADVANCE_MS {
            return;
        }
        self.advanced = self.now;
        if let Stage::Proxying(proxying) = &mut self.stage
            && self.parted.is_none()
        {
            proxying.codec.advance(elapsed);
        }
        for origin in &mut self.origins {
            origin.advance(elapsed);
        }
    }
}
