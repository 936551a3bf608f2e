//! What the first bytes of a connection or of a flow of datagrams say.

use std::net::SocketAddr;

use bytes::Bytes;
use gateway_h1h2::sniff::Protocol;
use gateway_h1h2::stun;
use gateway_rules::{Facts, Phase, RuleSet, Value, field};
use gateway_tls::ClientHello;

use super::{Setter, domains};
use crate::policy::Policy;

/// What the first bytes of a flow have shown.
pub(crate) struct FirstBytes<'a> {
    /// `None`: nothing that is known.
    pub(crate) protocol: Option<Protocol>,
    /// The ClientHello of QUIC or datagram TLS.
    pub(crate) hello: Option<&'a ClientHello>,
    /// The message of STUN or TURN.
    pub(crate) message: Option<&'a stun::Message<'a>>,
}

/// The client sends datagrams.
pub(crate) fn udp(rules: &RuleSet, facts: &mut Facts) {
    Setter { rules, facts }.set(field::NET_PROTOCOL, || "udp");
}

/// Which protocol the first bytes show, if any; its phase stays open.
pub(crate) fn detection(rules: &RuleSet, facts: &mut Facts, protocol: Option<Protocol>) {
    let mut to = Setter { rules, facts };
    if let Some(protocol) = protocol {
        to.set(field::NET_PROTOCOL_DETECTION, || protocol.as_str());
    }
}

/// What the first datagrams of a flow say; closes their phase.
pub(crate) fn first_datagrams(policy: &Policy, facts: &mut Facts, seen: &FirstBytes<'_>) {
    detection(&policy.rules, facts, seen.protocol);
    if let Some(name) = seen.hello.and_then(|hello| hello.sni.as_deref()) {
        super::catalogs::host(policy, facts, name);
    }
    let mut to = Setter { rules: &policy.rules, facts };
    if let Some(hello) = seen.hello {
        let is_quic = seen.protocol == Some(Protocol::Quic);
        if let Some(name) = hello.sni.as_deref() {
            let own = if is_quic { field::QUIC_SNI } else { field::WEBRTC_DTLS_SNI };
            to.set(own, || name);
            to.set(field::NET_SNI_HOST, || name);
            to.set(field::NET_SNI_DOMAINS, || domains(name));
        }
        let alpn = || hello.alpn.iter().cloned().collect::<Value>();
        if is_quic {
            to.set(field::QUIC_ALPN, alpn);
        }
        to.set(field::TLS_ALPN, alpn);
        to.set(field::TLS_ECH_PRESENT, || hello.ech_present);
        to.set(field::TLS_JA4, || &*hello.ja4);
    }
    if let Some(message) = seen.message {
        to.set(field::WEBRTC_STUN_METHOD, || message.method.as_str());
        if !message.peers.is_empty() {
            let peers = &message.peers;
            to.set(field::WEBRTC_TURN_PEER_IP, || {
                peers.iter().map(SocketAddr::ip).collect::<Value>()
            });
            to.set(field::WEBRTC_TURN_PEER_PORT, || {
                Value::Array(peers.iter().map(|peer| Value::from(peer.port())).collect())
            });
        }
        if let Some(realm) = message.realm {
            to.set(field::WEBRTC_TURN_REALM, || Bytes::copy_from_slice(realm));
        }
        if let Some(username) = message.username {
            to.set(field::WEBRTC_TURN_USERNAME, || Bytes::copy_from_slice(username));
        }
    }
    facts.close(Phase::ClientHello);
}
