//! What can happen to the driver of a session, and how the session is told.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use gateway_h1h2::StreamId;
use gateway_log::CloseReason;
use gateway_proxy::{
    Close, DeferReport, DialError, Dialed, Input, InvokeError, LaneReport, OriginId, OriginKey,
    PickupReport, Sharing, Unidentified, User, Wire as Id,
};

use super::{Driver, LAST_BYTES};
use crate::drive::lanes::Lane;
use crate::drive::parting::let_go;
use crate::drive::pipe::Pipe;
use crate::drive::relay::Said;
use crate::drive::stream::Stream;
use crate::drive::wire::Wire;
use crate::icap;
use crate::origin::Ready;
use crate::scanners::Report;
use crate::serve::Life;
use crate::workers::Connected;

/// What can happen to the driver.
pub(in crate::drive) enum Happened {
    Read(Id, Bytes),
    Ended(Id),
    Broken(Id),
    Written(Id, Close),
    Resolved(StreamId, Result<Vec<std::net::IpAddr>, DialError>),
    Identified(StreamId, Result<Arc<User>, Unidentified>),
    Dialed(OriginId, OriginKey, Sharing, Result<Box<Ready>, DialError>),
    /// There was a place on a connection that others have.
    Placed(OriginId, Box<(Dialed, Lane)>),
    /// A connection that others have too has said something.
    Told(OriginId, Vec<(StreamId, LaneReport)>),
    Invoked(OriginId, Result<Connected, InvokeError>),
    /// A response of this session is wanted elsewhere.
    Joined(Pipe),
    /// It is wanted no more.
    Forsaken,
    ClientTls(Option<(Stream, gateway_proxy::ClientTlsDone)>),
    Relayed(Said),
    Associated(Option<std::net::SocketAddr>),
    AssociationEnded,
    /// There is no place for a session of its own.
    Crowded(OriginId),
    Scanned(Report),
    Adapted(icap::Report),
    /// Whoever keeps a response has said something.
    Deferred(StreamId, DeferReport),
    /// A download, or more of it.
    Picked(StreamId, PickupReport),
    Life(Life),
    Due,
    /// Others may have a turn now.
    Yield,
}

impl Driver {
    /// Tells the session what has happened.
    pub(super) fn take(&mut self, happened: Happened) {
        match happened {
            Happened::Read(id, bytes) => self.give(Input::Bytes(id, bytes)),
            Happened::Ended(Id::Client) | Happened::Broken(Id::Client) if self.parts() => {}
            Happened::Ended(id) => self.give(Input::End(id)),
            Happened::Broken(id) => {
                match id {
                    Id::Client => self.client = None,
                    Id::Origin(origin) => drop(self.remove(origin)),
                }
                self.give(Input::Gone(id));
            }
            Happened::Written(Id::Client, close) => {
                if let Some(client) = self.client.take() {
                    let_go(client.into_stream(), close);
                }
            }
            Happened::Written(Id::Origin(id), close) => {
                if let Some(origin) = self.remove(id) {
                    let_go(origin.wire.into_stream(), close);
                }
            }
            Happened::Resolved(stream, result) => self.give(Input::Resolved(stream, result)),
            Happened::Identified(stream, result) => self.give(Input::Identified(stream, result)),
            Happened::Dialed(id, key, sharing, Ok(ready)) => {
                let input = self.connected(id, key, sharing, *ready);
                self.give(input);
            }
            Happened::Dialed(id, _, _, Err(error)) => self.give(Input::Dialed(id, Err(error))),
            Happened::Placed(id, found) => {
                let (dialed, lane) = *found;
                self.lanes.take(id, lane);
                self.give(Input::Shared(id, dialed));
            }
            Happened::Told(id, reports) => self.give(Input::Lane(id, reports)),
            Happened::Invoked(id, result) => {
                let result = result.map(|connected| self.invoked(id, connected));
                self.give(Input::Invoked(id, result));
            }
            Happened::Joined(end) => self.joined(end),
            Happened::Forsaken => self.forsake(),
            Happened::ClientTls(Some((stream, done))) => {
                self.client = Some(Wire::new(stream));
                self.give(Input::ClientTls(done));
            }
            Happened::ClientTls(None) => self.give(Input::ClientTlsFailed),
            Happened::Relayed(Said::Progress(up, down)) => self.give(Input::Spliced(up, down)),
            Happened::Relayed(Said::Ended(up, down, reason)) => {
                self.relay = None;
                self.give(Input::SpliceEnded(up, down, reason));
            }
            Happened::Associated(bound) => self.give(Input::Associated(bound)),
            Happened::AssociationEnded => self.give(Input::AssociationEnded),
            Happened::Crowded(id) => self.give(Input::Crowded(id)),
            Happened::Scanned((stream, scan, report)) => {
                self.give(Input::Scan(stream, scan, report));
            }
            Happened::Adapted((stream, leg, report)) => {
                self.give(Input::Adapt(stream, leg, report));
            }
            Happened::Deferred(stream, said) => self.give(Input::Deferred(stream, said)),
            Happened::Picked(stream, report) => self.give(Input::Picked(stream, report)),
            Happened::Life(life) => self.on_life(life),
            Happened::Yield => {}
            Happened::Due => self.on_due(),
        }
        self.start_relay();
    }

    fn on_life(&mut self, life: Life) {
        match life {
            Life::Running => {}
            Life::Superseded => self.give(Input::Superseded),
            Life::Draining => self.give(Input::Drain),
            Life::Stopping => {
                self.relay = None;
                self.give(Input::Abort(CloseReason::ProxyConnRefused));
            }
        }
    }

    /// Tells the session who has taken something, however slowly, since it was last told.
    fn tell_taken(&mut self) {
        let client = self.client.iter_mut().map(|wire| (Id::Client, wire));
        let origins = self.origins.iter_mut().map(|o| (Id::Origin(o.id), &mut o.wire));
        for (id, wire) in client.chain(origins) {
            if let Some(at) = wire.last_taken() {
                self.done_since = self.done_since.map(|since| since.max(at));
                self.session.handle(Input::Taken(id, at), Instant::now());
            }
        }
    }

    fn on_due(&mut self) {
        self.timer = None;
        self.tell_taken();
        let overdue = |since: Instant| since.elapsed() >= LAST_BYTES;
        if self.done_since.is_some_and(overdue) {
            self.origins.clear();
            if let Some(client) = self.client.take() {
                client.into_stream().abort();
            }
        }
        self.give(Input::Timeout);
    }
}
