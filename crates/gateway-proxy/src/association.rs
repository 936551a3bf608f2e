//! The datagrams of one UDP client: a flow for each peer, decided by its first datagrams.
//!
//! ```text
//!              ┌── name ──▶ Resolving ──┐
//!  datagram ───┴────────────────────────┴─▶ First ──rules──▶ Open ⇄ Again
//!                                             └──────▶ Refused ◀──────┘
//! ```
//!
//! A flow is asked about again when its client begins something new in it: another protocol, a
//! second QUIC connection, a TURN relay to another peer.

mod ask;
mod closing;
mod counts;
mod flow;
mod interface;
mod turn;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use gateway_h1h2::sniff::{Protocol, sniff_datagram};
use gateway_h1h2::socks::{Destination, Host};
use gateway_log::{CloseReason, Record, RecordKind, Transport};

use self::counts::Counts;
use self::flow::{Flow, Stage};
pub use self::interface::{AddressCheck, FlowId, Input, Opened, Output};
use crate::clock::Clock;
use crate::dial::DialError;
use crate::judge::Judge;
use crate::policy::Policy;

/// One UDP client and the peers that it talks to.
///
/// # Use
/// 1. Put one input into [`handle`](Self::handle).
/// 2. Take [`poll`](Self::poll) until it gives `None`, and do what it says.
/// 3. Wait until [`deadline`](Self::deadline), and begin again; stop when
///    [`is_done`](Self::is_done).
///
/// Nothing is sent to a peer before the rules have been asked, and nothing comes from a peer that
/// the client has not been let talk to. One record comes out for each flow and one for the
/// association, whatever goes in, once [`Input::Abort`] has gone in or it has been idle.
pub struct Association {
    policy: Arc<Policy>,
    clock: Clock,
    addresses: Arc<dyn AddressCheck>,
    client: SocketAddr,
    id: String,
    now: Instant,
    started: Instant,
    /// When the last datagram came.
    last: Instant,
    judge: Judge,
    flows: Vec<Flow>,
    opened: u32,
    /// Bytes that are held in all flows.
    held_bytes: usize,
    draining: bool,
    /// What ended flows have counted, and what belongs to none.
    counts: Counts,
    record: Option<Box<Record>>,
    out: VecDeque<Output>,
}

impl Association {
    /// Begins with a client.
    #[must_use]
    pub fn new(opened: Opened, now: Instant) -> Self {
        let Opened { policy, clock, client, id, addresses, known } = opened;
        let mut judge = Judge::of_client(policy.clone(), clock, client);
        crate::facts::flow::udp(&policy.rules, &mut judge.facts);
        if known.endpoint.is_none() {
            crate::facts::led_here(&policy.rules, &mut judge.facts);
        }
        let mut record = Record::new(RecordKind::Session);
        record.session_id = id.as_str().into();
        record.started_ns = clock.unix_ns(now);
        record.client.addr = Some(client);
        record.client.transport = Some(Transport::Udp);
        record.config_generation = policy.generation;
        known.record(&mut record.client);
        judge.know(known);
        Self {
            policy,
            clock,
            addresses,
            client,
            id,
            now,
            started: now,
            last: now,
            judge,
            flows: Vec::new(),
            opened: 0,
            held_bytes: 0,
            draining: false,
            counts: Counts::default(),
            record: Some(Box::new(record)),
            out: VecDeque::new(),
        }
    }

    // Getters.

    /// Whether everything has been said: the record is out.
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
        let flows = self.flows.iter().map(|flow| self.deadline_of(flow)).min();
        Some(flows.unwrap_or(self.last + self.policy.settings.timeouts.flow_idle))
    }

    fn deadline_of(&self, flow: &Flow) -> Instant {
        let timeouts = &self.policy.settings.timeouts;
        if self.draining { flow.draining_deadline(timeouts) } else { flow.deadline(timeouts) }
    }

    // What comes from outside.

    /// Takes one input. Drain [`poll`](Self::poll) before the next.
    pub fn handle(&mut self, input: Input, now: Instant) {
        if self.is_done() {
            return;
        }
        self.now = now;
        match input {
            Input::FromClient { to, payload } => self.on_client(to, payload),
            Input::FromPeer { peer, payload } => self.on_peer(peer, payload),
            Input::Malformed => self.drop_one(None),
            Input::Resolved(id, result) => self.on_resolved(id, result),
            Input::Timeout => self.on_timeout(),
            Input::Drain => {
                self.draining = true;
                self.on_timeout();
            }
            Input::Abort(reason) => self.close(reason),
        }
    }

    // What goes out.

    /// The next thing to be done, until there is none.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    fn emit(&mut self, output: Output) {
        self.out.push_back(output);
    }

    fn on_client(&mut self, to: Destination, payload: Bytes) {
        self.last = self.now;
        if payload.len() > self.policy.settings.limits.association.datagram_bytes_max {
            return self.drop_one(None);
        }
        let Some(index) = self.flows.iter().position(|flow| flow.to == to) else {
            return self.open(to, payload);
        };
        let Some(flow) = self.flows.get_mut(index) else { return };
        flow.last = self.now;
        match flow.record {
            Some(_) => flow.counts.add_from_client(payload.len()),
            None => self.counts.add_from_client(payload.len()),
        }
        match flow.stage {
            Stage::Resolving => self.hold(index, payload),
            Stage::First | Stage::Again => self.on_first(index, payload),
            Stage::Open => self.on_open(index, payload),
            Stage::Refused => self.drop_one(Some(index)),
        }
    }

    /// A peer is named for the first time.
    fn open(&mut self, to: Destination, payload: Bytes) {
        let limits = &self.policy.settings.limits.association;
        if self.draining || self.flows.len() >= limits.peers_max {
            return self.drop_one(None);
        }
        let id = FlowId(self.opened);
        self.opened += 1;
        let mut judge = self.judge.fork();
        let host = to.host.to_string();
        let unix_ns = self.clock.unix_ns(self.now);
        crate::facts::time(&self.policy.rules, &mut judge.facts, unix_ns);
        crate::facts::destination(&self.policy, &mut judge.facts, &host, to.port);
        let record = self.flow_record(id, &to);
        let ip = match &to.host {
            Host::Ip(ip) => Some(*ip),
            Host::Name(_) => None,
        };
        let mut flow = Flow::new(id, to, judge, record, self.now);
        flow.counts.add_from_client(payload.len());
        self.flows.push(flow);
        let index = self.flows.len() - 1;
        self.hold(index, payload);
        match ip {
            Some(ip) => {
                self.on_addresses(index, &[ip]);
                self.feed_held(index, None);
            }
            None => self.emit(Output::Resolve(id, host)),
        }
    }

    fn on_resolved(&mut self, id: FlowId, result: Result<Vec<IpAddr>, DialError>) {
        let waits = |flow: &Flow| flow.id == id && flow.stage == Stage::Resolving;
        let Some(index) = self.flows.iter().position(waits) else { return };
        match result {
            Ok(addresses) => {
                self.on_addresses(index, &addresses);
                self.feed_held(index, None);
            }
            Err(error) => self.refuse(index, error.close_reason()),
        }
    }

    fn on_peer(&mut self, peer: SocketAddr, payload: Bytes) {
        // Two names may lead to one peer: it answers to what was sent last.
        let known = |(_, flow): &(usize, &Flow)| flow.peer == Some(peer) && flow.stage.is_open();
        let flows = self.flows.iter().enumerate().filter(known);
        let Some((index, _)) = flows.max_by_key(|(_, flow)| flow.last) else {
            return self.drop_one(None);
        };
        self.last = self.now;
        if let Some(flow) = self.flows.get_mut(index) {
            flow.last = self.now;
            flow.counts.add_to_client(payload.len());
        }
        self.emit(Output::ToClient { peer, payload });
    }

    fn on_timeout(&mut self) {
        let mut index = 0;
        while let Some(flow) = self.flows.get(index) {
            if self.now < self.deadline_of(flow) {
                index += 1;
            } else if flow.stage.is_waiting() {
                // What has begun and does not go on is not let through.
                self.refuse(index, CloseReason::ClientIdleTimeout);
            } else {
                self.end_flow(index, CloseReason::ClientIdleTimeout);
            }
        }
        if self.flows.is_empty() && self.draining {
            self.close(CloseReason::ProxyConnRefused);
        } else if self.flows.is_empty()
            && self.now >= self.last + self.policy.settings.timeouts.flow_idle
        {
            self.close(CloseReason::ClientIdleTimeout);
        }
    }

    /// Keeps a datagram until its flow is decided, if there is room.
    fn hold(&mut self, index: usize, payload: Bytes) {
        let held_bytes_max = self.policy.settings.limits.association.held_bytes_max;
        if self.held_bytes + payload.len() > held_bytes_max {
            return self.drop_one(Some(index));
        }
        self.held_bytes += payload.len();
        if let Some(flow) = self.flows.get_mut(index) {
            flow.held.push(payload);
        }
    }

    /// Takes what is held of a flow.
    fn take_held(&mut self, index: usize) -> Vec<Bytes> {
        let Some(flow) = self.flows.get_mut(index) else { return Vec::new() };
        let held = std::mem::take(&mut flow.held);
        self.held_bytes -= held.iter().map(Bytes::len).sum::<usize>();
        held
    }

    /// Gives what was held to the flow anew, as if it came now. What carried the ClientHello that
    /// was `decided` on has been asked about.
    fn feed_held(&mut self, index: usize, decided: Option<Protocol>) {
        for payload in self.take_held(index) {
            let Some(flow) = self.flows.get(index) else { return };
            let carried = decided.is_some() && sniff_datagram(&payload) == decided;
            match flow.stage {
                stage if carried && stage.is_open() => self.pass(index, payload),
                Stage::Resolving => self.hold(index, payload),
                Stage::First | Stage::Again => self.on_first(index, payload),
                Stage::Open => self.on_open(index, payload),
                Stage::Refused => self.drop_one(Some(index)),
            }
        }
    }

    /// Sends a datagram on.
    fn pass(&mut self, index: usize, payload: Bytes) {
        let Some(flow) = self.flows.get_mut(index) else { return };
        let Some(peer) = flow.peer else { return };
        flow.counts.add_to_peer(payload.len());
        self.emit(Output::ToPeer { peer, payload });
    }

    /// Counts a datagram that is not relayed.
    fn drop_one(&mut self, index: Option<usize>) {
        let of_flow = index.and_then(|index| self.flows.get_mut(index));
        // A flow whose record is out counts no more.
        match of_flow.filter(|flow| flow.record.is_some()) {
            Some(flow) => flow.counts.dropped += 1,
            None => self.counts.dropped += 1,
        }
    }
}
