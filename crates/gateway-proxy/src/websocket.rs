//! A WebSocket between client and origin: frames pass as they came, and each message is shown to
//! the scanners on its way; or messages are written anew, so that one can be taken out. What follows
//! HTTP otherwise is a [`Tunnel`](crate::Tunnel).
//!
//! ```text
//!   Open ──close frames both ways──▶ Closing ──both ends──▶ Over
//!     └──block, broken rule, limit────▲
//! ```
//! A message is held until it is whole and decided, up to a limit; then it streams as far as it is
//! cleared. A block drops what is held, sends a close frame to each side that stands at a boundary
//! of frames, and cuts where a frame is half out. Where messages are written anew, one that is refused
//! before any of it has left can be dropped or replaced instead.

mod anew;
mod closing;
mod half;
mod held;
mod queue;
mod turn;

use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_h1h2::ws::{Sender, TapLimits};
use gateway_log::{CloseReason, Direction, Record};

use self::closing::Failing;
use self::half::{End, Form, Half};
use crate::dial::Close;
use crate::policy::WebSocketPolicy;
use crate::transaction::{self, Leg, Relayed, Transaction};

/// A relay that looks at messages.
///
/// It has the methods of a [`Tunnel`](crate::Tunnel), and [`again`](Self::again),
/// [`timeout`](Self::timeout) and the records besides.
pub(crate) struct WebSocket {
    exchange: Box<Transaction>,
    now: Instant,
    up: Half,
    down: Half,
    state: State,
    last: Instant,
    record_at: Instant,
    /// Whether a turn has used up its budget.
    again: bool,
    /// The code of the close frame that the gateway has sent.
    sent_code: Option<u16>,
    /// Messages that were dropped or replaced.
    refused: u64,
    /// One side broke a rule, and what the other says to what came before is waited for.
    failing: Option<Failing>,
    interim: Option<Box<Record>>,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// Close frames are out; since when, and how it ends.
    Closing {
        since: Instant,
        reason: CloseReason,
        how: Close,
    },
    /// Nothing more happens.
    Over {
        reason: CloseReason,
        how: Close,
    },
}

/// Bytes that may wait for one side before the other is no longer read.
const QUEUE_BYTES_MAX: usize = 256 << 10;
/// How often a long connection tells how far it is.
const RECORD_EVERY: Duration = Duration::from_secs(60);

impl WebSocket {
    /// Begins where an exchange has changed the protocol.
    pub(crate) fn new(exchange: Box<Transaction>, now: Instant) -> Self {
        let limits = &exchange.settings().limits;
        let mut tap_limits = TapLimits::default();
        tap_limits.message_bytes_max = limits.content.decoded_bytes_max;
        tap_limits.ratio_max = limits.content.ratio_max;
        tap_limits.ratio_floor_bytes = limits.content.ratio_floor_bytes;
        let hold = limits.websocket.hold_bytes_max;
        let form = match exchange.settings().websocket {
            WebSocketPolicy::Rewrite(_) => Form::Anew,
            WebSocketPolicy::Inspect | WebSocketPolicy::Relay | WebSocketPolicy::Strip => {
                Form::AsCame
            }
        };
        let half = |sender, direction| {
            let limits = exchange.watches(direction).then_some(tap_limits);
            Half::new(sender, exchange.agreed().deflate.as_ref(), limits, hold, form)
        };
        let up = half(Sender::Client, Direction::Upload);
        let down = half(Sender::Server, Direction::Download);
        Self {
            exchange,
            now,
            up,
            down,
            state: State::Open,
            last: now,
            record_at: now + RECORD_EVERY,
            again: false,
            sent_code: None,
            refused: 0,
            failing: None,
            interim: None,
        }
    }

    // Getters.

    /// Whether bytes should be read from `leg`.
    pub(crate) fn wants(&self, leg: Leg) -> bool {
        let half = self.sent_by(leg);
        let room =
            half.input_bytes() == 0 && !half.looking && half.queue.out_bytes() < QUEUE_BYTES_MAX;
        half.end == End::Open && room && !matches!(self.state, State::Over { .. })
    }

    /// Bytes that came from `leg`.
    pub(crate) const fn bytes_from(&self, leg: Leg) -> u64 {
        self.sent_by(leg).bytes
    }

    /// Why and how it has ended, once it has.
    pub(crate) const fn over(&self) -> Option<(CloseReason, Close)> {
        match self.state {
            State::Over { reason, how } => Some((reason, how)),
            State::Open | State::Closing { .. } => None,
        }
    }

    /// When [`timeout`](Self::timeout) is due.
    pub(crate) fn deadline(&self) -> Instant {
        let settings = self.exchange.settings();
        let inspect = &settings.limits.inspect;
        let mut at = self.record_at.min(self.last + settings.timeouts.tunnel_idle);
        if let State::Closing { since, .. } = self.state {
            at = at.min(since + settings.timeouts.websocket_close);
        }
        if let Some(failing) = &self.failing {
            at = at.min(failing.since + settings.timeouts.websocket_close);
        }
        for half in [&self.up, &self.down] {
            let held = half.held_since().map(|since| since + millis(inspect.hold_ms_max));
            let idle = half
                .idle_since()
                .filter(|_| inspect.idle_release_ms > 0)
                .map(|since| since + millis(inspect.idle_release_ms));
            at = held.into_iter().chain(idle).fold(at, Instant::min);
        }
        at
    }

    /// Whether there is something new to do when output was taken.
    pub(crate) fn waits_for_output(&self) -> bool {
        let ended = [&self.up, &self.down].iter().any(|half| half.end == End::Came);
        ended || matches!(self.state, State::Closing { .. })
    }

    // What comes from outside.

    /// Takes bytes from `leg`.
    pub(crate) fn handle(&mut self, leg: Leg, bytes: Bytes, now: Instant) {
        self.set_now(now);
        self.last = now;
        if self.sent_by(leg).end == End::Open {
            self.sent_by_mut(leg).receive(bytes, now);
            self.pump(leg);
        }
    }

    /// One of the two has taken some of what waited for it, at `at`.
    pub(crate) fn moves(&mut self, at: Instant) {
        self.last = self.last.max(at);
    }

    /// `leg` sends no more.
    pub(crate) fn end(&mut self, leg: Leg, now: Instant) {
        self.set_now(now);
        self.pump(leg);
        let half = self.sent_by_mut(leg);
        if half.end == End::Open {
            half.end = End::Came;
        }
        self.finish_failing();
        self.settle();
    }

    /// Others have had their turn.
    pub(crate) fn again(&mut self, now: Instant) {
        self.set_now(now);
        for leg in [Leg::Client, Leg::Origin] {
            self.pump(leg);
        }
        self.settle();
    }

    /// The deadline has come.
    pub(crate) fn timeout(&mut self, now: Instant) {
        self.set_now(now);
        let timeouts = self.exchange.settings().timeouts;
        if let State::Closing { since, reason, how } = self.state
            && now >= since + timeouts.websocket_close
        {
            self.state = State::Over { reason, how };
            return;
        }
        if self.failing.as_ref().is_some_and(|f| now >= f.since + timeouts.websocket_close) {
            return self.finish_failing();
        }
        if now >= self.last + timeouts.tunnel_idle {
            let reason = CloseReason::ClientIdleTimeout;
            self.state = State::Over { reason, how: Close::Abort };
            return;
        }
        for leg in [Leg::Client, Leg::Origin] {
            self.look_at_holds(leg);
        }
        if now >= self.record_at {
            self.record_at = now + RECORD_EVERY;
            let relayed = self.relayed();
            self.interim = self.exchange.interim_record(relayed);
        }
    }

    // What goes out.

    /// Moves what is to be written to `leg` to the end of `out`.
    pub(crate) fn poll_output(&mut self, leg: Leg, out: &mut Vec<Bytes>) -> usize {
        self.towards_mut(leg).queue.take(out)
    }

    /// Whether the sending side of `leg` is to be shut once its output is written; said once.
    pub(crate) fn poll_shutdown(&mut self, leg: Leg) -> bool {
        let half = self.towards_mut(leg);
        let due = half.end == End::Came && half.queue.out_bytes() == 0 && half.input_bytes() == 0;
        if due {
            half.end = End::Passed;
            self.settle();
        }
        due
    }

    /// Whether others should have their turn before [`again`](Self::again); said once.
    pub(crate) fn poll_again(&mut self) -> bool {
        std::mem::take(&mut self.again)
    }

    /// A record of how far it is.
    pub(crate) fn poll_interim(&mut self) -> Option<Box<Record>> {
        self.interim.take()
    }

    /// It is over for this reason: gives its record, once.
    pub(crate) fn finish(&mut self, reason: CloseReason) -> Option<Box<Record>> {
        let relayed = self.relayed();
        self.exchange.end_messages(relayed, reason);
        while let Some(output) = self.exchange.poll() {
            match output {
                transaction::Output::Record(record) => return Some(record),
                transaction::Output::Quarantine(kept) => return Some(kept.failed("websocket")),
                _ => {}
            }
        }
        None
    }

    // What is common to both directions; a turn of one is in `turn`.

    fn relayed(&self) -> Relayed {
        let mut relayed = Relayed::default();
        let left = |half: &Half| half.queue.left(half.bytes);
        relayed.bytes.from_client = Some(self.up.bytes);
        relayed.bytes.to_origin = Some(left(&self.up));
        relayed.bytes.from_origin = Some(self.down.bytes);
        relayed.bytes.to_client = Some(left(&self.down));
        let facts = &mut relayed.websocket;
        let agreed = self.exchange.agreed();
        facts.messages_from_client = Some(self.up.messages);
        facts.messages_from_origin = Some(self.down.messages);
        facts.close_code_of_client = self.up.closed.and_then(|closed| closed.code);
        facts.close_code_of_origin = self.down.closed.and_then(|closed| closed.code);
        facts.close_code_sent = self.sent_code;
        facts.messages_refused = Some(self.refused);
        facts.compressed = Some(agreed.deflate.is_some());
        facts.protocol = agreed.protocol.as_deref().unwrap_or_default().into();
        relayed
    }

    fn set_now(&mut self, now: Instant) {
        self.now = now;
        self.exchange.set_now(now);
    }

    const fn sent_by(&self, leg: Leg) -> &Half {
        match leg {
            Leg::Client => &self.up,
            Leg::Origin => &self.down,
        }
    }

    const fn sent_by_mut(&mut self, leg: Leg) -> &mut Half {
        match leg {
            Leg::Client => &mut self.up,
            Leg::Origin => &mut self.down,
        }
    }

    const fn towards_mut(&mut self, leg: Leg) -> &mut Half {
        match leg {
            Leg::Client => &mut self.down,
            Leg::Origin => &mut self.up,
        }
    }
}

/// Which way goes what `leg` sends.
const fn direction(leg: Leg) -> Direction {
    match leg {
        Leg::Client => Direction::Upload,
        Leg::Origin => Direction::Download,
    }
}

const fn millis(ms: u64) -> Duration {
    Duration::from_millis(ms)
}
