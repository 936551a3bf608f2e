//! What a stream that is a connection asks for, as a request of HTTP/1.1, and what the answer to that is in
//! HTTP/2.

use bytes::Bytes;
use gateway_h1h2::ws::{Handshake, HandshakeError};
use gateway_h1h2::{RequestHead, ResponseHead, connect_udp};
use http::{Method, StatusCode};

use super::Session;
use crate::policy::ConnectUdpPolicy;

/// What a stream asks for.
pub(super) enum Asks {
    Tunnel,
    /// With this handshake of HTTP/1.1.
    WebSocket(Box<Handshake>),
    /// A stream of datagrams (RFC 9298).
    Datagrams,
}

/// A request of HTTP/1.1 and what it asks for.
type Asked = (RequestHead, Asks);

/// Why a stream gets no session of its own.
type Unfit = (StatusCode, &'static str);

impl Asks {
    /// The answer as the client gets it; in place of one that means something else in HTTP/2, the
    /// status of an error.
    pub(super) fn answer(&self, mut head: ResponseHead) -> Result<ResponseHead, StatusCode> {
        let agrees = match self {
            Self::Tunnel => return Ok(head),
            Self::WebSocket(handshake) => handshake.accepts(&head).is_ok(),
            Self::Datagrams => true,
        };
        if head.status == StatusCode::SWITCHING_PROTOCOLS && agrees {
            head.status = StatusCode::OK;
            head.reason = Bytes::new();
            for name in ["Upgrade", "Connection", "Sec-WebSocket-Accept"] {
                head.fields.remove(name);
            }
            return Ok(head);
        }
        // A success would say that the protocol was changed (RFC 8441 §5).
        let misleads = head.status.is_success() || head.status.is_informational();
        if misleads { Err(StatusCode::BAD_GATEWAY) } else { Ok(head) }
    }
}

pub(super) fn tunnel_request(head: &RequestHead) -> Asked {
    let mut asked = RequestHead::new(head.method.clone(), head.target.clone());
    asked.fields = head.fields.clone();
    // An authority is a valid value.
    let _ = asked.fields.set("Host", head.target.to_string());
    (asked, Asks::Tunnel)
}

/// The request of HTTP/1.1 for what an extended CONNECT asks for (RFC 9298 §3.2, §3.4).
pub(super) fn datagrams_request(head: &RequestHead) -> Result<Asked, Unfit> {
    let bad = |_| (StatusCode::BAD_REQUEST, "Datagrams are not asked for in order.");
    let mut asked = RequestHead::new(Method::GET, head.target.to_origin_form());
    asked.fields = head.fields.clone();
    let authority = head.target.authority().map(ToString::to_string).unwrap_or_default();
    for (name, value) in [
        ("Host", authority.as_str()),
        ("Upgrade", connect_udp::PROTOCOL),
        ("Connection", "Upgrade"),
    ] {
        asked.fields.set(name, value).map_err(bad)?;
    }
    Ok((asked, Asks::Datagrams))
}

impl Session {
    /// Whether the protocol of an extended CONNECT is that of datagrams, and they are relayed.
    pub(super) fn relays_datagrams_for(&self, protocol: &[u8]) -> bool {
        self.inside.is_none()
            && self.policy.settings.connect_udp == ConnectUdpPolicy::Relay
            && protocol == connect_udp::PROTOCOL.as_bytes()
    }

    /// The request of HTTP/1.1 that asks for what an extended CONNECT asks for (RFC 8441 §5).
    pub(super) fn websocket_request(&self, head: &RequestHead, key: &str) -> Result<Asked, Unfit> {
        let bad = |_| (StatusCode::BAD_REQUEST, "The WebSocket is not asked for in order.");
        let Some(authority) = head.target.authority() else {
            return Err((StatusCode::BAD_REQUEST, "The request names no host."));
        };
        let target = match &self.inside {
            Some(_) => head.target.to_origin_form(),
            None => head.target.clone(),
        };
        let mut asked = RequestHead::new(Method::GET, target);
        asked.fields = head.fields.clone();
        for (name, value) in [
            ("Host", authority.to_string().as_str()),
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Key", key),
        ] {
            asked.fields.set(name, value).map_err(|_| bad(HandshakeError::Key))?;
        }
        let handshake = Handshake::of_request(&asked).map_err(bad)?;
        Ok((asked, Asks::WebSocket(Box::new(handshake))))
    }
}
