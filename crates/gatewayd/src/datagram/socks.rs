//! Datagrams of a client of SOCKS: UDP ASSOCIATE (RFC 1928 §7).

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use gateway_h1h2::socks::{decode_datagram, encode_datagram};
use gateway_proxy::Known;
use socket2::SockRef;
use tokio::net::UdpSocket;
use tokio::sync::{oneshot, watch};

use super::DATAGRAM_BYTES_MAX;
use super::run::{Client, FromClient, bind, run};
use crate::serve::{Gateway, Life};

/// An association that stands. It lasts until this is dropped, or ends by itself.
pub(crate) struct Associated {
    /// Dropped to end it.
    _stop: oneshot::Sender<()>,
}

impl Associated {
    /// One that lasts until it is dropped, which the receiver hears.
    pub(super) fn new() -> (Self, oneshot::Receiver<()>) {
        let (stop, stopped) = oneshot::channel();
        (Self { _stop: stop }, stopped)
    }
}

/// Makes a relay for the datagrams of a client whose connection has the addresses `local` and
/// `client`, and of whom so much is `known`: the address to send to, and what keeps it. The receiver hears when it
/// has ended.
///
/// # Errors
///
/// What the system says about the socket.
pub(crate) fn associate(
    gateway: &Arc<Gateway>,
    local: SocketAddr,
    client: SocketAddr,
    known: Known,
    life: watch::Receiver<Life>,
) -> io::Result<(SocketAddr, Associated, oneshot::Receiver<()>)> {
    let socket = bind(SocketAddr::new(local.ip().to_canonical(), 0))?;
    let bound = socket.local_addr()?;
    let (associated, stopped) = Associated::new();
    let (ended, has_ended) = oneshot::channel();
    let association = gateway.association(client, known);
    let client = SocksClient {
        socket,
        client: SocketAddr::new(client.ip().to_canonical(), 0),
        stopped,
        scratch: vec![0; DATAGRAM_BYTES_MAX],
        out: Vec::new(),
    };
    let gateway = gateway.clone();
    tokio::spawn(async move {
        run(gateway, association, client, life).await;
        let _ = ended.send(());
    });
    Ok((bound, associated, has_ended))
}

struct SocksClient {
    socket: UdpSocket,
    /// Who may send; its port is that of its first datagram.
    client: SocketAddr,
    stopped: oneshot::Receiver<()>,
    scratch: Vec<u8>,
    /// Reused between datagrams.
    out: Vec<u8>,
}

impl Client for SocksClient {
    async fn receive(&mut self) -> FromClient {
        loop {
            let received = tokio::select! {
                received = self.socket.recv_from(&mut self.scratch) => received,
                _ = &mut self.stopped => return FromClient::Gone,
            };
            let Ok((bytes, from)) = received else { continue };
            if self.client.port() == 0 && from.ip() == self.client.ip() {
                self.client.set_port(from.port());
            }
            // Others are not heard: the relay is one client's (RFC 1928 §7).
            if from != self.client {
                continue;
            }
            let datagram = Bytes::copy_from_slice(self.scratch.get(..bytes).unwrap_or_default());
            return match decode_datagram(&datagram) {
                Ok((to, payload)) => FromClient::Datagram(to, payload),
                Err(_) => FromClient::Malformed,
            };
        }
    }

    fn send(&mut self, peer: SocketAddr, payload: &[u8]) {
        self.out.clear();
        encode_datagram(peer, payload, &mut self.out);
        let _ = SockRef::from(&self.socket).send_to(&self.out, &self.client.into());
    }
}
