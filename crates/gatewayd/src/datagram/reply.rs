//! Sockets that speak in the name of others, for clients that do not know that there is a gateway
//! between (`IP_TRANSPARENT`; needs `CAP_NET_ADMIN`).

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};

/// Sockets that are kept; beyond it they are made anew.
const SOCKETS_MAX: usize = 64;

/// Sends datagrams to one client as from its peers.
#[derive(Debug)]
pub(super) struct Replies {
    client: SocketAddr,
    sockets: HashMap<SocketAddr, Socket>,
}

impl Replies {
    pub(super) fn new(client: SocketAddr) -> Self {
        Self { client, sockets: HashMap::new() }
    }

    /// Sends as from `peer`.
    pub(super) fn send(&mut self, peer: SocketAddr, payload: &[u8]) -> io::Result<()> {
        if self.sockets.len() >= SOCKETS_MAX && !self.sockets.contains_key(&peer) {
            self.sockets.clear();
        }
        let socket = match self.sockets.entry(peer) {
            std::collections::hash_map::Entry::Occupied(there) => there.into_mut(),
            std::collections::hash_map::Entry::Vacant(free) => free.insert(socket_of(peer)?),
        };
        socket.send_to(payload, &self.client.into()).map(|_| ())
    }
}

/// A socket with an address that is not this host's.
fn socket_of(peer: SocketAddr) -> io::Result<Socket> {
    let socket = transparent(peer, Type::DGRAM, Protocol::UDP)?;
    // Several clients talk to the same peer.
    socket.set_reuse_address(true)?;
    socket.bind(&peer.into())?;
    Ok(socket)
}

/// An unbound socket that may have addresses that are not this host's.
pub(crate) fn transparent(
    address: SocketAddr,
    kind: Type,
    protocol: Protocol,
) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // Linux keeps one flag for both families.
    socket.set_ip_transparent_v4(true)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}
