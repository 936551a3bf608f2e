//! The seam between a session and its driver: what it begins with, what it is told, what it asks.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_h1h2::StreamId;
use gateway_log::{ClientSide, CloseReason, Common, Inspection, Record};

use super::connect_udp::CapsuleStream;
use super::exchange::Inside;
use crate::adapter::{AdaptInput, AdaptReport};
use crate::clock::Clock;
use crate::credentials::Credentials;
use crate::dial::{Close, Dial, DialError, Dialed, OriginId, Resting};
use crate::external::{ScanId, ScanInput, ScanReport};
use crate::identity::{Known, User};
use crate::key::{Agreed, Alpn};
use crate::late::Late;
use crate::origin::LaneReport;
use crate::policy::Policy;
use crate::progress::{DeferInput, DeferReport, PickupInput, PickupReport};
use crate::quarantine::Quarantined;
use crate::transaction::Leg;
use crate::worker::{FlowToken, Invocation, Invoke, InvokeError};

/// What a session begins with.
#[derive(Clone)]
pub struct Accepted {
    /// The policy it runs under to its end.
    pub policy: Arc<Policy>,
    /// The calendar.
    pub clock: Clock,
    /// The client's address.
    pub client: SocketAddr,
    /// Names the session in records, and with a number behind it each transaction; unique in the
    /// fleet.
    pub id: String,
    /// What is known of the client before it has said a word.
    pub known: Known,
}

/// One of the connections of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wire {
    /// The accepted one.
    Client,
    /// One to an origin.
    Origin(OriginId),
}

/// What can happen to a session.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input {
    /// Bytes have come; within TLS, once that stands.
    Bytes(Wire, Bytes),
    /// The other end sends no more.
    End(Wire),
    /// The connection is broken.
    Gone(Wire),
    /// What a host resolves to; the answer to [`Output::Resolve`].
    Resolved(StreamId, Result<Vec<IpAddr>, DialError>),
    /// Whose credentials those are; the answer to [`Output::Identify`], on its stream.
    Identified(StreamId, Result<Arc<User>, Unidentified>),
    /// What became of [`Output::Dial`].
    Dialed(OriginId, Result<Dialed, DialError>),
    /// [`Output::Dial`] was answered by a connection of the pool that has kept its state.
    Revived(OriginId, Dialed, Resting),
    /// [`Output::Dial`] was answered by a place on a connection that others use too: what its
    /// [`Shared`](crate::Shared) says comes by [`Input::Lane`], and what it is to be told is given by
    /// [`Session::poll_lane`](super::Session::poll_lane).
    Shared(OriginId, Dialed),
    /// A shared connection has said these things, each of the exchange with that number.
    Lane(OriginId, Vec<(StreamId, LaneReport)>),
    /// What became of [`Output::Invoke`].
    Invoked(OriginId, Result<Invocation, InvokeError>),
    /// TLS with the client stands; the answer to [`Output::ClientTls`].
    ClientTls(ClientTlsDone),
    /// TLS with the client failed.
    ClientTlsFailed,
    /// How many bytes a splice has relayed so far, from the client and from the origin.
    Spliced(u64, u64),
    /// A splice has ended, for this reason, after so many bytes from the client and the origin.
    SpliceEnded(u64, u64, CloseReason),
    /// A relay for the client's datagrams stands and takes them at this address, or cannot be
    /// made; the answer to [`Output::Associate`].
    Associated(Option<SocketAddr>),
    /// There is no room for the session that [`Output::Branch`] asks for: the client has as many
    /// connections as it may have.
    Crowded(OriginId),
    /// The relay has ended by itself.
    AssociationEnded,
    /// A scan for this stream has said something; see [`Output::Scan`].
    Scan(StreamId, ScanId, ScanReport),
    /// An exchange about a message of this stream has said something; see [`Output::Adapt`].
    Adapt(StreamId, Leg, AdaptReport),
    /// Whoever keeps the response of this stream, for which a page stands, has said something; see
    /// [`Output::Defer`].
    Deferred(StreamId, DeferReport),
    /// How a download is that this stream asks for, and its bytes; the answer to [`Output::Pickup`].
    Picked(StreamId, PickupReport),
    /// Others have had their turn; the answer to [`Output::Again`].
    Again,
    /// The other end of this has last taken bytes that it had let wait, at this time. To be said
    /// before [`Timeout`](Self::Timeout), so that nobody who takes what there is, however slowly, is
    /// taken for idle.
    Taken(Wire, Instant),
    /// The deadline has come.
    Timeout,
    /// Another policy has taken the place of this session's: the next request is the last one, and
    /// its response says so (RFC 9112 §9.6), so that the client comes back under the new policy
    /// and no request is lost between the two.
    Superseded,
    /// The gateway is about to stop: finish what is in progress, begin nothing.
    Drain,
    /// It must end at once.
    Abort(CloseReason),
}

/// What a session wants done.
#[derive(Debug)]
#[non_exhaustive]
pub enum Output {
    /// Find out what a host resolves to, for this stream.
    Resolve(StreamId, String),
    /// Find out whose credentials these are; answer with [`Input::Identified`].
    Identify(Identify),
    /// Connect to an origin.
    Dial(Dial),
    /// Open a flow to a destination, and connect to a Worker for it.
    Invoke(Invoke),
    /// On the egress: the request that has come is that of the flow of this token. Whatever is
    /// written to the client from here on may be wanted again, see [`Output::Join`].
    Claimed(FlowToken),
    /// The response that the egress session for the flow of this token has begun, from its first
    /// byte, is wanted here and no more by the Worker: open a stream in memory by this name, and
    /// have that session write to the other end.
    Join(OriginId, FlowToken),
    /// Mint a certificate and take the client's TLS handshake with it, once what is to be written
    /// to the client has been written.
    ClientTls(ClientTls),
    /// Relay between client and origin from here on, byte for byte, once what is to be written to
    /// both has been written; report with [`Input::Spliced`] and [`Input::SpliceEnded`].
    Splice(Splice),
    /// The origin connection is idle and can serve others: to the pool with it, and with what it
    /// must not lose there. It is this session's no more.
    Park(OriginId, Option<Resting>),
    /// Run a session of its own over a stream in memory.
    Branch(Box<Branch>),
    /// Close the connection once its output is written. It is this session's no more.
    Close(Wire, Close),
    /// Shut the sending side once its output is written; reading goes on.
    Shutdown(Wire),
    /// Make a relay for datagrams of this client, of whom so much is known, an
    /// [`Association`](crate::Association) that lasts as long as the session; answer with
    /// [`Input::Associated`].
    Associate(Known),
    /// Give this to a scan of a body of this stream by an [external scanner](crate::External); the
    /// first one begins it.
    Scan(StreamId, ScanId, ScanInput),
    /// This scan goes on after all else of its stream has ended: its verdict is [`Late`].
    Detached(StreamId, ScanId, Box<Late>),
    /// Give this to the exchange with an [`Adapter`](crate::Adapter) about a message of this
    /// stream, the request or the response by the side that it comes from; the first one begins it.
    Adapt(StreamId, Leg, AdaptInput),
    /// Take the client's connection once all is written to it, and relay the datagrams that come in
    /// its capsules until it ends; then put in [`Input::AssociationEnded`].
    Capsules(CapsuleStream),
    /// Give this to whoever keeps the response of this stream, for which a page stands or may stand at the
    /// client; answer with [`Input::Deferred`]. The session may go on after its client has gone, until each
    /// such response has come to its end.
    Defer(StreamId, DeferInput),
    /// Ask whoever keeps such responses for one, which the client of this stream asks for; answer with
    /// [`Input::Picked`].
    Pickup(StreamId, PickupInput),
    /// There is more to look at than one turn allows: let others run, then put in
    /// [`Input::Again`].
    Again,
    /// A record.
    Record(Box<Record>),
    /// Keep this body aside; then its record is one like any other.
    Quarantine(Box<Quarantined>),
}

/// Credentials to be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identify {
    /// The stream that waits.
    pub stream: StreamId,
    /// Where the client is.
    pub client: IpAddr,
    /// What it has given.
    pub credentials: Credentials,
}

/// Why credentials name nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unidentified {
    /// They are wrong, or no longer right. The client is asked for better ones.
    #[error("the credentials are wrong")]
    Wrong,
    /// So many wrong ones have come that no more are looked at for a while.
    #[error("too many wrong credentials have come")]
    Locked {
        /// After how long they are looked at again.
        retry_after: Duration,
    },
    /// They cannot be checked now.
    #[error("credentials cannot be checked now")]
    Busy,
}

/// A TLS handshake to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientTls {
    /// The name that the client expects: SNI, else the host of CONNECT. A name or an IP literal.
    pub name: String,
    /// The origin's certificate in DER, to be mirrored; `None` if there is none to show, as the
    /// client is going to be answered with a page.
    pub mirror: Option<Bytes>,
    /// What to agree to by ALPN.
    pub alpn: Alpn,
    /// What the client has sent of the handshake so far.
    pub replay: Bytes,
}

/// What a TLS handshake with the client agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientTlsDone {
    /// Version, such as `TLSv1.3`.
    pub version: String,
    /// Cipher suite by its IANA name.
    pub cipher: String,
    /// Whether the certificate came from the cache.
    pub mint_cache_hit: bool,
    /// What ALPN has chosen.
    pub agreed: Agreed,
    /// How long minting took.
    pub mint: Duration,
    /// How long the handshake took, minting included.
    pub handshake: Duration,
}

/// A stream of a connection that is to be a connection itself: CONNECT over HTTP/2 (RFC 9113
/// §8.5).
///
/// The driver runs [`Session::new`](super::Session::new) with `accepted` over one end of a stream
/// in memory. The other end is [`Wire::Origin`]`(id)` of this session, which asks the inner one for
/// the tunnel in HTTP/1.1, as a client would, and passes the bytes on from then on.
#[derive(Clone)]
pub struct Branch {
    /// The name of the outer end.
    pub id: OriginId,
    /// What the inner session begins with.
    pub accepted: Accepted,
    /// Where it goes on inside of what was decided already; `None` for a tunnel.
    pub(super) within: Option<Box<Within>>,
}

/// What is known and decided of the connection that a WebSocket over HTTP/2 came in.
#[derive(Clone)]
pub(super) struct Within {
    /// The stream that asks for it.
    pub(super) stream: StreamId,
    /// Where the connection leads, if it came in a tunnel.
    pub(super) inside: Option<Inside>,
    pub(super) facts: gateway_rules::Facts,
    pub(super) client: Common<ClientSide>,
    pub(super) inspection: Inspection,
}

impl std::fmt::Debug for Branch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Branch").field("id", &self.id).field("session", &self.accepted.id).finish()
    }
}

/// A relay of bytes without a look inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Splice {
    /// The origin's connection.
    pub origin: OriginId,
    /// It ends after so long without a byte.
    pub idle: Duration,
}
