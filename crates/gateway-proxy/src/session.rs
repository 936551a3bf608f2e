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
//!
//! Where bytes go at each stage is in `wires`, and when a session is woken in `deadlines`.

mod answer;
mod branch;
mod closing;
mod connect;
mod connect_udp;
mod credit;
mod deadlines;
mod deferred;
mod destination;
mod detour;
mod dialing;
mod egress;
mod ends;
mod entry;
mod exchange;
mod greeting;
mod handshake;
mod identify;
mod interface;
mod notes;
mod origins;
mod peek;
mod preface;
mod proxying;
mod relay;
mod socks;
mod splicing;
mod wires;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use gateway_h1h2::h1::Found;
use gateway_h1h2::{Codec, Scheme, StreamId};
use gateway_log::{CloseReason, Record, RecordKind, Text, Transport};

use self::branch::Branching;
use self::closing::take;
use self::connect::Connecting;
pub use self::connect_udp::CapsuleStream;
use self::dialing::Dialing;
use self::entry::Entering;
use self::exchange::{Exchange, Inside};
use self::greeting::Greeting;
use self::identify::Waiting;
pub use self::interface::{
    Accepted, Branch, ClientTls, ClientTlsDone, Identify, Input, Output, Splice, Unidentified, Wire,
};
use self::origins::{Arrived, Queued};
use self::peek::Peeking;
use self::preface::Preface;
pub(crate) use self::proxying::origin_options;
use self::proxying::{Proxying, options};
use self::relay::Relaying;
use self::splicing::Spliced;
use crate::clock::Clock;
use crate::dial::{Close, OriginId};
use crate::identity::Known;
use crate::judge::Judge;
use crate::origin::{LaneInput, Origin};
use crate::policy::Policy;
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
    Dialing(Box<Dialing>),
    /// The driver takes the client's TLS handshake.
    Handshaking(Instant),
    /// The driver relays.
    Splicing(Spliced),
    /// The session relays.
    Relaying(Box<Relaying>),
    /// Nothing more happens.
    Closed,
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
            record.timings.client_tls_ms = Some(crate::clock::millis(done.handshake));
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

    /// Whether everything has been said: the record is out.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.record.is_none()
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

    /// What the connection that it shares by this name is to be told next, with the number of the
    /// exchange that it is about.
    pub fn poll_lane(&mut self, id: OriginId) -> Option<(StreamId, LaneInput)> {
        self.origin_mut(id)?.poll_lane()
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
}
