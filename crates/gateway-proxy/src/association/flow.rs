//! What is known of one peer of a client.

use std::net::SocketAddr;
use std::time::Instant;

use bytes::Bytes;
use gateway_h1h2::sniff::Protocol;
use gateway_h1h2::socks::Destination;
use gateway_h1h2::stun;
use gateway_log::Record;
use gateway_rules::Facts;
use gateway_tls::{DtlsHelloPeek, QuicHelloPeek};

use super::FlowId;
use super::counts::Counts;
use crate::Timeouts;
use crate::judge::Judge;

/// The datagrams between a client and one peer.
pub(super) struct Flow {
    pub(super) id: FlowId,
    /// As the client names it.
    pub(super) to: Destination,
    /// Where it really is, once that is decided.
    pub(super) peer: Option<SocketAddr>,
    pub(super) stage: Stage,
    pub(super) judge: Judge,
    /// What was known before the first datagrams.
    pub(super) base: Option<Facts>,
    /// Since when its first datagrams are awaited.
    pub(super) since: Instant,
    /// When the last datagram came.
    pub(super) last: Instant,
    pub(super) held: Vec<Bytes>,
    /// What was decided on already.
    pub(super) decided: Decided,
    pub(super) counts: Counts,
    /// `None`: it is out.
    pub(super) record: Option<Box<Record>>,
}

/// Where a flow stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// What the name resolves to is awaited.
    Resolving,
    /// The first datagrams are not complete.
    First,
    /// Datagrams pass.
    Open,
    /// Something new has begun and is not complete; the peer's datagrams pass.
    Again,
    /// Nothing passes.
    Refused,
}

impl Stage {
    /// Whether the peer may be heard.
    pub(super) const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Again)
    }

    /// Whether a decision is being waited for.
    pub(super) const fn is_waiting(self) -> bool {
        matches!(self, Self::Resolving | Self::First | Self::Again)
    }
}

/// What the rules have let pass on a flow.
#[derive(Default)]
pub(super) struct Decided {
    pub(super) protocols: Vec<Protocol>,
    pub(super) quic: Option<QuicHelloPeek>,
    pub(super) dtls: Option<DtlsHelloPeek>,
    /// Methods of STUN, with the realm and the user that they named.
    pub(super) methods: Vec<(stun::Method, Vec<u8>, Vec<u8>)>,
    /// Peers that a TURN relay may reach.
    pub(super) relayed: Vec<SocketAddr>,
}

impl Flow {
    pub(super) fn new(
        id: FlowId,
        to: Destination,
        judge: Judge,
        record: Box<Record>,
        now: Instant,
    ) -> Self {
        Self {
            id,
            to,
            peer: None,
            stage: Stage::Resolving,
            judge,
            base: None,
            since: now,
            last: now,
            held: Vec::new(),
            decided: Decided::default(),
            counts: Counts::default(),
            record: Some(record),
        }
    }

    /// When it is to be looked at for want of datagrams.
    pub(super) fn deadline(&self, timeouts: &Timeouts) -> Instant {
        match self.stage {
            Stage::Resolving => self.since + timeouts.dial,
            Stage::First | Stage::Again => self.since + timeouts.first_datagrams,
            Stage::Open | Stage::Refused => self.last + timeouts.flow_idle,
        }
    }

    /// The same while the gateway is about to stop: whoever is quiet has finished, and a flow on
    /// which nothing passes is not waited for.
    pub(super) fn draining_deadline(&self, timeouts: &Timeouts) -> Instant {
        match self.stage {
            Stage::Resolving | Stage::First | Stage::Again => self.deadline(timeouts),
            Stage::Open => self.last + timeouts.drain_idle,
            Stage::Refused => self.since,
        }
    }
}
