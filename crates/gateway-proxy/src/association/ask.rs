//! Asking the rules about a flow: where it goes, and what its datagrams begin.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use gateway_h1h2::sniff::{Protocol, sniff_datagram};
use gateway_h1h2::socks::{Destination, Host};
use gateway_h1h2::stun;
use gateway_log::{Action, CloseReason, Interception, SpliceReason, Transport};
use gateway_rules::{Gate, Phase};
use gateway_tls::{ClientHello, DtlsHelloPeek, DtlsPeek, QuicHelloPeek, QuicPeek};

use super::Association;
use super::flow::{Flow, Stage};
use crate::facts::flow::{FirstBytes, first_datagrams};
use crate::judge::{Refusal, Ruling};
use crate::policy::{AuthorityMismatch, QuicPolicy, UnknownProtocol};

/// Methods, with realm and user, that are remembered as let pass.
const METHODS_MAX: usize = 32;

/// What a datagram begins.
enum Begins {
    /// More datagrams are needed to tell.
    NeedMore,
    /// It can be decided.
    Known(Option<Protocol>, Option<Box<ClientHello>>),
    /// It begins as one protocol and goes on as nothing.
    Broken,
}

impl Association {
    /// The addresses of a flow's peer are known: those that may be sent to, and the rules, decide.
    pub(super) fn on_addresses(&mut self, index: usize, addresses: &[IpAddr]) {
        let Some(flow) = self.flows.get_mut(index) else { return };
        let mut allowed = Vec::new();
        let mut refused = None;
        for ip in addresses {
            match self.addresses.refusal(SocketAddr::new(*ip, flow.to.port)) {
                None => allowed.push(*ip),
                Some(reason) => refused = refused.or(Some((*ip, reason))),
            }
        }
        let known = if allowed.is_empty() { addresses } else { &allowed };
        crate::facts::addresses(&self.policy, &mut flow.judge.facts, known);
        flow.judge.facts.close(Phase::Connect);
        let Some(ip) = allowed.first() else {
            if let (Some(record), Some((ip, reason))) = (&mut flow.record, refused) {
                let said = format!("the address {ip} may not be sent to: {reason}");
                record.warnings.push(said.into());
            }
            return self.refuse(index, CloseReason::ProxyConnRefused);
        };
        flow.peer = Some(SocketAddr::new(*ip, flow.to.port));
        if let Some(record) = &mut flow.record {
            record.origin.addr = flow.peer;
        }
        flow.stage = Stage::First;
        flow.since = self.now;
        flow.base = Some(flow.judge.facts.clone());
        if let Ruling::Refuse(refusal) = flow.judge.ask(Gate::Dial) {
            self.refuse_by_rule(index, &refusal);
        }
    }

    /// A datagram of a flow that waits for a decision.
    pub(super) fn on_first(&mut self, index: usize, payload: Bytes) {
        let Some(flow) = self.flows.get_mut(index) else { return };
        let begins = begins(flow, &payload);
        self.hold(index, payload.clone());
        match begins {
            Begins::NeedMore => {}
            Begins::Broken => self.refuse(index, CloseReason::ClientTlsError),
            Begins::Known(protocol, hello) => {
                self.decide(index, protocol, hello.as_deref(), &payload);
                let by_hello =
                    |protocol: &Protocol| matches!(protocol, Protocol::Quic | Protocol::Dtls);
                self.feed_held(index, protocol.filter(by_hello));
            }
        }
    }

    /// A datagram of a flow that is open: it passes unless it begins something new.
    pub(super) fn on_open(&mut self, index: usize, payload: Bytes) {
        let Some(flow) = self.flows.get_mut(index) else { return };
        let protocol = sniff_datagram(&payload).filter(|protocol| is_telling(flow, *protocol));
        if protocol.is_some_and(|protocol| is_new(flow, protocol, &payload)) {
            flow.stage = Stage::Again;
            flow.since = self.now;
            match protocol {
                Some(Protocol::Quic) => flow.decided.quic = None,
                Some(Protocol::Dtls) => flow.decided.dtls = None,
                Some(_) | None => {}
            }
            return self.on_first(index, payload);
        }
        let passes = match protocol {
            Some(Protocol::Turn) => self.may_relay(index, &payload),
            // What looks like STUN and is not whole might still be read by a relay.
            None => stun::Header::read(&payload) == stun::Reading::Not,
            Some(_) => true,
        };
        if passes { self.pass(index, payload) } else { self.drop_one(Some(index)) }
    }

    /// Asks the rules about what a flow begins.
    fn decide(
        &mut self,
        index: usize,
        protocol: Option<Protocol>,
        hello: Option<&ClientHello>,
        payload: &[u8],
    ) {
        let settings = &self.policy.settings;
        let (quic, unknown) = (settings.quic, settings.unknown_protocol);
        let mismatch = settings.authority_mismatch;
        let Some(flow) = self.flows.get_mut(index) else { return };
        let message = stun::Message::read(payload);
        note(flow, protocol, hello);
        if let Some(base) = &flow.base {
            flow.judge.facts = base.clone();
        }
        // The peers of a relay are asked about one by one, when the message is to pass.
        let named = message.as_ref().map(stun::Message::without_peers);
        let seen = FirstBytes { protocol, hello, message: named.as_ref() };
        first_datagrams(&self.policy, &mut flow.judge.facts, &seen);
        match flow.judge.ask(Gate::Tunnel) {
            Ruling::Refuse(refusal) => return self.refuse_by_rule(index, &refusal),
            // A flow that a client asked for under another name than it says to the peer is not
            // left alone for either.
            Ruling::DoNotInspect(rule)
                if mismatch == AuthorityMismatch::Allow || !says_another_name(&flow.to, hello) =>
            {
                if let Some(record) = &mut flow.record {
                    record.decision.action = Some(Action::Off);
                    record.decision.policy_id = rule.id.into();
                    record.decision.policy_name = rule.name.into();
                    let why = SpliceReason::DoNotInspect;
                    record.inspection.interception = Some(Interception::Spliced(why));
                }
            }
            Ruling::DoNotInspect(_) | Ruling::Proceed(_) | Ruling::Wait => {
                let by_setting = match protocol {
                    Some(Protocol::Quic) => quic == QuicPolicy::Refuse,
                    None => unknown == UnknownProtocol::Refuse,
                    Some(_) => false,
                };
                if by_setting {
                    return self.refuse(index, CloseReason::ProxyConnRefused);
                }
            }
        }
        flow.stage = Stage::Open;
        if let Some(protocol) = protocol
            && !flow.decided.protocols.contains(&protocol)
        {
            flow.decided.protocols.push(protocol);
        }
        if let Some(message) = message {
            let named = |name: Option<&[u8]>| name.unwrap_or_default().to_vec();
            let key = (message.method, named(message.realm), named(message.username));
            // Whoever names more is asked about them again.
            flow.decided.methods.truncate(METHODS_MAX - 1);
            flow.decided.methods.push(key);
        }
    }

    pub(super) fn refuse_by_rule(&mut self, index: usize, refusal: &Refusal) {
        if let Some(record) = self.flows.get_mut(index).and_then(|flow| flow.record.as_mut()) {
            record.decision.policy_id = refusal.rule.id.as_str().into();
            record.decision.policy_name = refusal.rule.name.as_str().into();
        }
        self.refuse(index, CloseReason::ProxyConnRefused);
    }
}

/// Whether the name in a ClientHello is another one than that of the peer, if that has one.
fn says_another_name(to: &Destination, hello: Option<&ClientHello>) -> bool {
    match (&to.host, hello.and_then(|hello| hello.sni.as_deref())) {
        (Host::Name(name), Some(sni)) => !name.eq_ignore_ascii_case(sni),
        (Host::Name(_) | Host::Ip(_), _) => false,
    }
}

/// Puts a datagram to the reader of its protocol.
fn begins(flow: &mut Flow, payload: &[u8]) -> Begins {
    let protocol = sniff_datagram(payload).filter(|protocol| is_telling(flow, *protocol));
    match protocol {
        Some(Protocol::Quic) => {
            let peek = flow.decided.quic.get_or_insert_with(QuicHelloPeek::default);
            match peek.push(payload) {
                QuicPeek::NeedMore => Begins::NeedMore,
                QuicPeek::Hello(hello) => Begins::Known(protocol, Some(hello)),
                QuicPeek::Malformed(_) => Begins::Broken,
            }
        }
        Some(Protocol::Dtls) => {
            let peek = flow.decided.dtls.get_or_insert_with(DtlsHelloPeek::default);
            match peek.push(payload) {
                DtlsPeek::NeedMore => Begins::NeedMore,
                DtlsPeek::Hello(hello) => Begins::Known(protocol, Some(hello)),
                DtlsPeek::NoHello => Begins::Known(protocol, None),
                DtlsPeek::Malformed => Begins::Broken,
            }
        }
        // While a ClientHello is awaited, others wait with it.
        Some(_) | None if !flow.held.is_empty() => Begins::NeedMore,
        protocol => Begins::Known(protocol, None),
    }
}

/// Whether a protocol that was told from a datagram means it. Channel data and media have no
/// mark: among packets of QUIC or of something unknown they come about by chance.
fn is_telling(flow: &Flow, protocol: Protocol) -> bool {
    let decided = &flow.decided.protocols;
    let is_first = matches!(flow.stage, Stage::First);
    let webrtc = [Protocol::Stun, Protocol::Turn, Protocol::Dtls];
    match protocol {
        Protocol::Rtp | Protocol::Rtcp => {
            is_first || webrtc.iter().any(|other| decided.contains(other))
        }
        Protocol::Turn => is_first || !decided.contains(&Protocol::Quic),
        _ => true,
    }
}

/// Whether the rules have not been asked about what a datagram begins.
fn is_new(flow: &Flow, protocol: Protocol, payload: &[u8]) -> bool {
    if !flow.decided.protocols.contains(&protocol) {
        return true;
    }
    match protocol {
        Protocol::Quic => {
            flow.decided.quic.as_ref().is_none_or(|peek| !peek.is_of_connection(payload))
        }
        Protocol::Dtls => opens_dtls(payload),
        Protocol::Stun | Protocol::Turn => stun::Message::read(payload).is_some_and(|message| {
            let asks = matches!(message.class, stun::Class::Request | stun::Class::Indication);
            let (realm, user) =
                (message.realm.unwrap_or_default(), message.username.unwrap_or_default());
            let known = flow
                .decided
                .methods
                .iter()
                .any(|(method, r, u)| *method == message.method && r == realm && u == user);
            asks && !known
        }),
        _ => false,
    }
}

/// A record of the first epoch that begins with a ClientHello (RFC 6347 §4.2.2).
fn opens_dtls(payload: &[u8]) -> bool {
    payload.first() == Some(&22)
        && payload.get(3..5) == Some(&[0, 0])
        && payload.get(13) == Some(&1)
}

/// Writes what a flow is into its record.
fn note(flow: &mut Flow, protocol: Option<Protocol>, hello: Option<&ClientHello>) {
    let Some(record) = &mut flow.record else { return };
    if let Some(protocol) = protocol
        && record.client.detected_protocol.is_empty()
    {
        record.client.detected_protocol = protocol.as_str().into();
    }
    if protocol == Some(Protocol::Quic) {
        record.client.transport = Some(Transport::Quic);
    }
    if let Some(hello) = hello {
        record.client.sni = hello.sni.as_deref().unwrap_or_default().into();
        record.client.ja4 = hello.ja4.as_str().into();
    }
}
