//! The seam between a transaction and who drives it: what it is told, and what it asks.

use std::net::IpAddr;

use gateway_h1h2::Event;
use gateway_log::{CloseReason, Record};

use crate::adapter::{AdaptInput, AdaptReport};
use crate::dial::{DialError, Dialed, Reuse};
use crate::external::{ScanId, ScanInput, ScanReport};
use crate::late::Late;
use crate::progress::{DeferInput, DeferReport, PickupInput, PickupReport};
use crate::quarantine::Quarantined;
use crate::worker::{Destination, FlowToken, Invocation, InvokeError};

/// One of the two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Leg {
    /// The side of the client.
    Client,
    /// The side of the origin.
    Origin,
}

/// What can happen to a transaction.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Input {
    /// The client's codec has delivered an event of the request, the head excepted.
    Client(Event),
    /// The origin's codec has delivered an event of the response.
    Origin(Event),
    /// What the host resolves to; the answer to [`Output::Resolve`].
    Resolved(Result<Vec<IpAddr>, DialError>),
    /// What became of [`Output::Dial`].
    Dialed(Result<Dialed, DialError>),
    /// A scan that was begun with [`Output::Scan`] has said something.
    Scan(ScanId, ScanReport),
    /// The exchange about the message from this side, begun with [`Output::Adapt`], has said
    /// something.
    Adapt(Leg, AdaptReport),
    /// What became of [`Output::Invoke`].
    Invoked(Result<Invocation, InvokeError>),
    /// Whoever keeps the response for which a page stands has said something; see [`Output::Defer`].
    Deferred(DeferReport),
    /// How the download is that was asked for, and its bytes; the answer to [`Output::Pickup`].
    Picked(PickupReport),
    /// Others have had their turn; the answer to [`Output::Again`].
    Again,
    /// The deadline has come.
    Timeout,
    /// It must end at once.
    Abort(CloseReason),
}

/// What a transaction wants done.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Output {
    /// Send this to the client.
    Client(Event),
    /// Send this to the origin.
    Origin(Event),
    /// This many body bytes have been taken in: the sender may send as many more.
    Credit(Leg, u64),
    /// Find out what the origin's host resolves to.
    Resolve,
    /// Connect to the origin; to no other than these addresses, if there are any.
    Dial(Vec<IpAddr>, Reuse),
    /// Give this to a scan by an [external scanner](crate::External); the first one begins it.
    Scan(ScanId, ScanInput),
    /// The transaction is over, and this scan of its goes on: its verdict is [`Late`].
    Detached(ScanId, Box<Late>),
    /// Give this to the exchange with an [`Adapter`](crate::Adapter) about the message from this
    /// side; the first one begins it.
    Adapt(Leg, AdaptInput),
    /// So many bytes of an answer to the message from the first side have gone on to the second:
    /// give as much [`AdaptInput::Credit`] once there is room for more on that side.
    AdaptCredit(Leg, Leg, u64),
    /// Hand the request to the Worker of this name: open a flow to this destination, and connect
    /// to the Worker as to an origin.
    Invoke(String, Box<Destination>),
    /// The Worker has left the body of the response that it was given for the flow of this token as
    /// it was: take that response from here on from the session that gave it.
    Join(FlowToken),
    /// A page may stand, or stands, for the response: give this to whoever keeps it meanwhile; the first one
    /// asks for a place there.
    Defer(DeferInput),
    /// The client asks for what a page has stood for: ask whoever keeps it.
    Pickup(PickupInput),
    /// There is more to look at than one turn allows: let others run, then put in
    /// [`Input::Again`].
    Again,
    /// HTTP is over: relay what follows, both ways.
    Upgrade,
    /// The record, when everything has been decided and sent, or given up.
    Record(Box<Record>),
    /// The same, of a body that was refused: keep that aside first.
    Quarantine(Box<Quarantined>),
}
