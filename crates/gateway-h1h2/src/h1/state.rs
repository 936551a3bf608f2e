//! Where a connection is: its two directions, and the exchange that both have to know of.

use http::Method;

use super::H1Error;
use super::intake::Body;
use super::offer::Offer;
use crate::{Framing, StreamId};

/// Whether more bytes can come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inflow {
    Open,
    /// The peer ended its direction in order.
    Ended,
    /// The connection broke off.
    Broken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Server,
    Client,
}

/// The direction from the peer.
///
/// ```text
///        +--------------------------- next exchange ---+
///        v                                             |
///      Head --> Body --> Ending --> Ended -------------+
///        |        |  \                                 |
///        |        |   +--> Draining (server) ----------+
///        v        v
///   Switching   Closed, Failed
///        |
///      Tunnel
/// ```
#[derive(Debug)]
pub(super) enum Receiving {
    /// Between two messages or inside a head.
    Head,
    /// Behind a head with a body.
    Body(Body),
    /// The message is complete, its end not yet told.
    Ending,
    /// The message is complete.
    Ended,
    /// The response was sent; this rest of the request nobody wants.
    Draining { body: Body, left: u64 },
    /// HTTP is over, which is not yet told.
    Switching,
    /// HTTP is over.
    Tunnel,
    /// No more messages come.
    Closed,
    /// A check refused a message.
    Failed(H1Error),
}

/// The direction to the peer.
///
/// ```text
///   Idle --> Head (server) --> Body --> Trailed --> Ended --> Idle
///     \___________________________^          any --> Tunnel, Closed
/// ```
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sending {
    /// No message is due.
    Idle,
    /// A response is due.
    Head,
    /// Behind a head: `Length` counts the bytes that are still owed.
    Body(Framing),
    /// Behind the trailers.
    Trailed,
    /// The message is complete.
    Ended,
    /// HTTP is over.
    Tunnel,
    /// No more messages may go.
    Closed,
}

/// What both directions have to know of the exchange in progress.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) stream: StreamId,
    /// The method of the request.
    pub(super) method: Method,
    /// The peer understands interim responses and chunks.
    pub(super) modern: bool,
    /// What the request asks to change to.
    pub(super) offer: Offer,
    /// Both sides let the connection live on, as far as is known.
    pub(super) persistent: bool,
    /// Interim responses received.
    pub(super) informational: usize,
}
