//! Handing requests to Workers: the connection with a Worker is one more origin connection, used for
//! one request at a time and then given back, so that the next request of any session counts anew.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::{Output, Session};
use crate::dial::{Dialed, OriginId};
use crate::key::{OriginKey, Security, TenantId};
use crate::origin::{Origin, Waiting};
use crate::transaction;
use crate::worker::{Destination, FlowToken, Invocation, Invoke, InvokeError};

impl Session {
    /// A transaction wants its request handed over.
    pub(super) fn invoke_for(
        &mut self,
        index: usize,
        worker: String,
        destination: Box<Destination>,
    ) {
        let id = self.next_origin();
        let Some(exchange) = self.exchanges.get_mut(index) else { return };
        exchange.transaction.serving = Some(id);
        let waiting = Waiting { stream: exchange.stream, addresses: Vec::new() };
        self.origins.push(Origin::dialing(id, key_of(worker.clone()), Some(waiting)));
        self.emit(Output::Invoke(Invoke { id, worker, destination }));
    }

    /// The driver has connected a Worker, or not.
    pub(super) fn on_invoked(&mut self, id: OriginId, result: Result<Invocation, InvokeError>) {
        let dialed = connection_with_worker();
        let codec = self.origin_codec(&dialed, None);
        let Some(origin) = self.origin_mut(id) else { return };
        let waiting = if result.is_ok() {
            origin.opened(dialed, codec)
        } else {
            let waiting = origin.take_waiting();
            self.origins.retain(|origin| origin.id != id);
            waiting
        };
        let waiting = waiting.first().map(|waiting| waiting.stream);
        match waiting.and_then(|stream| Some((stream, self.position(stream)?))) {
            Some((stream, index)) => {
                if let Some(origin) = self.origin_mut(id) {
                    origin.promise(stream);
                }
                self.give(index, transaction::Input::Invoked(result));
            }
            // Nobody waits for it any more.
            None => self.give_back(Some(id)),
        }
    }

    /// A transaction takes the response that its Worker has left as it was from the session that gave
    /// it to the Worker: over one more origin connection, on which the request has been made already.
    pub(super) fn join_for(&mut self, index: usize, token: FlowToken) {
        let id = self.next_origin();
        let Some(exchange) = self.exchanges.get_mut(index) else { return };
        let (stream, worker) = (exchange.stream, exchange.transaction.serving.replace(id));
        // What is left of the Worker's own answer nobody wants.
        for origin in &mut self.origins {
            origin.forget(stream);
        }
        self.give_back(worker);
        let dialed = connection_with_worker();
        let codec = self.origin_codec(&dialed, None);
        let mut origin = Origin::dialing(id, key_of(String::new()), None);
        origin.opened(dialed, codec);
        origin.has_been_asked(stream);
        self.origins.push(origin);
        self.emit(Output::Join(id, token));
    }

    /// Gives back the connection of an exchange that is over, if it is one with a Worker.
    pub(super) fn give_back(&mut self, serving: Option<OriginId>) {
        let Some(id) = serving else { return };
        let is_free = |origin: &&Origin| {
            origin.id == id && origin.key.security == Security::Worker && origin.is_idle()
        };
        if self.origins.iter().any(|origin| is_free(&origin)) {
            self.origins.retain(|origin| origin.id != id);
            self.emit(Output::Park(id, None));
        }
    }
}

fn key_of(worker: String) -> OriginKey {
    let security = Security::Worker;
    OriginKey { tenant: TenantId::default(), security, host: worker, port: 0 }
}

/// What an origin connection is told of its socket; none of it stands in a record.
fn connection_with_worker() -> Dialed {
    let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    Dialed { peer: nowhere, local: nowhere, reused: false, tls: None, connect: Duration::ZERO }
}
