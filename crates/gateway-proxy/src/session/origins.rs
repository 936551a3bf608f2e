//! The origin connections of a session: which one serves a request, and what becomes of it after.

use std::net::IpAddr;

use gateway_h1h2::{Codec, Event, Scheme, StreamId, Version};

use super::{Output, Session, Stage, Wire, origin_options};
use crate::dial::{Dial, DialError, Dialed, OriginId, Resting, Reuse, Sharing};
use crate::key::{OriginKey, Security};
use crate::origin::{Origin, Waiting};
use crate::transaction;

/// A request that waits for a connection: there are as many as there may be. No more wait than the
/// client may have streams.
pub(super) struct Queued {
    stream: StreamId,
    addresses: Vec<IpAddr>,
    reuse: Reuse,
}

/// What sort of connection the driver has found.
pub(super) enum Arrived {
    /// One without a past.
    New,
    /// One that has rested with its codec.
    Rested(Resting),
    /// A place on one that others use too.
    Shared,
}

impl Session {
    /// Takes one event from each origin's codec; whether there was any.
    pub(super) fn pump_origins(&mut self) -> bool {
        let mut moved = false;
        for index in 0..self.origins.len() {
            let Some((stream, event)) = self.origins.get_mut(index).and_then(Origin::poll_event)
            else {
                continue;
            };
            moved = true;
            let fault = self.origins.get_mut(index).and_then(Origin::take_fault);
            let found = self.origins.get_mut(index).and_then(Origin::take_found);
            if let Some(index) = self.position(stream) {
                if let Some(((found, checks), exchange)) = found.zip(self.exchanges.get_mut(index))
                {
                    exchange.transaction.note_found(found, &checks);
                }
                if let Some((fault, exchange)) = fault.zip(self.exchanges.get_mut(index)) {
                    exchange.transaction.note_fault(&fault.to_string());
                }
                self.give(index, transaction::Input::Origin(event));
            }
        }
        moved
    }

    /// Sends an event of the transaction at `index` to the connection that serves it; with the head go
    /// the checks that the rules want of the response.
    pub(super) fn send_to_origin(&mut self, index: usize, stream: StreamId, event: Event) {
        let Some(exchange) = self.exchanges.get(index) else { return };
        let Some(id) = exchange.transaction.serving else { return };
        let Some(origin) = self.origins.iter_mut().find(|origin| origin.id == id) else { return };
        if matches!(event, Event::RequestHead(_)) {
            origin.relax(exchange.transaction.relaxed(), &self.policy.settings.strictness.origin);
        }
        origin.send(stream, event);
    }

    /// The connection that serves the transaction on `stream`.
    pub(super) fn serving(&mut self, stream: StreamId) -> Option<&mut Origin> {
        let id = self.exchanges.get(self.position(stream)?)?.transaction.serving?;
        self.origin_mut(id)
    }

    /// Finds a connection for a transaction: one that is open, one that is being opened and will
    /// do for many, or a new one.
    pub(super) fn dial_for(&mut self, index: usize, addresses: Vec<IpAddr>, reuse: Reuse) {
        let Some(exchange) = self.exchanges.get_mut(index) else { return };
        let stream = exchange.stream;
        let key = exchange.transaction.origin();
        let before = exchange.transaction.serving;
        // Nothing more is heard of the connection before, if there was one.
        for origin in &mut self.origins {
            origin.forget(stream);
        }
        let open = self.origins.iter_mut().find(|origin| {
            let other = reuse == Reuse::Pooled
                || (origin.version() == Some(Version::Http2) && Some(origin.id) != before);
            other && origin.can_take() && serves(origin, key) && origin.is_at(&addresses)
        });
        if let Some(origin) = open
            && let Some(dialed) = origin.dialed_again()
        {
            exchange.transaction.serving = Some(origin.id);
            origin.promise(stream);
            exchange.transaction.handle(transaction::Input::Dialed(Ok(dialed)), self.now);
            return;
        }
        let key = key.clone();
        let waiting = Waiting { stream, addresses: addresses.clone() };
        // An origin that has spoken HTTP/2 will do so again: one connection does for all.
        if self.inside.as_ref().is_some_and(|inside| inside.version == Some(Version::Http2))
            && let Some(origin) = self.origins.iter_mut().find(|o| o.is_dialing() && o.key == key)
        {
            exchange.transaction.serving = Some(origin.id);
            return origin.join(waiting);
        }
        if self.busy_origins() >= self.policy.settings.limits.origins_max {
            if let Some(exchange) = self.exchanges.get_mut(index) {
                exchange.transaction.serving = None;
                exchange.transaction.wait_for_turn(self.now);
            }
            return self.queued.push(Queued { stream, addresses, reuse });
        }
        self.park_idle_origins();
        let id = self.next_origin();
        if let Some(exchange) = self.exchanges.get_mut(index) {
            exchange.transaction.serving = Some(id);
        }
        self.origins.push(Origin::dialing(id, key.clone(), Some(waiting)));
        let sharing = self.sharing();
        self.emit(Output::Dial(Dial { id, key, addresses, reuse, sharing }));
    }

    /// A client that asks one thing at a time does not need a connection for itself.
    fn sharing(&self) -> Sharing {
        match &self.stage {
            Stage::Proxying(proxying) if proxying.codec.version() != Version::Http2 => {
                Sharing::Shared
            }
            _ => Sharing::Alone,
        }
    }

    /// Connections with origins that are in use or being made.
    fn busy_origins(&self) -> usize {
        let counts =
            |origin: &&Origin| origin.key.security != Security::Worker && !origin.is_idle();
        self.origins.iter().filter(counts).count()
    }

    /// Serves requests that wait for a connection, as far as there is one for them or room for one
    /// more; whether any was.
    pub(super) fn serve_queued(&mut self) -> bool {
        let mut served = false;
        let mut at = 0;
        while let Some(queued) = self.queued.get(at) {
            let Some(index) = self.position(queued.stream) else {
                // It has been given up.
                self.queued.remove(at);
                continue;
            };
            let has_room = self.busy_origins() < self.policy.settings.limits.origins_max;
            if !has_room && !self.origins.iter().any(Origin::can_take) {
                break;
            }
            if !has_room && !self.has_way(index, queued) {
                at += 1;
                continue;
            }
            let Queued { stream, addresses, reuse } = self.queued.remove(at);
            if let Some(exchange) = self.exchanges.get_mut(index) {
                exchange.transaction.has_turn(self.now);
            }
            self.dial_for(index, addresses, reuse);
            self.drain(stream);
            served = true;
        }
        served
    }

    /// Whether a connection that is there will do for a request that waits.
    fn has_way(&self, index: usize, queued: &Queued) -> bool {
        let Some(exchange) = self.exchanges.get(index) else { return false };
        let key = exchange.transaction.origin();
        let fits = |origin: &Origin| {
            origin.can_take() && serves(origin, key) && origin.is_at(&queued.addresses)
        };
        queued.reuse == Reuse::Pooled && self.origins.iter().any(fits)
    }

    /// The driver has connected an origin for transactions, or not.
    pub(super) fn on_origin_dialed(
        &mut self,
        id: OriginId,
        result: Result<Dialed, DialError>,
        arrived: Arrived,
    ) {
        let waiting = match &result {
            Ok(dialed) => Some(self.open_origin(id, dialed, arrived)),
            Err(_) => {
                let waiting = self.origin_mut(id).map(Origin::take_waiting);
                self.origins.retain(|origin| origin.id != id);
                waiting
            }
        };
        let waiting = waiting.unwrap_or_default();
        for (number, Waiting { stream, addresses }) in waiting.into_iter().enumerate() {
            let Some(index) = self.position(stream) else { continue };
            let takes = self.origin(id).is_none_or(Origin::can_take);
            if number == 0 || takes {
                if let Some(origin) = self.origin_mut(id) {
                    origin.promise(stream);
                }
                self.give(index, transaction::Input::Dialed(result.clone()));
            } else {
                self.dial_for(index, addresses, Reuse::Fresh);
            }
        }
    }

    /// A connection is there: it has its codec, or a place on one that is shared. Gives the streams
    /// that wait.
    pub(super) fn open_origin(
        &mut self,
        id: OriginId,
        dialed: &Dialed,
        arrived: Arrived,
    ) -> Vec<Waiting> {
        self.note_version(dialed);
        let codec = match arrived {
            Arrived::Shared => None,
            Arrived::New => Some(self.origin_codec(dialed, None)),
            Arrived::Rested(resting) => Some(self.origin_codec(dialed, Some(resting))),
        };
        let Some(origin) = self.origin_mut(id) else { return Vec::new() };
        match codec {
            Some(codec) => origin.opened(dialed.clone(), codec),
            None => origin.shared(dialed.clone()),
        }
    }

    /// The codec for a connection: the one that it has rested with, or a new one.
    pub(super) fn origin_codec(&self, dialed: &Dialed, resting: Option<Resting>) -> Codec {
        let scheme = if dialed.tls.is_some() { Scheme::Https } else { Scheme::Http };
        resting.map_or_else(
            || Codec::client(dialed.version(), origin_options(&self.policy, scheme)),
            |resting| *resting.0,
        )
    }

    /// Remembers the version that the origin of a tunnel speaks.
    pub(super) fn note_version(&mut self, dialed: &Dialed) {
        if let Some(inside) = &mut self.inside {
            inside.version = Some(dialed.version());
        }
    }

    /// What the transaction on `stream` no longer needs is given up or kept for the next.
    pub(super) fn on_exchange_over(&mut self, stream: StreamId) {
        for origin in &mut self.origins {
            origin.forget(stream);
        }
        if let Stage::Proxying(proxying) = &mut self.stage {
            proxying.since = self.now;
        }
    }

    /// Closes origins that failed, and what nobody will use again.
    pub(super) fn sweep_origins(&mut self) {
        if !matches!(self.stage, Stage::Proxying(_)) {
            return;
        }
        let mut closing = Vec::new();
        self.origins.retain(|origin| match origin.must_close() {
            Some(close) if origin.is_unused() => {
                closing.push((origin.id, close));
                false
            }
            _ => true,
        });
        for (id, close) in closing {
            self.emit(Output::Close(Wire::Origin(id), close));
        }
    }

    /// Gives idle origin connections to the pool: the next request is for another one, or does not
    /// come soon.
    pub(super) fn park_idle_origins(&mut self) {
        for origin in self.origins.extract_if(.., |origin| origin.is_idle()) {
            let id = origin.id;
            self.out.push_back(Output::Park(id, origin.into_resting()));
        }
    }
}

/// Whether `origin` will do for what is asked of `key`: a connection to the same place that speaks
/// HTTP/1.1 is as good as one that was not offered anything else.
fn serves(origin: &Origin, key: &OriginKey) -> bool {
    origin.key == *key
        || (origin.version() == Some(Version::Http11) && origin.key.over_http11() == *key)
}
