//! How a WebSocket ends: by its own close frames, by a rule, by what one end did wrong.

use std::time::Instant;

use bytes::Bytes;
use gateway_h1h2::ws::{WsError, close_frame};
use gateway_inspect::Unscannable;
use gateway_log::CloseReason;

use super::half::{End, Half};
use super::{State, WebSocket, direction};
use crate::dial::Close;
use crate::judge::Refusal;
use crate::policy::{RefusedMessage, WebSocketPolicy};
use crate::transaction::Leg;

/// Code and reason of a close frame that a rule brings about (RFC 6455 §7.4.1).
const POLICY_VIOLATION: (u16, &str) = (1008, "Blocked by a rule of your organisation.");

/// A side that broke a rule: nothing more is taken from it, the other side has been told, and what
/// that one still says to what came before goes through.
#[derive(Debug)]
pub(super) struct Failing {
    pub(super) leg: Leg,
    pub(super) since: Instant,
    code: u16,
    text: String,
    reason: CloseReason,
}

impl WebSocket {
    /// A close frame came from `leg`. Whether the direction can go on.
    pub(super) fn on_close(&mut self, leg: Leg, wire: Bytes) -> bool {
        if matches!(self.state, State::Closing { .. }) {
            // The answer to a close frame of the gateway: that of the other side is not told.
            self.settle();
            return true;
        }
        if self.failing.is_some() {
            self.finish_failing();
            return true;
        }
        if self.sent_by(leg).is_in_message() {
            // The rest of the message will not come: what came is all of it.
            self.exchange.message_ends(direction(leg));
            self.sent_by_mut(leg).break_message();
            if !self.look(leg) {
                return false;
            }
        }
        self.sent_by_mut(leg).queue.write(wire);
        if self.up.closed.is_some() && self.down.closed.is_some() {
            let reason = match leg {
                Leg::Client => CloseReason::OriginClosed,
                Leg::Origin => CloseReason::ClientClosed,
            };
            self.state = State::Closing { since: self.now, reason, how: Close::Graceful };
        }
        self.settle();
        true
    }

    /// A rule refuses the message under way in what `leg` sends: it is taken out, where policy
    /// wants that and none of it has left, else the connection ends. Whether the direction can go
    /// on.
    pub(super) fn refuse(&mut self, leg: Leg, refusal: &Refusal) -> bool {
        let (_, text) = POLICY_VIOLATION;
        let instead = match self.exchange.settings().websocket {
            WebSocketPolicy::Rewrite(RefusedMessage::Drop) => None,
            WebSocketPolicy::Rewrite(RefusedMessage::Replace) => Some(text),
            _ => {
                self.block(refusal);
                return false;
            }
        };
        let taken = self.state == State::Open && self.sent_by_mut(leg).refuse_message(instead);
        if !taken {
            self.block(refusal);
            return false;
        }
        self.refused += 1;
        self.exchange.note_refusal(refusal);
        self.exchange.forget_message(direction(leg));
        true
    }

    /// A rule refuses a message, and with it the connection.
    pub(super) fn block(&mut self, refusal: &Refusal) {
        self.exchange.note_refusal(refusal);
        let (code, reason) = POLICY_VIOLATION;
        self.close(code, reason, CloseReason::ProxyConnRefused);
    }

    /// `leg` broke a rule, or met a limit.
    pub(super) fn fail(&mut self, leg: Leg, error: WsError) {
        if matches!(self.state, State::Closing { .. }) {
            // Its answer cannot be read.
            let half = self.sent_by_mut(leg);
            half.end = End::Passed;
            half.stop();
            return self.settle();
        }
        let unscannable = match error {
            WsError::RatioExceeded => Some(Unscannable::RatioExceeded),
            WsError::TooLarge => Some(Unscannable::TooLarge),
            WsError::Corrupt => Some(Unscannable::Malformed),
            _ => None,
        };
        let side = match leg {
            Leg::Client => "client",
            Leg::Origin => "origin",
        };
        self.exchange.note_warning(&format!("websocket of the {side}: {error}"));
        // The rules have the first word; that nobody objects does not make it readable.
        if let Some(reason) = unscannable
            && let Some(refusal) = self.exchange.fail_message(direction(leg), reason)
        {
            return self.block(&refusal);
        }
        let reason = match leg {
            Leg::Client => CloseReason::ClientError,
            Leg::Origin => CloseReason::OriginError,
        };
        let (code, text) = (error.close_code(), error.to_string());
        let half = self.sent_by(leg);
        // The others cannot be told in order, or have ended already.
        if half.queue.is_mid_frame()
            || self.failing.is_some()
            || self.sent_by(other(leg)).closed.is_some()
        {
            return self.close(code, &text, reason);
        }
        self.sent_code = Some(code);
        let mask = self.mask_towards(other(leg));
        let half = self.sent_by_mut(leg);
        half.stop();
        half.queue.write(close_frame(code, &text, mask));
        self.failing = Some(Failing { leg, since: self.now, code, text, reason });
    }

    /// Whoever broke a rule has heard all that it will hear, and is told why.
    pub(super) fn finish_failing(&mut self) {
        let Some(Failing { leg, code, text, reason, .. }) = &self.failing else { return };
        let (leg, code, text, reason) = (*leg, *code, text.clone(), *reason);
        // What it says to that cannot be read.
        self.sent_by_mut(leg).end = End::Passed;
        self.close(code, &text, reason);
    }

    /// What is written to `leg` is masked with: for an origin alone.
    const fn mask_towards(&self, leg: Leg) -> Option<[u8; 4]> {
        match (leg, self.up.mask) {
            (Leg::Client, _) => None,
            // A mask has to be hard to foresee for those who choose what is masked (RFC 6455
            // §10.3); the gateway chooses this, and the client's own key is none that others
            // foresee.
            (Leg::Origin, Some(mask)) => Some(mask),
            (Leg::Origin, None) => Some([0x67, 0x61, 0x74, 0x65]),
        }
    }

    /// Closes both sides: with a close frame where frames are whole, else by cutting.
    fn close(&mut self, code: u16, text: &str, reason: CloseReason) {
        self.sent_code = Some(code);
        let mut how = Close::Graceful;
        // Who broke a rule gets the code of that and not what the other side has ended with.
        let fails = self.failing.take().is_some();
        let mask = self.mask_towards(Leg::Origin);
        for (half, mask) in [(&mut self.up, mask), (&mut self.down, None)] {
            if half.is_stopped() {
                // It has been told.
            } else if half.queue.is_mid_frame() {
                how = Close::Abort;
            } else if half.closed.is_none() || fails {
                half.queue.write(close_frame(code, text, mask));
            }
            half.stop();
        }
        self.state = State::Closing { since: self.now, reason, how };
        self.settle();
    }

    /// Notes the end, once both sides have said all that they will say.
    pub(super) fn settle(&mut self) {
        let passed = |half: &Half| half.end == End::Passed;
        match self.state {
            State::Open if passed(&self.up) && passed(&self.down) => {
                let reason = CloseReason::ClientClosed;
                self.state = State::Over { reason, how: Close::Graceful };
            }
            State::Closing { reason, how, .. } => {
                let said = |half: &Half| half.end != End::Open || half.closed.is_some();
                let written = |half: &Half| half.queue.out_bytes() == 0;
                // A close frame of the gateway is answered by a close frame, then the end.
                let done = match self.sent_code {
                    Some(_) => said(&self.up) && said(&self.down),
                    None => passed(&self.up) || passed(&self.down),
                };
                if done && written(&self.up) && written(&self.down) {
                    self.state = State::Over { reason, how };
                }
            }
            State::Open | State::Over { .. } => {}
        }
    }
}

const fn other(leg: Leg) -> Leg {
    match leg {
        Leg::Client => Leg::Origin,
        Leg::Origin => Leg::Client,
    }
}
