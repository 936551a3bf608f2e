//! The peers that a TURN relay is asked to reach: each is a destination like any other, though the
//! gateway does not send to it itself (RFC 8656 §9 to §12).

use std::net::SocketAddr;

use gateway_h1h2::sniff::Protocol;
use gateway_h1h2::stun::{Class, Message};
use gateway_log::Text;
use gateway_rules::{Gate, Phase};

use super::Association;
use crate::facts::flow::{FirstBytes, first_datagrams};
use crate::judge::{Refusal, Ruling};

/// Refused peers that a record names.
const NAMED_MAX: usize = 8;

/// Why a peer may not be reached through a relay.
enum Denied {
    Address(&'static str),
    Rule(Refusal),
    TooMany,
}

impl Association {
    /// Whether a message of TURN may pass: every peer that it names may be reached.
    pub(super) fn may_relay(&mut self, index: usize, payload: &[u8]) -> bool {
        // Channel data goes to peers whose binding has passed.
        let Some(message) = Message::read(payload) else { return true };
        if !matches!(message.class, Class::Request | Class::Indication) {
            return true;
        }
        if message.peers_unclear {
            self.note_denied(index, "a TURN peer cannot be read".to_owned());
            return false;
        }
        for peer in &message.peers {
            if let Err(denied) = self.check_peer(index, &message, *peer) {
                let why = match denied {
                    Denied::Address(reason) => reason.to_owned(),
                    Denied::Rule(refusal) => format!("rule {}", refusal.rule.id),
                    Denied::TooMany => "too many".to_owned(),
                };
                self.note_denied(index, format!("the TURN peer {peer} is refused: {why}"));
                return false;
            }
        }
        true
    }

    fn check_peer(
        &mut self,
        index: usize,
        message: &Message<'_>,
        peer: SocketAddr,
    ) -> Result<(), Denied> {
        let relayed_max = self.policy.settings.limits.association.relayed_peers_max;
        let Some(flow) = self.flows.get_mut(index) else { return Err(Denied::TooMany) };
        if flow.decided.relayed.contains(&peer) {
            return Ok(());
        }
        if flow.decided.relayed.len() >= relayed_max {
            return Err(Denied::TooMany);
        }
        if let Some(reason) = self.addresses.refusal(peer) {
            return Err(Denied::Address(reason));
        }
        let seen =
            FirstBytes { protocol: Some(Protocol::Turn), hello: None, message: Some(message) };
        // Once as a message to the relay, once as if the client went to the peer itself.
        let mut as_sent = flow.base.clone().unwrap_or_else(|| flow.judge.facts.clone());
        let mut as_peer = self.judge.facts.clone();
        crate::facts::destination(&self.policy, &mut as_peer, &peer.ip().to_string(), peer.port());
        as_peer.close(Phase::Connect);
        for facts in [&mut as_sent, &mut as_peer] {
            first_datagrams(&self.policy, facts, &seen);
            flow.judge.facts = facts.clone();
            if let Ruling::Refuse(refusal) = flow.judge.ask(Gate::Tunnel) {
                return Err(Denied::Rule(refusal));
            }
        }
        flow.decided.relayed.push(peer);
        Ok(())
    }

    fn note_denied(&mut self, index: usize, said: String) {
        let said = Text::from(said);
        if let Some(record) = self.flows.get_mut(index).and_then(|flow| flow.record.as_mut())
            && record.warnings.len() < NAMED_MAX
            && !record.warnings.contains(&said)
        {
            record.warnings.push(said);
        }
    }
}
