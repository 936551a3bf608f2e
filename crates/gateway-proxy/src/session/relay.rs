//! What follows HTTP on the two connections of a session: bytes, or the messages of a WebSocket.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use gateway_h1h2::StreamId;
use gateway_log::{CloseReason, Record};

use super::{Output, Session, Stage, Wire};
use crate::dial::{Close, OriginId};
use crate::identity::{self, User};
use crate::origin::Origin;
use crate::transaction::Leg;
use crate::tunnel::Tunnel;
use crate::websocket::WebSocket;

/// A relay by the session.
pub(super) struct Relaying {
    pub(super) relay: Relay,
    pub(super) origin: OriginId,
    /// The stream of the exchange that it follows.
    pub(super) stream: StreamId,
    /// Who asked for it, if the request has said so itself.
    user: Option<Arc<User>>,
    /// What is still to be written to the client before it begins.
    pub(super) before: Vec<Bytes>,
}

/// Whether what passes is looked at.
pub(super) enum Relay {
    Opaque(Tunnel),
    Messages(Box<WebSocket>),
}

impl Relay {
    pub(super) fn wants(&self, leg: Leg) -> bool {
        match self {
            Self::Opaque(tunnel) => tunnel.wants(leg),
            Self::Messages(socket) => socket.wants(leg),
        }
    }

    pub(super) fn deadline(&self) -> Instant {
        match self {
            Self::Opaque(tunnel) => tunnel.deadline(),
            Self::Messages(socket) => socket.deadline(),
        }
    }

    pub(super) const fn bytes_from(&self, leg: Leg) -> u64 {
        match self {
            Self::Opaque(tunnel) => tunnel.bytes_from(leg),
            Self::Messages(socket) => socket.bytes_from(leg),
        }
    }

    pub(super) fn handle(&mut self, leg: Leg, bytes: Bytes, now: Instant) {
        match self {
            Self::Opaque(tunnel) => tunnel.handle(leg, bytes, now),
            Self::Messages(socket) => socket.handle(leg, bytes, now),
        }
    }

    /// One of the two has taken some of what waited for it, at `at`.
    pub(super) fn moves(&mut self, at: Instant) {
        match self {
            Self::Opaque(tunnel) => tunnel.moves(at),
            Self::Messages(socket) => socket.moves(at),
        }
    }

    pub(super) fn end(&mut self, leg: Leg, now: Instant) {
        match self {
            Self::Opaque(tunnel) => tunnel.end(leg),
            Self::Messages(socket) => socket.end(leg, now),
        }
    }

    pub(super) fn again(&mut self, now: Instant) {
        match self {
            Self::Opaque(_) => {}
            Self::Messages(socket) => socket.again(now),
        }
    }

    pub(super) fn poll_output(&mut self, leg: Leg, out: &mut Vec<Bytes>) -> usize {
        match self {
            Self::Opaque(tunnel) => tunnel.poll_output(leg, out),
            Self::Messages(socket) => socket.poll_output(leg, out),
        }
    }

    /// Whether it is to be looked at again when output was taken.
    pub(super) fn waits_for_output(&self) -> bool {
        match self {
            Self::Opaque(tunnel) => tunnel.waits_for_output(),
            Self::Messages(socket) => socket.waits_for_output(),
        }
    }

    fn poll_shutdown(&mut self, leg: Leg) -> bool {
        match self {
            Self::Opaque(tunnel) => tunnel.poll_shutdown(leg),
            Self::Messages(socket) => socket.poll_shutdown(leg),
        }
    }

    fn over(&self) -> Option<(CloseReason, Close)> {
        match self {
            Self::Opaque(tunnel) => {
                tunnel.is_done().then_some((CloseReason::ClientClosed, Close::Graceful))
            }
            Self::Messages(socket) => socket.over(),
        }
    }
}

impl Session {
    /// An exchange has agreed to leave HTTP: its two connections become a relay.
    pub(super) fn on_upgrade(&mut self, stream: StreamId) {
        let Some(id) = self.serving(stream).map(|origin| origin.id) else { return };
        let Some(index) = self.position(stream) else { return };
        let now = self.now;
        let idle = Stage::Closed;
        let Stage::Proxying(mut proxying) = std::mem::replace(&mut self.stage, idle) else {
            return;
        };
        let looks = self.exchanges.get(index).is_some_and(|e| e.transaction.expects_messages());
        let mut user = None;
        let mut relay = if looks {
            let exchange = self.exchanges.remove(index);
            user = exchange.user;
            Relay::Messages(Box::new(WebSocket::new(exchange.transaction, now)))
        } else {
            Relay::Opaque(Tunnel::new(self.policy.settings.timeouts.tunnel_idle, now))
        };
        let mut before = std::mem::take(&mut proxying.before);
        proxying.codec.poll_output(&mut before);
        let from_client = proxying.codec.into_unread();
        let from_origin = self.origin_mut(id).map(Origin::close).unwrap_or_default();
        relay.handle(Leg::Client, from_client, now);
        relay.handle(Leg::Origin, from_origin, now);
        if self.client_ended.is_some() {
            relay.end(Leg::Client, now);
        }
        self.origins.retain(|origin| origin.id != id);
        let relaying = Relaying { relay, origin: id, stream, user, before };
        self.stage = Stage::Relaying(Box::new(relaying));
    }

    /// Does what a relay says: passes on its ends, and ends with it.
    pub(super) fn pump_relay(&mut self) {
        let Stage::Relaying(relaying) = &mut self.stage else { return };
        let origin = Wire::Origin(relaying.origin);
        for (leg, wire) in [(Leg::Client, Wire::Client), (Leg::Origin, origin)] {
            if relaying.relay.poll_shutdown(leg) {
                self.out.push_back(Output::Shutdown(wire));
            }
        }
        let mut interim = None;
        if let Relay::Messages(socket) = &mut relaying.relay {
            if socket.poll_again() {
                self.out.push_back(Output::Again);
            }
            interim = socket.poll_interim();
        }
        let (over, stream) = (relaying.relay.over(), relaying.stream);
        if let Some(mut record) = interim {
            let user = relaying.user.clone();
            self.fill_client(stream, &mut record);
            record_user(user.as_deref(), &mut record);
            self.emit(Output::Record(record));
        }
        if let Some((reason, how)) = over {
            self.close(reason, how);
        }
    }

    /// The deadline of a relay has come.
    pub(super) fn on_relay_timeout(&mut self) {
        let now = self.now;
        let Stage::Relaying(relaying) = &mut self.stage else { return };
        match &mut relaying.relay {
            Relay::Opaque(_) => self.close(CloseReason::ClientIdleTimeout, Close::Abort),
            Relay::Messages(socket) => socket.timeout(now),
        }
    }

    /// The record of the exchange that became a relay, if that was looked at.
    pub(super) fn write_relay_record(&mut self, reason: CloseReason, relaying: &mut Relaying) {
        let stream = relaying.stream;
        if let Relay::Messages(socket) = &mut relaying.relay
            && let Some(mut record) = socket.finish(reason)
        {
            self.fill_client(stream, &mut record);
            record_user(relaying.user.as_deref(), &mut record);
            self.emit(Output::Record(record));
        }
    }
}

/// Writes into a record who asked for the relay.
fn record_user(user: Option<&User>, record: &mut Record) {
    if let Some(user) = user {
        identity::record_user(&mut record.client, user);
    }
}
