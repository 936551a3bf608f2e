//! Every bound and time-out of the machines, by name. The defaults are the ones to run with.

use std::time::Duration;

/// Bounds on what one connection may hold and do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Connections to origins, in use at a time, for the requests of one connection of a client.
    /// Default 64. What is asked for beyond waits for [`Timeouts::origin_turn`].
    pub origins_max: usize,
    /// Bounds of the HTTP/1.1 codec, on both sides.
    pub h1: gateway_h1h2::h1::Limits,
    /// Bounds of the HTTP/2 codec, on both sides.
    pub h2: gateway_h1h2::h2::Limits,
    /// Bounds of unpacking.
    pub content: gateway_content::Limits,
    /// Bounds of inspection and of what is held.
    pub inspect: gateway_inspect::Limits,
    /// Bounds of replaying a request on another connection.
    pub replay: ReplayLimits,
    /// Bounds of the flows of one UDP client.
    pub association: AssociationLimits,
    /// Bounds of holding WebSocket messages.
    pub websocket: WebSocketLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            origins_max: 64,
            h1: gateway_h1h2::h1::Limits::default(),
            h2: gateway_h1h2::h2::Limits::default(),
            content: gateway_content::Limits::default(),
            inspect: gateway_inspect::Limits::default(),
            replay: ReplayLimits::default(),
            association: AssociationLimits::default(),
            websocket: WebSocketLimits::default(),
        }
    }
}

/// How much of a WebSocket message waits for its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebSocketLimits {
    /// Bytes up to which a message is held until all of it was looked at, so that a block closes
    /// the connection in order. Default 64 KiB. A longer message streams as far as it is cleared;
    /// its frames up to this length still leave whole.
    pub hold_bytes_max: u64,
}

impl Default for WebSocketLimits {
    fn default() -> Self {
        Self { hold_bytes_max: 64 << 10 }
    }
}

/// What may be kept of a request so that it can be sent again when a reused connection turns out
/// to be dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplayLimits {
    /// Body bytes kept. Default 64 KiB; a request with a longer body is not repeated.
    pub body_bytes_max: u64,
    /// How often a request is repeated. Default 2.
    pub attempts_max: u32,
}

impl Default for ReplayLimits {
    fn default() -> Self {
        Self { body_bytes_max: 64 << 10, attempts_max: 2 }
    }
}

/// Bounds of the flows of one UDP client. What does not fit is dropped and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssociationLimits {
    /// Peers at a time, refused ones included. Default 256.
    pub peers_max: usize,
    /// Bytes of datagrams that wait for a decision, all flows together. Default 64 KiB.
    pub held_bytes_max: usize,
    /// Bytes of one datagram of the client. Default 65,507, the most that UDP over IPv4 carries.
    pub datagram_bytes_max: usize,
    /// Peers that the client may reach through one TURN relay. Default 64.
    pub relayed_peers_max: usize,
}

impl Default for AssociationLimits {
    fn default() -> Self {
        Self {
            peers_max: 256,
            held_bytes_max: 64 << 10,
            datagram_bytes_max: 65_507,
            relayed_peers_max: 64,
        }
    }
}

/// How long each wait may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// From the first byte expected to a complete request head. Default 10 s.
    pub head: Duration,
    /// From the answer to CONNECT to a complete ClientHello. Default 5 s. When it runs out the
    /// connection is decided as an unknown protocol, never let through.
    pub client_hello: Duration,
    /// A TLS handshake with the client, minting included. Default 10 s.
    pub client_tls: Duration,
    /// Resolving, connecting and the TLS handshake with the origin, together. Default 15 s.
    pub dial: Duration,
    /// From the last byte of the request that the origin has taken to the head of the response.
    /// Default 60 s.
    pub response_head: Duration,
    /// Between two pieces of a body, as long as the other side takes them. Default 60 s.
    pub body_idle: Duration,
    /// Without one byte taken by a side for which some wait, be it the client or the origin: the
    /// transfer ends. Default 2 min.
    pub stall: Duration,
    /// That a client of HTTP/1 which has ended its side is served without taking a byte: it may wait
    /// for its answer, or it has left. Default 30 s.
    pub half_closed: Duration,
    /// After so long in a request body, its mean rate must reach
    /// [`body_rate_min`](Self::body_rate_min). Default 10 s.
    pub body_rate_after: Duration,
    /// Bytes per second that a request body must reach. Default 500.
    pub body_rate_min: u64,
    /// Between two requests on a connection. Default 60 s.
    pub keep_alive: Duration,
    /// After so long without a request, an origin connection goes back to the pool. Default 2 s.
    pub park: Duration,
    /// Without a byte either way in a tunnel. Default 10 min.
    pub tunnel_idle: Duration,
    /// That both ends of a WebSocket get to end the connection once it is closed. Default 5 s.
    pub websocket_close: Duration,
    /// From the first datagram of a flow to the last one that is needed to tell what it is.
    /// Default 2 s. When it runs out the flow is refused.
    pub first_datagrams: Duration,
    /// Without a datagram either way in a flow. Default 2 min (RFC 4787 REQ-5).
    pub flow_idle: Duration,
    /// That a request waits for a connection to its origin while the client has as many as it may
    /// have ([`Limits::origins_max`]). Default 10 s.
    pub origin_turn: Duration,
    /// [`flow_idle`](Self::flow_idle) while the gateway is about to stop: who is quiet for so long has finished. Default
    /// 2 s.
    pub drain_idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            client_hello: Duration::from_secs(5),
            client_tls: Duration::from_secs(10),
            dial: Duration::from_secs(15),
            response_head: Duration::from_secs(60),
            body_idle: Duration::from_secs(60),
            stall: Duration::from_secs(120),
            half_closed: Duration::from_secs(30),
            body_rate_after: Duration::from_secs(10),
            body_rate_min: 500,
            keep_alive: Duration::from_secs(60),
            park: Duration::from_secs(2),
            tunnel_idle: Duration::from_secs(600),
            websocket_close: Duration::from_secs(5),
            first_datagrams: Duration::from_secs(2),
            flow_idle: Duration::from_secs(120),
            origin_turn: Duration::from_secs(10),
            drain_idle: Duration::from_secs(2),
        }
    }
}
