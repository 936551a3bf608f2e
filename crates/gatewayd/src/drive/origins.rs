//! The driver's side of origin connections: dialling, the pool, and streams in memory that lead to
//! sessions of their own.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use gateway_h1h2::Version;
use gateway_proxy::{
    Branch, Close, Dial, DialError, Dialed, Input, Invocation, Invoke, OriginId, OriginKey,
    Resting, Reuse, Session, Sharing,
};

use super::parting::let_go;
use super::pipe::{self, Pipe};
use super::session::{Driver, Happened, drive};
use super::stream::Stream;
use super::wire::{Wire, Written};
use crate::origin::{Parked, Ready};
use crate::workers::{Connected, Instance, Opened};

/// An origin connection, or what stands for one.
pub(super) struct Connection {
    pub(super) id: OriginId,
    pub(super) wire: Wire,
    home: Home,
}

/// Where a connection goes when it is idle.
enum Home {
    /// The pool, which knows it by these.
    Pool(Box<(OriginKey, Dialed)>),
    /// The Worker's process that it leads to.
    Worker(Arc<Instance>),
    /// Nowhere: a stream in memory is never idle, and a connection whose origin was told the
    /// client's address is nobody else's.
    Nowhere,
}

impl Connection {
    /// A stream in memory.
    pub(super) fn in_memory(id: OriginId, end: Pipe) -> Self {
        Self { id, wire: Wire::new(Stream::Memory(end)), home: Home::Nowhere }
    }
}

impl Driver {
    pub(super) fn dial(&mut self, dial: Dial) {
        // One that must be new is nobody else's, either.
        let sharing = match dial.reuse {
            Reuse::Pooled => dial.sharing,
            Reuse::Fresh => Sharing::Alone,
        };
        if sharing == Sharing::Shared
            && let Some(found) = self.gateway.dialer.shared.join(&dial.key, &dial.addresses)
        {
            let id = dial.id;
            self.work.push(Box::pin(async move { Happened::Placed(id, Box::new(found)) }));
            return;
        }
        // An idle connection is there at once: nothing is to be waited for.
        if dial.reuse == Reuse::Pooled
            && let Some(idle) = self.gateway.dialer.pool.take(&dial.key, &dial.addresses)
        {
            let input = self.connected(dial.id, dial.key, sharing, idle);
            self.session.handle(input, Instant::now());
            return;
        }
        let (dialer, client) = (self.gateway.dialer.clone(), self.session.client());
        self.work.push(Box::pin(async move {
            let (id, key) = (dial.id, dial.key.clone());
            Happened::Dialed(id, key, sharing, dialer.dial(dial, client).await.map(Box::new))
        }));
    }

    /// A connection is there; gives what the session is to be told.
    pub(super) fn connected(
        &mut self,
        id: OriginId,
        key: OriginKey,
        sharing: Sharing,
        ready: Ready,
    ) -> Input {
        let shares = sharing == Sharing::Shared && ready.dialed.version() == Version::Http2;
        if shares && !self.gateway.config.proxy_protocol.is_to(ready.dialed.peer.ip()) {
            return self.shared(id, key, ready);
        }
        let Ready { stream, dialed, resting } = ready;
        // What was said to be one client's is not another's.
        let home = match self.gateway.config.proxy_protocol.is_to(dialed.peer.ip()) {
            true => Home::Nowhere,
            false => Home::Pool(Box::new((key, dialed.clone()))),
        };
        // A session that is over would leave it where it is.
        if !self.session.is_done() {
            self.origins.push(Connection { id, wire: Wire::new(stream), home });
        }
        match resting {
            Some(resting) => Input::Revived(id, dialed, resting),
            None => Input::Dialed(id, Ok(dialed)),
        }
    }

    /// A connection is there that others may use too. If they have got one in the meantime, it waits
    /// in the pool until that is full.
    fn shared(&mut self, id: OriginId, key: OriginKey, ready: Ready) -> Input {
        let dialer = self.gateway.dialer.clone();
        let Ready { stream, dialed, resting } = ready;
        let found = if let Some((known, lane)) = dialer.shared.join(&key, &[dialed.peer.ip()]) {
            let since = Instant::now();
            dialer.pool.park(key, Parked { stream, dialed, resting, since });
            Some((known, lane))
        } else {
            let lane = dialer.shared.run(key, self.gateway.policy(), &dialed, stream, resting);
            lane.map(|lane| (dialed, lane))
        };
        match found {
            Some((dialed, lane)) => {
                // A session that is over gives its place up.
                if !self.session.is_done() {
                    self.lanes.take(id, lane);
                }
                Input::Shared(id, dialed)
            }
            None => Input::Dialed(id, Err(DialError::TimedOut)),
        }
    }

    pub(super) fn invoke(&mut self, invoke: Invoke) {
        let id = invoke.id;
        let opened = self.gateway.workers().invoke(invoke);
        let connected = match opened.map(Opened::at_once) {
            Ok(Ok(connected)) => Ok(self.invoked(id, connected)),
            Ok(Err(waiting)) => {
                let connecting = async move { Happened::Invoked(id, waiting.connect().await) };
                return self.work.push(Box::pin(connecting));
            }
            Err(error) => Err(error),
        };
        self.session.handle(Input::Invoked(id, connected), Instant::now());
    }

    /// A connection with a Worker is there; gives what the session is to be told.
    pub(super) fn invoked(&mut self, id: OriginId, connected: Connected) -> Invocation {
        let (stream, instance, invocation) = connected;
        if !self.session.is_done() {
            let home = Home::Worker(instance);
            self.origins.push(Connection { id, wire: Wire::new(stream), home });
        }
        invocation
    }

    /// Gives an idle connection back, unless something is still to be written to it.
    pub(super) fn park(&mut self, id: OriginId, resting: Option<Resting>) {
        if self.lanes.give_up(id) {
            return;
        }
        let Some(mut origin) = self.remove(id) else { return };
        let mut context = Context::from_waker(Waker::noop());
        let written = origin.wire.poll_write(&mut context);
        let clear = matches!(written, Poll::Ready(Ok(Written::All))) && !origin.wire.has_ended();
        if !clear {
            return;
        }
        let stream = origin.wire.into_stream();
        match origin.home {
            Home::Pool(known) => {
                let (key, dialed) = *known;
                let since = Instant::now();
                self.gateway.dialer.pool.park(key, Parked { stream, dialed, resting, since });
            }
            Home::Worker(instance) => instance.park(stream),
            Home::Nowhere => {}
        }
    }

    /// Runs a session over a stream in memory, and keeps the other end. It is a connection of the
    /// client like any other.
    pub(super) fn branch(&mut self, branch: Branch) {
        let id = branch.id;
        let gateway = self.gateway.clone();
        let Some(place) = gateway.place(branch.accepted.client.ip()) else {
            self.work.push(Box::pin(async move { Happened::Crowded(id) }));
            return;
        };
        let (outer, inner) = pipe::pair();
        let session = Session::within(branch, Instant::now());
        let life = self.lives.clone();
        tokio::spawn(drive(gateway, session, Stream::Memory(inner), life, Some(place)));
        self.origins.push(Connection::in_memory(id, outer));
    }

    /// Closes a connection, once what is to be written to it is written.
    pub(super) fn close_origin(&mut self, id: OriginId, close: Close) {
        if self.lanes.give_up(id) {
            return;
        }
        match close {
            Close::Abort => {
                if let Some(origin) = self.remove(id) {
                    let_go(origin.wire.into_stream(), close);
                }
            }
            Close::Graceful => {
                if let Some(origin) = self.origins.iter_mut().find(|origin| origin.id == id) {
                    origin.wire.close(close);
                }
            }
        }
    }

    pub(super) fn remove(&mut self, id: OriginId) -> Option<Connection> {
        let index = self.origins.iter().position(|origin| origin.id == id)?;
        Some(self.origins.swap_remove(index))
    }
}
