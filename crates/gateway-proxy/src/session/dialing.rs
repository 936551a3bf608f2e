//! The origin of a tunnel whose first bytes are known: it is connected, and what was to follow does.

use std::time::Instant;

use bytes::Bytes;
use gateway_log::SpliceReason;

use super::exchange::Instead;
use super::origins::Arrived;
use super::{Output, Session, Stage};
use crate::dial::{Close, Dial, DialError, Dialed, OriginId, Reuse, Sharing};
use crate::key::OriginKey;
use crate::origin::Origin;

/// CONNECT is answered and decided; the origin is being connected.
pub(super) struct Dialing {
    pub(super) since: Instant,
    pub(super) to_client: Vec<Bytes>,
    pub(super) origin: OriginId,
    pub(super) replay: Bytes,
    pub(super) then: Then,
}

/// What follows when the origin is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// The bytes are relayed as they are.
    Splice(SpliceReason),
    /// The client's TLS is taken in this name.
    Inspect(String),
    /// What it says first is looked at.
    Greet,
}

impl Session {
    /// Connects the origin of a tunnel whose first bytes are known.
    pub(super) fn dial_inside(&mut self, key: OriginKey, replay: Bytes, then: Then) {
        let to_client = match &mut self.stage {
            Stage::Peeking(peeking) => std::mem::take(&mut peeking.to_client),
            _ => Vec::new(),
        };
        let id = self.next_origin();
        self.stage = Stage::Dialing(Box::new(Dialing {
            since: self.now,
            to_client,
            origin: id,
            replay,
            then,
        }));
        let reuse = match self.stage_then() {
            Some(Then::Inspect(_)) => Reuse::Pooled,
            Some(Then::Splice(_) | Then::Greet) | None => Reuse::Fresh,
        };
        self.origins.push(Origin::dialing(id, key.clone(), None));
        let addresses = self.addresses.clone();
        let sharing = match (reuse, &self.inside) {
            (Reuse::Pooled, Some(inside)) => inside.sharing,
            _ => Sharing::Alone,
        };
        self.emit(Output::Dial(Dial { id, key, addresses, reuse, sharing }));
    }

    fn stage_then(&self) -> Option<&Then> {
        match &self.stage {
            Stage::Dialing(dialing) => Some(&dialing.then),
            _ => None,
        }
    }

    /// The driver has connected an origin, or not.
    pub(super) fn on_dialed(
        &mut self,
        id: OriginId,
        result: Result<Dialed, DialError>,
        arrived: Arrived,
    ) {
        if self.on_entry_dialed(id, &result) {
            return;
        }
        match &self.stage {
            Stage::Connecting(connecting) if connecting.awaits(id) => {
                self.on_first_dialed(id, result);
            }
            Stage::Dialing(dialing) if dialing.origin == id => match result {
                Ok(dialed) => self.on_inside_connected(dialed, arrived),
                Err(error) => self.on_inside_unreachable(error),
            },
            Stage::Proxying(_) => self.on_origin_dialed(id, result, arrived),
            // Nobody waits for it any more.
            Stage::Entering(_)
            | Stage::Connecting(_)
            | Stage::Peeking(_)
            | Stage::Greeting(_)
            | Stage::Dialing(_)
            | Stage::Handshaking(_)
            | Stage::Splicing(_)
            | Stage::Relaying(_)
            | Stage::Closed => {
                if result.is_ok() {
                    self.emit(Output::Close(super::Wire::Origin(id), Close::Graceful));
                }
            }
        }
    }

    fn on_inside_connected(&mut self, dialed: Dialed, arrived: Arrived) {
        self.note_dialed(&dialed);
        let idle = Stage::Closed;
        let Stage::Dialing(dialing) = std::mem::replace(&mut self.stage, idle) else { return };
        let Dialing { to_client, origin: id, replay, then, .. } = *dialing;
        match then {
            Then::Splice(reason) => self.splice(id, to_client, replay, reason),
            Then::Greet => self.await_greeting(id, to_client),
            Then::Inspect(name) => {
                let mirror = dialed.tls.as_ref().map(|tls| tls.certificate.clone());
                self.open_origin(id, &dialed, arrived);
                self.take_client_tls(name, mirror, replay);
            }
        }
    }

    /// The origin of an inspected tunnel cannot be reached: a page inside TLS says so.
    fn on_inside_unreachable(&mut self, error: DialError) {
        self.note_unreachable(&error);
        let idle = Stage::Closed;
        let Stage::Dialing(dialing) = std::mem::replace(&mut self.stage, idle) else { return };
        let id = dialing.origin;
        self.origins.retain(|origin| origin.id != id);
        match dialing.then {
            Then::Inspect(name) => {
                if let Some(inside) = &mut self.inside {
                    inside.answer = Some(Instead::Unreachable(error));
                }
                self.take_client_tls(name, None, dialing.replay);
            }
            Then::Splice(_) | Then::Greet => self.close(error.close_reason(), Close::Abort),
        }
    }
}
