//! The sockets that listen, and letting clients finish when the gateway stops.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Protocol, Type};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::accept::{Way, accept};
use super::admission::Admission;
use super::gateway::{Gateway, Life};
use crate::config::Config;
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
    /// An address cannot be listened on for what the firewall leads here.
    #[error("cannot listen on {address} for TPROXY, which needs the right CAP_NET_ADMIN: {source}")]
    Tproxy {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// How long sessions get after they were told to break off.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// How often idle origin connections are looked through.
const SWEEP: Duration = Duration::from_secs(10);
/// Connections that may wait to be accepted.
const BACKLOG: i32 = 1024;

/// Sockets that listen.
pub(crate) struct Listeners {
    tcp: Vec<(Way, TcpListener)>,
    udp: Vec<TproxyListener>,
}

impl Listeners {
    /// Listens on every address that `config` names.
    ///
    /// # Errors
    ///
    /// [`ServeError`] names the address.
    pub(crate) async fn bind(config: &Config) -> Result<Self, ServeError> {
        let mut tcp = Vec::new();
        let redirect = config.transparent.redirect.iter().map(|address| (Way::Redirect, *address));
        let proxy = config.listen.iter().map(|address| (Way::Proxy, *address));
        for (way, address) in proxy.chain(redirect) {
            let bound = TcpListener::bind(address).await;
            tcp.push((way, bound.map_err(|source| ServeError::Bind { address, source })?));
        }
        for &address in &config.transparent.tproxy {
            let bound = tproxy(address).map_err(|source| ServeError::Tproxy { address, source });
            tcp.push((Way::Tproxy, bound?));
        }
        let mut udp = Vec::new();
        for &address in &config.transparent.tproxy_udp {
            let bound = TproxyListener::bind(address);
            udp.push(bound.map_err(|source| ServeError::Tproxy { address, source })?);
        }
        Ok(Self { tcp, udp })
    }

    /// The addresses that clients are told of, with their real ports.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        let proxies = self.tcp.iter().filter(|(way, _)| *way == Way::Proxy);
        proxies.filter_map(|(_, listener)| listener.local_addr().ok()).collect()
    }

    /// The addresses that the network leads others to, with their real ports, and what they take.
    pub(crate) fn transparent(&self) -> Vec<(&'static str, SocketAddr)> {
        let tcp = self.tcp.iter().filter_map(|(way, listener)| {
            let what = match way {
                Way::Proxy => return None,
                Way::Redirect => "redirected connections",
                Way::Tproxy => "connections by TPROXY",
            };
            Some((what, listener.local_addr().ok()?))
        });
        let udp = self.udp.iter().map(|listener| ("datagrams by TPROXY", listener.address()));
        tcp.chain(udp).collect()
    }

    /// Every address, with its real port.
    pub(crate) fn own(&self) -> Vec<SocketAddr> {
        let transparent = self.transparent().into_iter().map(|(_, address)| address);
        self.addresses().into_iter().chain(transparent).collect()
    }

    /// Serves clients until `stop` is done; then lets them finish for as long as configured.
    pub(crate) async fn serve(self, gateway: Arc<Gateway>, stop: impl Future<Output = ()>) {
        let (life, watching) = watch::channel(Life::Running);
        let admission = Arc::new(Admission::default());
        let mut accepting = JoinSet::new();
        for (way, listener) in self.tcp {
            let (gateway, admission) = (gateway.clone(), admission.clone());
            accepting.spawn(accept(way, listener, gateway, admission, watching.clone()));
        }
        for listener in self.udp {
            let (gateway, admission) = (gateway.clone(), admission.clone());
            accepting.spawn(listener.serve(gateway, admission, watching.clone()));
        }
        let pool = gateway.dialer.clone();
        accepting.spawn(async move {
            loop {
                sleep(SWEEP).await;
                pool.pool.sweep();
            }
        });
        drop(watching);
        stop.await;
        // Refuse new clients first; sessions hold a receiver each, and go when they are done.
        accepting.shutdown().await;
        let _ = life.send(Life::Draining);
        let drain = Duration::from_millis(gateway.config.timeouts.drain_ms);
        if timeout(drain, life.closed()).await.is_err() {
            let _ = life.send(Life::Stopping);
            let _ = timeout(LAST_WORDS, life.closed()).await;
        }
    }
}

/// A socket that takes connections to addresses that are not this host's.
fn tproxy(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = transparent(address, Type::STREAM, Protocol::TCP)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}
