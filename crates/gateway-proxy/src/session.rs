//! One accepted connection of a client, from its first byte to its record.
//!
//! ```text
//!  Proxying ──CONNECT──▶ Connecting ──200──▶ Peeking ──rules──▶ Dialing ──▶ Handshaking ──▶ Proxying
//!     │                      │                  │                  │                   (inside TLS)
//!     │                      └──── 403 page     └── unknown ──┐    └──▶ Splicing
//!     ├──101──▶ Relaying                                      ▼
//!     └───────────────────────────────────────────────────▶ Closed
//! ```
//!
//! SOCKS and connections that the network led here come in by `Entering`, which goes on as
//! `Connecting` does, without HTTP around it.

mod answer;
mod branch;
mod closing;
mod connect;
mod connect_udp;
mod credit;
mod deferred;
mod destination;
mod detour;
mod egress;
mod ends;
mod entry;
mod exchange;
mod greeting;
mod identify;
mod interface;
mod origins;
mod peek;
mod preface;
mod proxying;
mod relay;
mod socks;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_h1h2::h1::Found;
use gateway_h1h2::{Codec, Scheme, StreamId};
use gateway_log::{CloseReason, Record, RecordKind, Text, Transport};

use self::branch::Branching;
use self::closing::take;
use self::connect::Connecting;
pub use self::connect_udp::CapsuleStream;
use self::entry::Entering;
use self::exchange::{Exchange, Inside};
use self::greeting::Greeting;
use self::identify::Waiting;
pub use self::interface::{
    Accepted, Branch, ClientTls, ClientTlsDone, Identify, Input, Output, Splice, Unidentified, Wire,
};
use self::origins::{Arrived, Queued};
use self::peek::Peeking;
use self::preface::{Idle, Preface};
pub(crate) use self::proxying::origin_options;
use self::proxying::{Proxying, options};
use self::relay::Relaying;
use crate::clock::Clock;
use crate::dial::{Close, DialError, OriginId};
use crate::identity::Known;
use crate::judge::Judge;
use crate::origin::{LaneInput, Origin};
use crate::policy::Policy;
use crate::transaction::Leg;
use crate::worker::Entrance;

/// One accepted connection: it holds the codec of the client, opens transactions, and knows the
/// origin connections that serve them.
///
/// # Use
/// 1. Put one input into [`handle`](Self::handle).
/// 2. Take [`poll`](Self::poll) until it gives `None`, and do what it says.
/// 3. For the client and each origin, take [`poll_output`](Self::poll_output) and write it.
/// 4. Read from those that [`wants`](Self::wants) names, wait until [`deadline`](Self::deadline),
///    and begin again; stop when [`is_done`](Self::is_done).
///
/// One mutation, then drain. Exactly one session record comes out, and one record of each
/// transaction, whatever goes in, once [`Input::Abort`] has gone in or the session has ended.
pub struct Session {
    policy: Arc<Policy>,
    clock: Clock,
    client: SocketAddr,
    id: String,
    now: Instant,
    started: Instant,
    judge: Judge,
    stage: Stage,
    inside: Option<Inside>,
    origins: Vec<Origin>,
    /// Streams of the client that are connections themselves.
    branches: Vec<Branching>,
    exchanges: Vec<Exchange>,
    /// Requests that wait for a connection to their origin, in the order in which they came.
    queued: Vec<Queued>,
    /// What was known of the client when it was accepted.
    known: Known,
    /// Requests whose client is being identified.
    waiting: Vec<Waiting>,
    /// When the codecs were last told how time passes.
    advanced: Instant,
    opened: u32,
    dialed: u32,
    draining: bool,
    /// The destination was given below HTTP: what requests in the clear call it does not matter to
    /// where they go.
    pinned: bool,
    superseded: bool,
    /// The stream of HTTP/2 that this session is run for, if it is a WebSocket.
    outer: Option<StreamId>,
    /// What the host of CONNECT resolves to, if rules have asked for it.
    addresses: Vec<IpAddr>,
    /// What the client is still to be sent though the session is over.
    last_output: Vec<Bytes>,
    record: Option<Box<Record>>,
    /// When the client ended its side, or last took something after that.
    client_ended: Option<Instant>,
    /// Why the client's connection has ended, if that of the session has not: pages stand for responses.
    parted: Option<CloseReason>,
    /// What a session on the egress of Workers begins with; `None` in all others.
    egress: Option<Box<Entrance>>,
    /// What the checks of HTTP/1 found in what the client sends, and no record tells yet.
    found: Found,
    out: VecDeque<Output>,
}

/// Where the session stands.
enum Stage {
    /// SOCKS, or the rules are asked about a connection that the network led here.
    Entering(Box<Entering>),
    /// HTTP with the client, in the clear or within TLS.
    Proxying(Box<Proxying>),
    /// CONNECT: the rules want to know what the host resolves to, or the origin of an uninspected
    /// tunnel is being connected before the client is told that it is.
    Connecting(Box<Connecting>),
    /// CONNECT was answered; the first bytes tell what it is.
    Peeking(Box<Peeking>),
    /// The origin is connected, and may be the one to speak first.
    Greeting(Box<Greeting>),
    /// The driver is connecting the origin; the client's first bytes wait.
    Dialing(Box<connect::Dialing>),
    /// The driver takes the client's TLS handshake.
    Handshaking(Instant),
    /// The driver relays.
    Splicing(Spliced),
    /// The session relays.
    Relaying(Box<Relaying>),
    /// Nothing more happens.
    Closed,
}

/// A relay by the driver.
struct Spliced {
    origin: OriginId,
    from_client: u64,
    from_origin: u64,
    /// What is still to be written before it begins.
    to_client: Vec<Bytes>,
    to_origin: Vec<Bytes>,
}

impl Session {
    /// Begins with an accepted connection.
    #[must_use]
    pub fn new(accepted: Accepted, now: Instant) -> Self {
        let Accepted { policy, clock, client, id, known } = accepted;
        let mut judge = Judge::of_client(policy.clone(), clock, client);
        crate::facts::time(&policy.rules, &mut judge.facts, clock.unix_ns(now));
        let mut record = Record::new(RecordKind::Session);
        record.session_id = id.as_str().into();
        record.started_ns = clock.unix_ns(now);
        record.client.addr = Some(client);
        record.client.transport = Some(Transport::Tcp);
        record.config_generation = policy.generation;
        known.record(&mut record.client);
        judge.know(known.clone());
        let mut proxying = Proxying::new(&policy, now);
        proxying.preface = Preface::expected(&policy);
        let stage = Stage::Proxying(Box::new(proxying));
        Self {
            policy,
            clock,
            client,
            id,
            now,
            started: now,
            judge,
            stage,
            inside: None,
            origins: Vec::new(),
            branches: Vec::new(),
            advanced: now,
            exchanges: Vec::new(),
            queued: Vec::new(),
            known,
            waiting: Vec::new(),
            opened: 0,
            dialed: 0,
            draining: false,
            pinned: false,
            superseded: false,
            outer: None,
            addresses: Vec::new(),
            last_output: Vec::new(),
            client_ended: None,
            parted: None,
            record: Some(Box::new(record)),
            egress: None,
            found: Found::none(),
            out: VecDeque::new(),
        }
    }

    /// Begins with an accepted connection of the proxy port whose TLS, with the gateway itself,
    /// stands.
    #[must_use]
    pub fn in_tls(accepted: Accepted, done: &ClientTlsDone, now: Instant) -> Self {
        let mut session = Self::new(accepted, now);
        if let Some(record) = &mut session.record {
            record.client.tls.version = done.version.as_str().into();
            record.client.tls.cipher = done.cipher.as_str().into();
            record.timings.client_tls_ms = Some(crate::judge::millis(done.handshake));
        }
        let options = options(&session.policy, Scheme::Http);
        let codec = Codec::server(done.agreed.version(), options);
        session.stage = Stage::Proxying(Box::new(Proxying::speaking(codec, now)));
        session
    }

    // Getters.

    /// The address of the client.
    #[must_use]
    pub const fn client(&self) -> SocketAddr {
        self.client
    }

    /// Whether what an origin sends now may have to be looked at before it leaves. Where little is read at
    /// once, the beginning of much then leaves sooner.
    #[must_use]
    pub fn looks_at_responses(&self) -> bool {
        self.exchanges.iter().any(|exchange| exchange.transaction.looks_at_response())
    }

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

    /// Whether everything has been said: the record is out.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.record.is_none()
    }

    /// When [`Input::Timeout`] is due.
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

    // What comes from outside.

    /// Takes one input. Drain [`poll`](Self::poll) and [`poll_output`](Self::poll_output) before
    /// the next.
    pub fn handle(&mut self, input: Input, now: Instant) {
        if self.is_done() {
            return;
        }
        self.now = now;
        self.advance();
        match input {
            Input::Bytes(wire, bytes) => self.on_bytes(wire, bytes),
            Input::End(wire) => self.on_end(wire),
            Input::Gone(wire) => self.on_gone(wire),
            Input::Resolved(stream, result) => self.on_resolved(stream, result),
            Input::Identified(stream, result) => self.on_identified(stream, result),
            Input::Dialed(id, result) => self.on_dialed(id, result, Arrived::New),
            Input::Revived(id, dialed, resting) => {
                self.on_dialed(id, Ok(dialed), Arrived::Rested(resting));
            }
            Input::Shared(id, dialed) => self.on_dialed(id, Ok(dialed), Arrived::Shared),
            Input::Lane(id, reports) => {
                if let Some(origin) = self.origin_mut(id) {
                    reports.into_iter().for_each(|(exchange, said)| origin.report(exchange, said));
                }
            }
            Input::Invoked(id, result) => self.on_invoked(id, result),
            Input::ClientTls(done) => self.on_client_tls(&done),
            Input::ClientTlsFailed => self.close(CloseReason::ClientTlsError, Close::Graceful),
            Input::Spliced(from_client, from_origin) => {
                if let Stage::Splicing(spliced) = &mut self.stage {
                    (spliced.from_client, spliced.from_origin) = (from_client, from_origin);
                    self.write_interim_record();
                }
            }
            Input::SpliceEnded(from_client, from_origin, reason) => {
                if let Stage::Splicing(spliced) = &mut self.stage {
                    (spliced.from_client, spliced.from_origin) = (from_client, from_origin);
                    self.close(reason, Close::Graceful);
                }
            }
            Input::Associated(bound) => self.on_associated(bound),
            Input::AssociationEnded => self.on_association_ended(),
            Input::Crowded(id) => self.on_crowded(id),
            Input::Scan(stream, scan, report) => {
                if let Some(index) = self.position(stream) {
                    self.give(index, crate::transaction::Input::Scan(scan, report));
                }
            }
            Input::Adapt(stream, leg, report) => {
                if let Some(index) = self.position(stream) {
                    self.give(index, crate::transaction::Input::Adapt(leg, report));
                }
            }
            Input::Deferred(stream, report) => self.on_deferred(stream, report),
            Input::Picked(stream, report) => {
                if let Some(index) = self.position(stream) {
                    self.give(index, crate::transaction::Input::Picked(report));
                }
            }
            Input::Again => self.on_again(),
            Input::Taken(wire, at) => self.on_taken(wire, at),
            Input::Timeout => self.on_timeout(),
            Input::Superseded => self.superseded = true,
            Input::Drain => self.on_drain(),
            Input::Abort(reason) => self.close(reason, Close::Abort),
        }
        self.pump();
    }

    // What goes out.

    /// The next thing to be done, until there is none.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
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

    /// What the connection that it shares by this name is to be told next, with the number of the
    /// exchange that it is about.
    pub fn poll_lane(&mut self, id: OriginId) -> Option<(StreamId, LaneInput)> {
        self.origin_mut(id)?.poll_lane()
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

    fn emit(&mut self, output: Output) {
        self.out.push_back(output);
    }

    fn origin(&self, id: OriginId) -> Option<&Origin> {
        self.origins.iter().find(|origin| origin.id == id)
    }

    fn origin_mut(&mut self, id: OriginId) -> Option<&mut Origin> {
        self.origins.iter_mut().find(|origin| origin.id == id)
    }

    fn next_origin(&mut self) -> OriginId {
        self.dialed += 1;
        OriginId(self.dialed - 1)
    }

    fn on_bytes(&mut self, wire: Wire, bytes: Bytes) {
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

    fn on_timeout(&mut self) {
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

    /// Moves events between the codecs and the transactions until nothing moves.
    fn pump(&mut self) {
        while self.pump_client()
            || self.pump_origins()
            || self.pump_branches()
            || self.give_credit()
            || self.serve_queued()
        {}
        self.pump_relay();
        self.sweep_origins();
        if self.serve_queued() {
            self.pump();
        }
        self.pump_close();
    }
}

/// How often codecs are told how time passes, in milliseconds.
const ADVANCE_MS: u64 = 100;

impl Session {
    /// What names the session, for a record.
    fn id_text(&self) -> Text {
        // The record has it as long as the session lasts.
        self.record.as_ref().map_or_else(|| self.id.as_str().into(), |r| r.session_id.clone())
    }

    /// What names the request that was opened last.
    fn request_id(&self) -> Text {
        [&self.id, "-", itoa::Buffer::new().format(self.opened)].concat().into()
    }

    /// Whether requests or tunnels are in progress.
    fn is_busy(&self) -> bool {
        !(self.exchanges.is_empty() && self.branches.is_empty() && self.waiting.is_empty())
    }

    /// Tells the codecs how time passes.
    fn advance(&mut self) {
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
