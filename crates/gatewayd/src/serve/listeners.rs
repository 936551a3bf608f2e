//! The sockets that listen, before anybody accepts at them.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use socket2::{Protocol, Type};
use tokio::net::TcpSocket;

use crate::config::{Entrance, Way};
use crate::datagram::{TproxyListener, transparent};

/// Why the gateway cannot listen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ServeError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A Unix socket cannot be made.
    #[error("cannot listen on {}: {source}", .path.display())]
    Unix {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An address cannot be listened on for what the firewall leads here.
    #[error("cannot listen on {address} for TPROXY, which needs the right CAP_NET_ADMIN: {source}")]
    Tproxy {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// Connections that the system holds for us until they are accepted.
const BACKLOG: u32 = 1024;

/// Sockets that listen, though nobody accepts yet.
pub(crate) struct Listeners(pub(super) Vec<Listener>);

pub(super) struct Listener {
    /// The entrance as configured, with port 0 for any.
    pub(super) wanted: Entrance,
    /// The address with its real port.
    pub(super) address: SocketAddr,
    pub(super) socket: Listening,
}

pub(super) enum Listening {
    /// Not blocking; accepted on by several threads.
    Stream(TcpListener),
    Datagrams(Arc<TproxyListener>),
}

impl Listeners {
    /// Listens at `entrances`, at all of them or none. Needs the runtime.
    ///
    /// # Errors
    ///
    /// [`ServeError`] names the address.
    pub(crate) fn bind(entrances: &[Entrance]) -> Result<Self, ServeError> {
        let bind = |wanted: &Entrance| {
            let wanted = *wanted;
            let address = wanted.address;
            listen(wanted).map_err(|source| match wanted.way {
                Way::Proxy | Way::ProxyTls | Way::Redirect => ServeError::Bind { address, source },
                Way::Tproxy | Way::TproxyUdp => ServeError::Tproxy { address, source },
            })
        };
        entrances.iter().map(bind).collect::<Result<_, _>>().map(Self)
    }

    /// The addresses listened on, with their real ports.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.0.iter().map(|listener| listener.address).collect()
    }

    /// The addresses that clients are told of, with their real ports.
    pub(crate) fn proxies(&self) -> Vec<SocketAddr> {
        self.of(Way::Proxy)
    }

    /// The addresses at which clients speak TLS with the gateway itself, with their real ports.
    pub(crate) fn proxies_in_tls(&self) -> Vec<SocketAddr> {
        self.of(Way::ProxyTls)
    }

    fn of(&self, way: Way) -> Vec<SocketAddr> {
        let of_it = self.0.iter().filter(|listener| listener.wanted.way == way);
        of_it.map(|listener| listener.address).collect()
    }

    /// The addresses that the network leads others to, with their real ports, and what they take.
    pub(crate) fn transparent(&self) -> impl Iterator<Item = (&'static str, SocketAddr)> {
        self.0.iter().filter_map(|listener| {
            let what = match listener.wanted.way {
                Way::Proxy | Way::ProxyTls => return None,
                Way::Redirect => "redirected connections",
                Way::Tproxy => "connections by TPROXY",
                Way::TproxyUdp => "datagrams by TPROXY",
            };
            Some((what, listener.address))
        })
    }
}

fn listen(wanted: Entrance) -> io::Result<Listener> {
    let address = wanted.address;
    let socket = match wanted.way {
        Way::Proxy | Way::ProxyTls | Way::Redirect => {
            let socket =
                if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
            // Connections of an earlier run that have not died away do not keep us from the port.
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            Listening::Stream(socket.listen(BACKLOG)?.into_std()?)
        }
        Way::Tproxy => {
            let socket = transparent(address, Type::STREAM, Protocol::TCP)?;
            socket.set_reuse_address(true)?;
            socket.bind(&address.into())?;
            socket.listen(BACKLOG.cast_signed())?;
            Listening::Stream(socket.into())
        }
        Way::TproxyUdp => Listening::Datagrams(Arc::new(TproxyListener::bind(address)?)),
    };
    let address = match &socket {
        Listening::Stream(socket) => socket.local_addr()?,
        Listening::Datagrams(socket) => socket.address(),
    };
    Ok(Listener { wanted, address, socket })
}
