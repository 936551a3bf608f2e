//! The driver's side of datagrams that hang on a connection: relays beside it, and in its place.

use gateway_proxy::{CapsuleStream, Known, Wire as Id};

use super::session::{Driver, Happened, flushed};
use crate::datagram::{associate, relay_capsules};

impl Driver {
    /// Makes a relay for datagrams beside this connection, of whose client so much is `known`.
    pub(super) fn associate(&mut self, known: Known) {
        let addresses = self.client.as_ref().and_then(|client| client.stream.addresses().ok());
        let made = addresses.and_then(|(local, _)| {
            let client = self.session.client();
            associate(&self.gateway, local, client, known, self.lives.clone()).ok()
        });
        let Some((bound, associated, ended)) = made else {
            self.work.push(Box::pin(async { Happened::Associated(None) }));
            return;
        };
        self.associated = Some(associated);
        self.work.push(Box::pin(async move { Happened::Associated(Some(bound)) }));
        self.work.push(Box::pin(async move {
            let _ = ended.await;
            Happened::AssociationEnded
        }));
    }

    /// Relays the datagrams that come in capsules, once all else is written to the client.
    pub(super) fn relay_capsules(&mut self, asked: CapsuleStream) {
        let Some(mut client) = self.client.take() else { return };
        self.session.poll_output(Id::Client, &mut self.pieces);
        client.queue(&mut self.pieces);
        let (from, life) = (self.session.client(), self.lives.clone());
        let (associated, ended) = relay_capsules(&self.gateway, asked, from, flushed(client), life);
        self.associated = Some(associated);
        self.work.push(Box::pin(async move {
            let _ = ended.await;
            Happened::AssociationEnded
        }));
    }
}
