//! One origin connection of HTTP/2 for many sessions.
//!
//! A client of HTTP/1.1 asks one thing at a time, and a connection of HTTP/2 for each would be the
//! dearer way. Over one for all, the requests of many go out in one write and their responses come
//! in by one read.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_h1h2::{Codec, CodecError, Event, ResetReason, Scheme, Scope, StreamId, Version};

use crate::dial::{Close, Dialed, Resting};
use crate::origin::{LaneInput, LaneReport, has_room};
use crate::policy::Policy;
use crate::session::origin_options;

/// Names a session among those that share a connection; never used again on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LaneId(pub u64);

/// What can happen to a shared connection.
#[derive(Debug)]
#[non_exhaustive]
pub enum SharedInput {
    /// Bytes have come.
    Bytes(Bytes),
    /// The origin sends no more, or the connection is broken.
    End,
    /// A session takes a place on it.
    Join(LaneId),
    /// A session says something of its exchange with this number.
    Lane(LaneId, StreamId, LaneInput),
    /// A session has left; what it had in progress is given up.
    Leave(LaneId),
    /// The deadline has come.
    Timeout,
    /// Begin nothing more.
    Drain,
}

/// What a shared connection wants done.
#[derive(Debug)]
#[non_exhaustive]
pub enum SharedOutput {
    /// Tell this session something of its exchange with this number.
    Report(LaneId, StreamId, LaneReport),
    /// Close the connection once its output is written; nothing more comes.
    Close(Close),
}

/// An origin connection of HTTP/2 that many sessions use at the same time, each for one exchange.
///
/// # Use
/// As with a [`Session`](crate::Session): put inputs into [`handle`](Self::handle), take
/// [`poll`](Self::poll) until it gives `None`, write [`poll_output`](Self::poll_output), and begin
/// again. Give no more of them a place than it has, see [`places`](Self::places).
pub struct Shared {
    codec: Codec,
    now: Instant,
    advanced: Instant,
    /// How long it is kept without a session.
    keep: Duration,
    unused_since: Option<Instant>,
    /// The sessions, each with what it calls its exchange and the stream of that.
    lanes: BTreeMap<LaneId, Option<(StreamId, StreamId)>>,
    /// By the stream of the connection.
    exchanges: BTreeMap<StreamId, Exchange>,
    out: VecDeque<SharedOutput>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// It carries no more than what is in progress; the sessions know.
    Closing,
    Closed,
}

/// One request and its response.
#[derive(Debug)]
struct Exchange {
    lane: LaneId,
    /// How the session calls it.
    stream: StreamId,
    /// Body bytes of the request of which the session does not know that they have left.
    untold: usize,
    asked: bool,
    answered: bool,
}

/// Body bytes that have left of which a session is told though there is no room for more: it knows
/// that something moves.
const TOLD_BYTES: usize = 16 << 10;

/// How often the codec is told how time passes.
const ADVANCE: Duration = Duration::from_millis(100);

impl Shared {
    /// Begins with a connection that speaks HTTP/2 and what it has kept in the pool, if it comes from
    /// there. It closes after `keep` without a session.
    #[must_use]
    pub fn new(
        policy: &Policy,
        dialed: &Dialed,
        resting: Option<Resting>,
        keep: Duration,
        now: Instant,
    ) -> Self {
        debug_assert_eq!(dialed.version(), Version::Http2, "streams are shared, connections not");
        let options = || origin_options(policy, Scheme::Https);
        let mut codec =
            resting.map_or_else(|| Codec::client(Version::Http2, options()), |rest| *rest.0);
        codec.mix();
        Self {
            codec,
            now,
            advanced: now,
            keep,
            unused_since: Some(now),
            lanes: BTreeMap::new(),
            exchanges: BTreeMap::new(),
            out: VecDeque::new(),
            state: State::Open,
        }
    }

    // Getters.

    /// How many sessions can have a place on it at a time; none once it is about to close.
    #[must_use]
    pub fn places(&self) -> usize {
        if self.state == State::Open { self.codec.streams_max() } else { 0 }
    }

    /// Whether bytes should be read from the origin.
    #[must_use]
    pub fn wants_input(&self) -> bool {
        self.state != State::Closed && self.codec.wants_input()
    }

    /// When [`SharedInput::Timeout`] is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        if self.state == State::Closed {
            return None;
        }
        let due = self.codec.due_ms();
        let due = due.map(|ms| self.advanced + Duration::from_millis(ms).max(ADVANCE));
        let unused = self.unused_since.map(|since| since + self.keep);
        let unused = unused.filter(|_| self.state == State::Open);
        due.into_iter().chain(unused).min()
    }

    // What comes from outside.

    /// Takes what has happened, in order: the more at a time, the less each costs. Drain
    /// [`poll`](Self::poll) and [`poll_output`](Self::poll_output) before it is waited for more.
    pub fn handle(&mut self, inputs: impl IntoIterator<Item = SharedInput>, now: Instant) {
        self.now = now;
        self.advance();
        for input in inputs {
            self.take(input);
        }
        if self.state != State::Closed {
            self.pump();
        }
    }

    fn take(&mut self, input: SharedInput) {
        if self.state == State::Closed {
            return self.refuse(&input);
        }
        match input {
            SharedInput::Bytes(bytes) => self.codec.receive(bytes),
            SharedInput::End => self.codec.receive_eof(),
            SharedInput::Join(lane) => self.join(lane),
            SharedInput::Lane(lane, stream, LaneInput::Event(event)) => {
                self.send(lane, stream, event);
            }
            SharedInput::Lane(lane, stream, LaneInput::Credit(bytes)) => {
                if let Some(own) = self.own(lane, stream) {
                    self.codec.credit(own, bytes);
                }
            }
            SharedInput::Leave(lane) => self.leave(lane),
            SharedInput::Timeout => {
                if self.unused_since.is_some_and(|since| self.now >= since + self.keep) {
                    self.drain();
                }
            }
            SharedInput::Drain => self.drain(),
        }
    }

    // What goes out.

    /// The next thing to be done, until there is none.
    pub fn poll(&mut self) -> Option<SharedOutput> {
        self.out.pop_front()
    }

    /// Moves what is to be written to the end of `out`, in order; says how many bytes it was. What
    /// sessions may send more by it is told by [`poll`](Self::poll).
    pub fn poll_output(&mut self, out: &mut Vec<Bytes>) -> usize {
        let taken = self.codec.poll_output(out);
        if taken > 0 {
            for (own, exchange) in self.exchanges.iter_mut().filter(|(_, e)| e.untold > 0) {
                let pending = self.codec.pending(*own);
                if let Some(left @ 1..) = exchange.untold.checked_sub(pending)
                    && (left >= TOLD_BYTES || has_room(&self.codec, *own))
                {
                    exchange.untold = pending;
                    let report = LaneReport::Taken(left as u64);
                    let report = SharedOutput::Report(exchange.lane, exchange.stream, report);
                    self.out.push_back(report);
                }
            }
            self.pump();
        }
        taken
    }

    fn own(&self, lane: LaneId, stream: StreamId) -> Option<StreamId> {
        let (named, own) = (*self.lanes.get(&lane)?)?;
        (named == stream).then_some(own)
    }

    fn report(&mut self, lane: LaneId, stream: StreamId, report: LaneReport) {
        self.out.push_back(SharedOutput::Report(lane, stream, report));
    }

    fn join(&mut self, lane: LaneId) {
        self.lanes.insert(lane, None);
        self.unused_since = None;
        if self.state != State::Open {
            self.report(lane, StreamId::new(0), LaneReport::Closed);
        }
    }

    fn leave(&mut self, lane: LaneId) {
        let exchange = self.lanes.remove(&lane).flatten();
        if let Some((_, own)) = exchange
            && self.exchanges.remove(&own).is_some()
        {
            // One that is over already is refused.
            let _ = self.codec.send(own, Event::Reset(ResetReason::Cancelled));
        }
        if self.lanes.is_empty() {
            self.unused_since = Some(self.now);
        }
    }

    /// Sends an event of a session.
    fn send(&mut self, lane: LaneId, stream: StreamId, event: Event) {
        if matches!(event, Event::RequestHead(_)) {
            return self.begin(lane, stream, event);
        }
        let Some(own) = self.own(lane, stream) else { return };
        let Some(exchange) = self.exchanges.get_mut(&own) else { return };
        match &event {
            Event::Data(data) => exchange.untold += data.len(),
            Event::End => exchange.asked = true,
            Event::Reset(_) => (exchange.asked, exchange.answered) = (true, true),
            _ => {}
        }
        let is_over = exchange.asked && exchange.answered;
        let is_cut = matches!(event, Event::Reset(_));
        if self.codec.send(own, event).is_err() && !is_cut {
            // It is over already, which the codec says too, or cannot go on as it was announced.
            let _ = self.codec.send(own, Event::Reset(ResetReason::Cancelled));
        }
        if is_over {
            self.exchanges.remove(&own);
        }
    }

    fn begin(&mut self, lane: LaneId, stream: StreamId, head: Event) {
        let own = self.codec.open();
        if self.codec.send(own, head).is_err() {
            // It was refused before it began: nobody has acted on the request.
            return self.report(lane, stream, LaneReport::Event(Event::Retry));
        }
        let exchange = Exchange { lane, stream, untold: 0, asked: false, answered: false };
        self.exchanges.insert(own, exchange);
        self.lanes.insert(lane, Some((stream, own)));
    }

    /// Nothing can be sent any more.
    fn refuse(&mut self, input: &SharedInput) {
        match input {
            SharedInput::Join(lane) => {
                self.report(*lane, StreamId::new(0), LaneReport::Closed);
            }
            SharedInput::Lane(lane, stream, LaneInput::Event(Event::RequestHead(_))) => {
                self.report(*lane, *stream, LaneReport::Event(Event::Retry));
            }
            _ => {}
        }
    }

    fn drain(&mut self) {
        self.codec.close_when_idle();
        self.tell_closed();
    }

    fn tell_closed(&mut self) {
        if self.state == State::Open {
            self.state = State::Closing;
            for lane in self.lanes.keys() {
                let report = SharedOutput::Report(*lane, StreamId::new(0), LaneReport::Closed);
                self.out.push_back(report);
            }
        }
    }

    fn advance(&mut self) {
        let elapsed = self.now.saturating_duration_since(self.advanced);
        if elapsed >= ADVANCE {
            self.advanced = self.now;
            self.codec.advance(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX));
        }
    }

    /// Passes on what the codec says.
    fn pump(&mut self) {
        loop {
            match self.codec.poll_event() {
                Ok(None) => break,
                Ok(Some((own, event))) => self.pass(own, event),
                Err(error) => match error.scope() {
                    Scope::Stream(own) => self.fail(own, error),
                    Scope::Connection => return self.fail_all(error),
                },
            }
        }
        if !self.codec.is_staying() {
            self.tell_closed();
        }
        if let Some(close) = self.codec.wants_close()
            && self.exchanges.is_empty()
        {
            self.tell_closed();
            self.state = State::Closed;
            self.out.push_back(SharedOutput::Close(close.into()));
        }
    }

    fn pass(&mut self, own: StreamId, event: Event) {
        // What has no session any more was given up.
        let Some(exchange) = self.exchanges.get_mut(&own) else { return };
        match &event {
            Event::End => exchange.answered = true,
            Event::Reset(_) | Event::Retry => (exchange.asked, exchange.answered) = (true, true),
            _ => {}
        }
        let (lane, stream) = (exchange.lane, exchange.stream);
        if exchange.asked && exchange.answered {
            self.exchanges.remove(&own);
        }
        self.report(lane, stream, LaneReport::Event(event));
    }

    fn fail(&mut self, own: StreamId, error: CodecError) {
        if let Some(exchange) = self.exchanges.remove(&own) {
            self.report(exchange.lane, exchange.stream, LaneReport::Fault(error));
        }
    }

    fn fail_all(&mut self, error: CodecError) {
        for (_, exchange) in std::mem::take(&mut self.exchanges) {
            self.report(exchange.lane, exchange.stream, LaneReport::Fault(error));
        }
        self.tell_closed();
        self.state = State::Closed;
        self.out.push_back(SharedOutput::Close(Close::Abort));
    }
}
