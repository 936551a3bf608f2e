//! Accepting clients: the sockets that listen, opened and closed while the gateway runs, and how
//! many connections a client may have.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gateway_proxy::Alpn;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tracing::debug;

use super::gateway::{Gateway, Life};
use super::live::Live;
use crate::config::{Endpoint, Speaks};
use crate::drive::{Stream, drive};

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
}

/// How long accepting rests when the system has no more sockets.
const REST: Duration = Duration::from_millis(50);
/// How often idle origin connections are looked through.
const SWEEP: Duration = Duration::from_secs(10);
/// Connections that the system holds for us until they are accepted.
const BACKLOG: u32 = 1024;

/// Sockets that listen, though nobody accepts yet.
#[derive(Debug)]
pub(crate) struct Listeners(Vec<Listener>);

#[derive(Debug)]
struct Listener {
    /// As configured, with port 0 for any.
    wanted: Endpoint,
    /// With its real port.
    real: Endpoint,
    socket: TcpListener,
}

impl Listeners {
    /// Listens on `endpoints`, on all of them or none. Needs the runtime.
    ///
    /// # Errors
    ///
    /// [`ServeError::Bind`].
    pub(crate) fn bind(endpoints: &[Endpoint]) -> Result<Self, ServeError> {
        let bind = |wanted: &Endpoint| {
            let address = wanted.address;
            listen(*wanted).map_err(|source| ServeError::Bind { address, source })
        };
        endpoints.iter().map(bind).collect::<Result<_, _>>().map(Self)
    }

    /// What is listened on, with the real ports.
    pub(crate) fn endpoints(&self) -> Vec<Endpoint> {
        self.0.iter().map(|listener| listener.real).collect()
    }
}

fn listen(wanted: Endpoint) -> io::Result<Listener> {
    let ipv4 = wanted.address.is_ipv4();
    let socket = if ipv4 { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Connections of an earlier run that have not died away do not keep us from the port.
    socket.set_reuseaddr(true)?;
    socket.bind(wanted.address)?;
    let socket = socket.listen(BACKLOG)?;
    let real = Endpoint { address: socket.local_addr()?, ..wanted };
    Ok(Listener { wanted, real, socket })
}

/// The sockets at which clients are accepted.
pub(crate) struct Serving {
    live: Arc<Live>,
    admission: Arc<Admission>,
    doors: Mutex<Vec<Door>>,
    sweeping: JoinHandle<()>,
}

/// One socket at which clients are accepted.
struct Door {
    wanted: Endpoint,
    real: Endpoint,
    accepting: JoinHandle<()>,
}

impl Serving {
    /// Accepts clients at `listeners`, each under the generation then in force.
    pub(crate) fn start(listeners: Listeners, live: Arc<Live>) -> Self {
        let pools = live.clone();
        let sweeping = tokio::spawn(async move {
            loop {
                sleep(SWEEP).await;
                pools.current().dialer.pool.sweep();
            }
        });
        let serving = Self { live, admission: Arc::default(), doors: Mutex::default(), sweeping };
        serving.open(listeners);
        serving
    }

    /// Of `wanted`, what is not listened on yet.
    pub(crate) fn missing(&self, wanted: &[Endpoint]) -> Vec<Endpoint> {
        let doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        let is_open = |endpoint: &Endpoint| doors.iter().any(|door| door.wanted == *endpoint);
        wanted.iter().copied().filter(|endpoint| !is_open(endpoint)).collect()
    }

    /// What is listened on, with the real ports.
    pub(crate) fn endpoints(&self) -> Vec<Endpoint> {
        let doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        doors.iter().map(|door| door.real).collect()
    }

    /// Accepts clients at `listeners` too.
    pub(crate) fn open(&self, listeners: Listeners) {
        let mut doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        for Listener { wanted, real, socket } in listeners.0 {
            let accepting =
                accept(wanted.speaks, socket, self.live.clone(), self.admission.clone());
            doors.push(Door { wanted, real, accepting: tokio::spawn(accepting) });
        }
    }

    /// Stops listening on everything but `wanted`; who was accepted there stays. Gives what it
    /// was.
    pub(crate) fn close_all_but(&self, wanted: &[Endpoint]) -> Vec<Endpoint> {
        let mut doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        let closing = doors.extract_if(.., |door| !wanted.contains(&door.wanted));
        closing
            .map(|door| {
                door.accepting.abort();
                door.real
            })
            .collect()
    }

    /// Refuses new clients, then lets those who are there finish for as long as configured.
    pub(crate) async fn end(&self) {
        let doors = std::mem::take(&mut *self.doors.lock().unwrap_or_else(PoisonError::into_inner));
        self.sweeping.abort();
        for door in doors {
            door.accepting.abort();
            let _ = door.accepting.await;
        }
        self.live.end().await;
    }
}

async fn accept(speaks: Speaks, listener: TcpListener, live: Arc<Live>, admission: Arc<Admission>) {
    loop {
        let (stream, client) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                debug!("cannot accept a client: {error}");
                sleep(REST).await;
                continue;
            }
        };
        let gateway = live.current();
        if !gateway.config.admits(client.ip()) {
            refuse(stream);
            continue;
        }
        let max = gateway.config.limits.connections_per_client_max;
        let Some(place) = Admission::place(&admission, client.ip(), max) else {
            refuse(stream);
            continue;
        };
        let _ = stream.set_nodelay(true);
        let life = gateway.life();
        tokio::spawn(async move {
            match speaks {
                Speaks::Http => {
                    let session = gateway.session(client);
                    drive(gateway, session, Stream::Tcp(stream), life).await;
                }
                Speaks::Tls => drive_in_tls(gateway, stream, client, life).await,
            }
            drop(place);
        });
    }
}

/// Takes the TLS of a client of the proxy port itself, and runs its session.
async fn drive_in_tls(
    gateway: Arc<Gateway>,
    stream: TcpStream,
    client: SocketAddr,
    life: watch::Receiver<Life>,
) {
    let limit = Duration::from_millis(gateway.config.timeouts.tls_handshake_ms);
    let names = &gateway.config.proxy_tls.names;
    let alpn = if gateway.config.http2.client { Alpn::Http2 } else { Alpn::Http11 };
    let devices = gateway.identifier.devices().cloned();
    let minter = gateway.minter.clone();
    let handshake = minter.accept_as_proxy(stream, names, alpn, devices);
    if let Ok(Some((stream, done, shown))) = timeout(limit, handshake).await {
        let session = gateway.session_in_tls(client, &done, &shown);
        drive(gateway, session, stream, life).await;
    }
}

/// Turns a client away without a word.
fn refuse(stream: TcpStream) {
    let _ = stream.set_zero_linger();
}

/// How many connections each client has.
#[derive(Debug, Default)]
struct Admission(Mutex<HashMap<IpAddr, usize>>);

/// One connection that counts.
struct Place {
    admission: Arc<Admission>,
    client: IpAddr,
}

impl Admission {
    /// Counts one more connection of `client`, unless it has `max`.
    fn place(admission: &Arc<Self>, client: IpAddr, max: usize) -> Option<Place> {
        let mut counts = admission.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(client).or_insert(0);
        if *count >= max {
            return None;
        }
        *count += 1;
        Some(Place { admission: admission.clone(), client })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.admission.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_so_many_places_and_gets_them_back() {
        let admission = Arc::new(Admission::default());
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = Admission::place(&admission, one, 2);
        let second = Admission::place(&admission, one, 2);
        assert!(first.is_some() && second.is_some());
        assert!(Admission::place(&admission, one, 2).is_none());
        assert!(Admission::place(&admission, other, 2).is_some());
        drop(first);
        assert!(Admission::place(&admission, one, 2).is_some());
        drop(second);
        assert!(admission.0.lock().unwrap().is_empty());
    }
}
