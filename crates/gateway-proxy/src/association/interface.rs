//! The seam between an association and its driver.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use gateway_h1h2::socks::Destination;
use gateway_log::{CloseReason, Record};

use crate::clock::Clock;
use crate::dial::DialError;
use crate::identity::Known;
use crate::policy::Policy;

/// What an association begins with.
#[derive(Clone)]
pub struct Opened {
    /// The policy it runs under to its end.
    pub policy: Arc<Policy>,
    /// The calendar.
    pub clock: Clock,
    /// The client's address.
    pub client: SocketAddr,
    /// Names the association in records, and with a number behind it each flow; unique in the
    /// fleet.
    pub id: String,
    /// Which addresses may be sent to.
    pub addresses: Arc<dyn AddressCheck>,
    /// What is known of the client.
    pub known: Known,
}

/// Which addresses may be sent to, whatever the rules say.
pub trait AddressCheck: Send + Sync {
    /// Why `address` may not be sent to, such as `loopback`; `None` if it may.
    fn refusal(&self, address: SocketAddr) -> Option<&'static str>;
}

/// Names a flow within its association.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlowId(pub(crate) u32);

/// What can happen to an association.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Input {
    /// A datagram of the client.
    FromClient {
        /// Where it is to go.
        to: Destination,
        /// What it carries.
        payload: Bytes,
    },
    /// A datagram of a peer.
    FromPeer {
        /// Where it comes from.
        peer: SocketAddr,
        /// What it carries.
        payload: Bytes,
    },
    /// A datagram came that says not where it is to go, or that the driver had no room for.
    Malformed,
    /// What a host resolves to; the answer to [`Output::Resolve`].
    Resolved(FlowId, Result<Vec<IpAddr>, DialError>),
    /// The deadline has come.
    Timeout,
    /// The gateway is about to stop: no new peers, and flows that have gone quiet end. It ends with
    /// the last one.
    Drain,
    /// It must end at once.
    Abort(CloseReason),
}

/// What an association wants done.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Output {
    /// Find out what a host resolves to.
    Resolve(FlowId, String),
    /// Send to a peer.
    ToPeer {
        /// Where to.
        peer: SocketAddr,
        /// What.
        payload: Bytes,
    },
    /// Send to the client, as from a peer.
    ToClient {
        /// The peer that it came from.
        peer: SocketAddr,
        /// What.
        payload: Bytes,
    },
    /// A record.
    Record(Box<Record>),
}
