//! How long it has been waited for what a peer owes on its connection. What streams wait for is
//! counted with each of them.

use super::{Fault, Timeouts};

/// What a connection waits for, as it is now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waits {
    /// Our SETTINGS were not acknowledged.
    pub(super) for_settings: bool,
    /// A head or frame has begun and not ended: which one, counted from the first.
    pub(super) for_head: Option<u64>,
    /// No stream is in progress: how many have begun before.
    pub(super) for_streams: Option<u64>,
    /// GOAWAY was said.
    pub(super) for_farewell: bool,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// The connection is to be left.
    Leave,
    /// It is over.
    End,
    Fail(Fault),
}

/// The clocks of a connection, in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Watch {
    age: u64,
    head: u64,
    /// The head that is waited for.
    heads: u64,
    idle: u64,
    /// The streams that had begun.
    streams: u64,
    farewell: u64,
}

impl Watch {
    /// So much time has passed, in which it was waited for this.
    pub(super) fn advance(&mut self, elapsed_ms: u64, waits: Waits, limits: &Timeouts) -> Due {
        let count =
            |clock: u64, runs: bool| if runs { clock.saturating_add(elapsed_ms) } else { 0 };
        let head = waits.for_head.filter(|heads| *heads == self.heads || self.head == 0);
        self.age = count(self.age, true);
        self.head = count(self.head, head.is_some());
        self.heads = waits.for_head.unwrap_or(self.heads);
        let idle = waits.for_streams.filter(|streams| *streams == self.streams || self.idle == 0);
        self.idle = count(self.idle, idle.is_some());
        self.streams = waits.for_streams.unwrap_or(self.streams);
        self.farewell = count(self.farewell, idle.is_some() && waits.for_farewell);
        if waits.for_settings && is_over(self.age, limits.settings_ack_ms) {
            Due::Fail(Fault::SettingsTimeout)
        } else if is_over(self.head, limits.head_ms) {
            Due::Fail(Fault::HeadTimeout)
        } else if is_over(self.farewell, limits.farewell_ms) {
            Due::End
        } else if !waits.for_farewell
            && (is_over(self.idle, limits.idle_ms) || is_over(self.age, limits.age_ms))
        {
            Due::Leave
        } else {
            Due::Nothing
        }
    }

    /// In how many milliseconds something of it is due, if it goes on to be waited for this.
    pub(super) fn due_ms(&self, waits: Waits, limits: &Timeouts) -> Option<u64> {
        let left = |runs: bool, clock: u64, limit: u64| {
            (runs && limit > 0).then(|| limit.saturating_sub(clock))
        };
        let stays = !waits.for_farewell;
        [
            left(waits.for_settings, self.age, limits.settings_ack_ms),
            left(waits.for_head.is_some(), self.head, limits.head_ms),
            left(waits.for_streams.is_some() && stays, self.idle, limits.idle_ms),
            left(waits.for_streams.is_some() && !stays, self.farewell, limits.farewell_ms),
            left(stays, self.age, limits.age_ms),
        ]
        .into_iter()
        .flatten()
        .min()
    }
}

/// Whether a clock has come to its limit; 0 is none.
pub(super) fn is_over(clock_ms: u64, limit_ms: u64) -> bool {
    limit_ms > 0 && clock_ms >= limit_ms
}
