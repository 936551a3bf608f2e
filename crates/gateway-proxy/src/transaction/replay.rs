//! Sending a request again when the connection that swallowed it turns out to be dead.

use std::collections::VecDeque;

use bytes::Bytes;
use gateway_h1h2::{Event, Fields};

use super::request::State;
use super::{Leg, Output, Transaction};
use crate::dial::Reuse;

/// What was sent, to be sent again if the connection turns out to be dead.
#[derive(Default)]
pub(super) struct Replay {
    /// Whether the head was sent.
    pub(super) began: bool,
    body: VecDeque<Bytes>,
    bytes: u64,
    pub(super) trailers: Option<Fields>,
    pub(super) ended: bool,
}

impl Transaction {
    pub(super) fn keep_for_replay(&mut self, bytes: &Bytes) {
        let Some(replay) = &mut self.request.replay else { return };
        replay.bytes += bytes.len() as u64;
        if replay.bytes > self.policy.settings.limits.replay.body_bytes_max {
            self.request.replay = None;
        } else {
            replay.body.push_back(bytes.clone());
        }
    }

    /// Whether the request may be sent once more: nothing came back, and either the origin says
    /// that it did nothing, or doing it twice does no harm (RFC 9110 §9.2.2).
    pub(super) fn may_retry(&self, certainly_untouched: bool) -> bool {
        let reused = self.dialed.as_ref().is_some_and(|dialed| dialed.reused);
        (reused || certainly_untouched)
            && self.request.replay.is_some()
            && self.attempts <= self.policy.settings.limits.replay.attempts_max
            && (certainly_untouched || self.head.method.is_idempotent())
    }

    /// Asks for another connection, to no other address than the rules have decided on.
    pub(super) fn retry(&mut self) {
        self.dialed = None;
        let addresses = std::mem::take(&mut self.addresses);
        self.dial(addresses, Reuse::Fresh);
    }

    /// Sends what the connection before has swallowed.
    pub(super) fn send_again(&mut self, swallowed: Replay) {
        if !swallowed.began || !self.head_out_again().unwrap_or_else(|| self.send_head()) {
            return;
        }
        for bytes in swallowed.body {
            self.emit(Output::Origin(Event::Data(bytes)));
        }
        if let Some(trailers) = swallowed.trailers {
            self.emit(Output::Origin(Event::Trailers(Box::new(trailers))));
        }
        if swallowed.ended {
            self.emit(Output::Origin(Event::End));
        }
        if self.request.body.has_left() {
            self.request.state = State::Sent;
        }
        // What a service has said in the meantime follows.
        self.settle_adaptation(Leg::Client);
    }
}
