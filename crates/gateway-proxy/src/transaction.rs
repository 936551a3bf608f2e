//! One request and its response: the mediator between the leg of the client and that of the origin.
//!
//! ```text
//!                 Deciding ──▶ Dialing ──▶ Ready ──▶ Sending ──▶ Sent        request track
//!   head ──▶ rules   │            │          │          │
//!                    └────────────┴──────────┴──────────┴──▶ Stopped
//!
//!                 Awaiting ──▶ HeadHeld ──▶ Sending ──▶ Done                  response track
//!                    │             │                      ▲
//!                    ├─────────────┴── page, redirect ────┤
//!                    └──▶ Upgraded ───────────────────────┘
//! ```
//! The two tracks run at the same time: an answer may come before the request has ended. No
//! function moves both at once.

mod adapt;
mod asking;
mod credit;
mod deferred;
mod detour;
mod ending;
mod interface;
mod matches;
mod messages;
mod pace;
mod pickup;
mod quarantine;
mod record;
mod replay;
mod request;
mod response;
mod response_head;
mod sampled;
mod scans;
mod sending;
mod unacceptable;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway_h1h2::RequestHead;
use gateway_h1h2::ws::{Agreed, Handshake};
use gateway_log::{ClientSide, Common, Record, RecordKind, Text, WorkerOutcome};

use self::adapt::Adapting;
use self::asking::{give_up, tell, work};
pub(crate) use self::credit::May;
use self::credit::Owed;
use self::detour::Detour;
pub(crate) use self::detour::Returning;
pub use self::interface::{Input, Leg, Output};
use self::messages::Messages;
pub(crate) use self::messages::Relayed;
use self::pickup::Pickup;
use self::quarantine::{Aside, Keeping};
use self::request::Request;
use self::response::Response;
use crate::clock::Clock;
use crate::clock::{micros, millis};
use crate::dial::{DialError, Dialed, OriginId};
use crate::facts::Named;
use crate::judge::Judge;
use crate::key::OriginKey;
use crate::policy::{Policy, Settings};
use crate::progress::DeferInput;

/// One request and its response.
///
/// # Use
/// Four groups of methods, as in all machines of this crate:
/// * getters: [`wants`](Self::wants), [`is_done`](Self::is_done), [`deadline`](Self::deadline);
/// * what comes from outside: [`handle`](Self::handle);
/// * commands are inputs too: [`Input::Abort`];
/// * what goes out: [`poll`](Self::poll), until it gives `None`, after every input.
///
/// Exactly one record comes out, by [`Output::Record`] or [`Output::Quarantine`], whatever goes in, once an
/// `Abort` has gone in or the exchange has ended by itself.
pub struct Transaction {
    policy: Arc<Policy>,
    clock: Clock,
    client: SocketAddr,
    judge: Judge,
    origin: OriginKey,
    host: String,
    started: Instant,
    /// The clock at the last input.
    now: Instant,
    head: Box<RequestHead>,
    url: String,
    request: Request,
    response: Response,
    dialed: Option<Dialed>,
    dial_started: Option<Instant>,
    /// Since when it waits for its turn to be given a connection.
    waits_since: Option<Instant>,
    attempts: u32,
    /// The only addresses that will do for the origin, if the rules have been told of some.
    addresses: Vec<IpAddr>,
    scanned: Duration,
    record: Option<Box<Record>>,
    /// The ways of its messages through services that may change them.
    adapting: Adapting,
    /// Its way through a Worker, if it is handed to one.
    detour: Option<Box<Detour>>,
    /// Where it comes from, if it is a Worker that sent it.
    pub(crate) returning: Option<Returning>,
    /// Body bytes taken in from each side for which it has not got credit back yet.
    owed: Owed,
    /// The offer to change to WebSocket that is passed on.
    websocket: Option<Box<Handshake>>,
    /// What was agreed of it.
    agreed: Agreed,
    messages: Messages,
    relayed: Option<Relayed>,
    /// The connection of the session that serves it.
    pub(crate) serving: Option<OriginId>,
    /// A body that is refused, and taken in so that it can be kept aside.
    keeping: Option<Box<Keeping>>,
    /// What is kept of it.
    aside: Option<Box<Aside>>,
    /// What it is a request for, if a page has stood for that.
    pickup: Option<Box<Pickup>>,
    out: VecDeque<Output>,
}

/// Whether a request names another host than the tunnel it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mismatch {
    No,
    Yes,
}

/// What a transaction begins with, besides the head of its request.
#[derive(Clone)]
pub struct Opening {
    /// The policy it runs under.
    pub policy: Arc<Policy>,
    /// The calendar.
    pub clock: Clock,
    /// The client's address.
    pub client: SocketAddr,
    /// Names the session in the record.
    pub session_id: Text,
    /// Names the transaction, in the record and on pages; unique in the fleet.
    pub request_id: Text,
    /// Where the request is to go.
    pub origin: OriginKey,
    /// The host that the request names, lower-case; as a rule that of the origin.
    pub host: String,
}

impl Transaction {
    /// Begins with the head of a request, and decides on it.
    #[must_use]
    pub fn new(opening: Opening, head: RequestHead, now: Instant) -> Self {
        let judge = Judge::of_client(opening.policy.clone(), opening.clock, opening.client);
        let mut transaction = Self::with_judge(opening, judge, Box::new(head), Mismatch::No, now);
        transaction.begin();
        *transaction
    }

    /// The same, with the facts of the session that it runs in.
    pub(crate) fn with_judge(
        opening: Opening,
        mut judge: Judge,
        head: Box<RequestHead>,
        mismatch: Mismatch,
        now: Instant,
    ) -> Box<Self> {
        // It is large: with its place there first, it is made there and not moved.
        let place = Box::new_uninit();
        let Opening { policy, clock, client, session_id, request_id, origin, host } = opening;
        let named = Named { scheme: origin.scheme(), host: &host, port: origin.port };
        let url = crate::facts::url(&named, &head);
        judge.facts.close(gateway_rules::Phase::ClientHello);
        crate::facts::destination(&policy, &mut judge.facts, &origin.host, origin.port);
        let contradicts = mismatch == Mismatch::Yes;
        let facts = &mut judge.facts;
        crate::facts::request_head(&policy, facts, &head, &named, &url, contradicts);
        crate::facts::time(&policy.rules, facts, clock.unix_ns(now));
        judge.count_request(&host, client.ip(), now);
        let websocket = crate::rewrite::websocket(&head, &policy.settings);
        let mut record = Record::boxed(RecordKind::Http);
        record.request_id = request_id;
        record.session_id = session_id;
        record.started_ns = clock.unix_ns(now);
        record.decision.authority_mismatch = contradicts.then_some(true);
        let transaction = Self {
            request: Request::new(&policy),
            response: Response::new(&policy),
            policy,
            clock,
            client,
            judge,
            origin,
            host,
            started: now,
            now,
            head,
            url,
            dialed: None,
            dial_started: None,
            waits_since: None,
            attempts: 0,
            addresses: Vec::new(),
            scanned: Duration::ZERO,
            record: Some(record),
            adapting: Adapting::default(),
            detour: None,
            returning: None,
            owed: Owed::default(),
            websocket,
            agreed: Agreed::default(),
            messages: Messages::default(),
            relayed: None,
            serving: None,
            keeping: None,
            aside: None,
            pickup: None,
            out: VecDeque::new(),
        };
        Box::write(place, transaction)
    }

    /// What its record tells of the client is what the session knows.
    pub(crate) fn know_client(&mut self, client: Common<ClientSide>) {
        if let Some(record) = &mut self.record {
            record.client = client;
        }
    }

    // Getters.

    /// Where the request is to go.
    #[must_use]
    pub const fn origin(&self) -> &OriginKey {
        &self.origin
    }

    /// What the rules do not say.
    pub(crate) fn settings(&self) -> &Settings {
        &self.policy.settings
    }

    /// The clock, for who drives it otherwise than by [`handle`](Self::handle).
    pub(crate) const fn set_now(&mut self, now: Instant) {
        self.now = now;
    }

    /// There is no connection for it yet.
    pub(crate) fn wait_for_turn(&mut self, now: Instant) {
        self.dial_started = None;
        self.waits_since.get_or_insert(now);
    }

    /// It is given one.
    pub(crate) fn has_turn(&mut self, now: Instant) {
        if self.waits_since.take().is_some() {
            self.dial_started = Some(now);
        }
    }

    /// Whether the record has been written: nothing more will come.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.record.is_none()
    }

    /// When [`Input::Timeout`] is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        if self.is_done() {
            return None;
        }
        let timeouts = &self.policy.settings.timeouts;
        let dialing = self.dial_started.map(|at| at + timeouts.dial);
        let waiting = self.waits_since.map(|at| at + timeouts.origin_turn);
        let (request, response) = (self.request_deadline(), self.response_deadline());
        let detour = self.detour_deadline();
        [dialing, waiting, request, response, detour].into_iter().flatten().min()
    }

    // What comes from outside.

    /// Takes one input. Drain [`poll`](Self::poll) before the next.
    pub fn handle(&mut self, input: Input, now: Instant) {
        if self.is_done() {
            return;
        }
        self.now = now;
        match input {
            // Whoever has the page wants nothing more of the request that it answers.
            Input::Client(_) if self.is_deferred() => {}
            Input::Client(event) => self.on_client(event),
            Input::Origin(event) => self.on_origin(event),
            Input::Resolved(Ok(addresses)) => self.on_addresses(&addresses),
            Input::Resolved(Err(error)) | Input::Dialed(Err(error)) => self.on_unreachable(&error),
            Input::Dialed(Ok(dialed)) => self.on_dialed(dialed),
            Input::Scan(scan, report) => self.on_scan(scan, report),
            Input::Adapt(leg, report) => self.on_adapted(leg, report),
            Input::Invoked(result) => self.on_invoked(result),
            Input::Deferred(report) => self.on_deferred(report),
            Input::Picked(report) => self.on_picked(report),
            Input::Again => {
                self.pump_request();
                self.pump_response();
            }
            Input::Timeout => self.on_timeout(),
            Input::Abort(reason) => self.abort(reason),
        }
        self.give_credit();
    }

    // What goes out.

    /// The next thing to be done, until there is none.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    fn emit(&mut self, output: Output) {
        self.out.push_back(match output {
            Output::Client(event) if self.is_deferred() => Output::Defer(DeferInput::Event(event)),
            output => output,
        });
    }

    fn on_timeout(&mut self) {
        let timeouts = self.policy.settings.timeouts;
        if self.dial_started.is_some_and(|at| self.now >= at + timeouts.dial) {
            return self.on_unreachable(&DialError::TimedOut);
        }
        if self.waits_since.is_some_and(|at| self.now >= at + timeouts.origin_turn) {
            return self.on_unreachable(&DialError::Busy);
        }
        if self.detour_deadline().is_some_and(|at| self.now >= at) {
            return self.worker_failed(WorkerOutcome::Deadline);
        }
        self.on_request_timeout();
        if !self.is_done() {
            self.on_response_timeout();
        }
    }
}
