//! The origin connections of a session: which one serves a request, and what becomes of it after.

use std::net::IpAddr;

use gateway_h1h2::StreamId;

use super::{Output, Session, Stage, Wire, options};
use crate::dial::{Dial, DialError, Dialed, OriginId, Reuse};
use crate::origin::{Origin, Waiting};
use crate::transaction;

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
            if let Some(index) = self.position(stream) {
                self.give(index, transaction::Input::Origin(event));
            }
        }
        moved
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
        let key = exchange.transaction.origin().clone();
        // Nothing more is heard of the connection before, if there was one.
        for origin in &mut self.origins {
            origin.forget(stream);
        }
        if reuse == Reuse::Pooled
            && let Some(origin) = self.origins.iter().find(|o| o.key == key && o.can_take())
            && let Some(dialed) = origin.dialed_again()
        {
            exchange.transaction.serving = Some(origin.id);
            exchange.transaction.handle(transaction::Input::Dialed(Ok(dialed)), self.now);
            return;
        }
        self.park_idle_origins();
        let id = self.next_origin();
        if let Some(exchange) = self.exchanges.get_mut(index) {
            exchange.transaction.serving = Some(id);
        }
        let waiting = Waiting { stream, addresses: addresses.clone() };
        self.origins.push(Origin::dialing(id, key.clone(), Some(waiting)));
        self.emit(Output::Dial(Dial { id, key, addresses, reuse }));
    }

    /// The driver has connected an origin for transactions, or not.
    pub(super) fn on_origin_dialed(&mut self, id: OriginId, result: Result<Dialed, DialError>) {
        let options = options(&self.policy);
        let Some(origin) = self.origin_mut(id) else { return };
        let waiting = match &result {
            Ok(dialed) => origin.opened(dialed.clone(), options),
            Err(_) => {
                let waiting = origin.take_waiting();
                self.origins.retain(|origin| origin.id != id);
                waiting
            }
        };
        for (number, Waiting { stream, addresses }) in waiting.into_iter().enumerate() {
            let Some(index) = self.position(stream) else { continue };
            let takes = self.origin(id).is_none_or(Origin::can_take);
            if number == 0 || takes {
                self.give(index, transaction::Input::Dialed(result.clone()));
            } else {
                self.dial_for(index, addresses, Reuse::Fresh);
            }
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
        let mut idle = Vec::new();
        self.origins.retain(|origin| {
            let is_idle = origin.is_idle();
            if is_idle {
                idle.push(origin.id);
            }
            !is_idle
        });
        for id in idle {
            self.emit(Output::Park(id));
        }
    }
}
