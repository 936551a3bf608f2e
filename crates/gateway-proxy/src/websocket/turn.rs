//! A turn of one direction: what came is taken as far as it can be, messages are looked at, and what is
//! cleared of them leaves.

use gateway_inspect::Unscannable;

use super::half::Next;
use super::{State, WebSocket, direction, millis};
use crate::transaction::Leg;

/// Bytes of content that one turn looks at, so that others have theirs.
const TURN_BYTES: usize = 256 << 10;

/// Pieces that one turn takes.
const TURN_PIECES: usize = 1_024;

impl WebSocket {
    /// Takes what came from `leg` as far as it can be taken now.
    pub(super) fn pump(&mut self, leg: Leg) {
        let (mut bytes, mut pieces) = (0, 0);
        if self.failing.as_ref().is_some_and(|failing| failing.leg == leg) {
            return;
        }
        if std::mem::take(&mut self.sent_by_mut(leg).looking) && !self.look(leg) {
            return;
        }
        while matches!(self.state, State::Open | State::Closing { .. }) {
            if bytes >= TURN_BYTES || pieces >= TURN_PIECES {
                self.again = true;
                return;
            }
            pieces += 1;
            let now = self.now;
            let next = match self.sent_by_mut(leg).next(now) {
                Ok(next) => next,
                Err(error) => return self.fail(leg, error),
            };
            let closing = matches!(self.state, State::Closing { .. });
            match next {
                Next::Nothing => return self.stream(leg),
                Next::Closed(wire) => {
                    if !self.on_close(leg, wire) {
                        return;
                    }
                }
                _ if closing => {}
                Next::Passed => self.stream(leg),
                Next::MessageBegins => {
                    self.exchange.message_begins(direction(leg));
                    if !self.exchange.watches(direction(leg)) {
                        self.sent_by_mut(leg).look_no_more();
                    }
                }
                Next::Content(content) => {
                    bytes += content.len();
                    self.exchange.message_content(direction(leg), content);
                    if !self.look(leg) {
                        return;
                    }
                }
                Next::MessageEnds => {
                    self.exchange.message_ends(direction(leg));
                    if !self.look(leg) {
                        return;
                    }
                    self.sent_by_mut(leg).end_refused_message();
                }
            }
        }
    }

    /// Looks at what came of a message, and lets go of what may leave. Whether the direction can
    /// go on.
    pub(super) fn look(&mut self, leg: Leg) -> bool {
        let direction = direction(leg);
        let looked = self.exchange.look(direction);
        if let Some(refusal) = looked.refusal {
            return self.refuse(leg, &refusal);
        }
        for span in self.exchange.take_edits(direction) {
            self.sent_by_mut(leg).queue.overwrite(span);
        }
        if looked.settled {
            self.sent_by_mut(leg).pass_message();
            return true;
        }
        if looked.again {
            self.again = true;
            self.sent_by_mut(leg).looking = true;
            return false;
        }
        if self.exchange.is_message_stuck(direction)
            && let Some(refusal) = self.exchange.give_up_message(direction, Unscannable::TooLarge)
        {
            return self.refuse(leg, &refusal);
        }
        self.stream(leg);
        true
    }

    /// Lets go of what is cleared of a message that does not wait for its end.
    pub(super) fn stream(&mut self, leg: Leg) {
        let direction = direction(leg);
        if !self.sent_by(leg).is_in_message() {
            return;
        }
        if !self.exchange.holds_messages(direction) {
            self.sent_by_mut(leg).let_message_stream();
        }
        if self.sent_by_mut(leg).message_streams() {
            let cleared = self.exchange.message_cleared(direction);
            self.sent_by_mut(leg).queue.release_to(cleared);
        }
    }

    /// A message has been held, or has been silent, for as long as allowed.
    pub(super) fn look_at_holds(&mut self, leg: Leg) {
        let direction = direction(leg);
        let inspect = &self.exchange.settings().limits.inspect;
        let (hold, idle) = (millis(inspect.hold_ms_max), millis(inspect.idle_release_ms));
        let now = self.now;
        let half = self.sent_by_mut(leg);
        if half.held_since().is_some_and(|since| now >= since + hold) {
            let reason = Unscannable::WorkExceeded;
            if let Some(refusal) = self.exchange.give_up_message(direction, reason) {
                self.refuse(leg, &refusal);
                return;
            }
        } else if !idle.is_zero() && half.idle_since().is_some_and(|since| now >= since + idle) {
            half.idle_was_looked_at();
            self.exchange.release_idle(direction);
        } else {
            return;
        }
        self.sent_by_mut(leg).let_message_stream();
        self.stream(leg);
    }
}
