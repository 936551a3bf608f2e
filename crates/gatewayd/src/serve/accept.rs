//! Accepting clients: the sockets that listen, opened and closed while the gateway runs; where each
//! connection was meant to go, and a session for it.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gateway_proxy::Alpn;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tracing::{debug, error};

use super::admission::Place;
use super::gateway::{Gateway, Life};
use super::listeners::{Listener, Listeners, Listening};
use super::live::Live;
use crate::config::{Entrance, Way};
use crate::drive::{Socket, Stream, drive};
use crate::metrics::{Method, Outcome, TurnedAway};

/// How long accepting rests when the system has no more sockets.
const REST: Duration = Duration::from_millis(50);
/// How often idle origin connections are looked through.
const SWEEP: Duration = Duration::from_secs(10);

/// The sockets at which clients are accepted.
pub(crate) struct Serving {
    live: Arc<Live>,
    doors: Mutex<Vec<Door>>,
    sweeping: Mutex<Option<JoinHandle<()>>>,
}

/// One socket at which clients are accepted.
struct Door {
    wanted: Entrance,
    address: SocketAddr,
    accepting: Vec<JoinHandle<()>>,
}

impl Serving {
    /// Accepts clients at `listeners`, each under the generation then in force.
    pub(crate) fn start(listeners: Listeners, live: Arc<Live>) -> Self {
        live.current().workers().come_back_to(&live);
        let pools = live.clone();
        let sweeping = tokio::spawn(async move {
            loop {
                sleep(SWEEP).await;
                pools.current().dialer.pool.sweep();
            }
        });
        let sweeping = Mutex::new(Some(sweeping));
        let serving = Self { live, doors: Mutex::default(), sweeping };
        serving.open(listeners);
        serving
    }

    /// Of `wanted`, the entrances that are not open yet.
    pub(crate) fn missing(&self, wanted: &[Entrance]) -> Vec<Entrance> {
        let doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        let is_open = |entrance: &Entrance| doors.iter().any(|door| door.wanted == *entrance);
        wanted.iter().copied().filter(|entrance| !is_open(entrance)).collect()
    }

    /// The addresses listened on, with their real ports.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        let doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        doors.iter().map(|door| door.address).collect()
    }

    /// Connections of clients now, and what counts as one.
    pub(crate) fn connections(&self) -> usize {
        self.live.current().shared().admission.places()
    }

    /// Accepts clients at `listeners` too.
    pub(crate) fn open(&self, listeners: Listeners) {
        let mut doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        for Listener { wanted, address, socket } in listeners.0 {
            let live = self.live.clone();
            let accepting = match socket {
                Listening::Stream(socket) => {
                    let shared = live.current().shared().clone();
                    let accept = || accept(wanted.way, socket.try_clone(), live.clone());
                    shared.crew.spawn_on_each(accept)
                }
                Listening::Datagrams(socket) => vec![tokio::spawn(socket.serve(live))],
            };
            doors.push(Door { wanted, address, accepting });
        }
    }

    /// Stops listening on every address but `wanted`; who was accepted there stays. Gives the
    /// addresses.
    pub(crate) fn close_all_but(&self, wanted: &[Entrance]) -> Vec<SocketAddr> {
        let mut doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        let closing = doors.extract_if(.., |door| !wanted.contains(&door.wanted));
        closing
            .map(|door| {
                door.accepting.iter().for_each(JoinHandle::abort);
                door.address
            })
            .collect()
    }

    /// Refuses new clients, then lets those who are there finish for as long as configured.
    pub(crate) async fn end(&self) {
        let doors = std::mem::take(&mut *self.doors.lock().unwrap_or_else(PoisonError::into_inner));
        let sweeping = self.sweeping.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Datagrams of clients who are here come by the socket that took the first one.
        let (hearing, refusing): (Vec<Door>, Vec<Door>) =
            doors.into_iter().partition(|door| door.wanted.way == Way::TproxyUdp);
        let tasks = |doors: Vec<Door>| doors.into_iter().flat_map(|door| door.accepting);
        stop(tasks(refusing).chain(sweeping)).await;
        self.live.end().await;
        stop(tasks(hearing)).await;
        let shared = self.live.current().shared().clone();
        shared.workers.stop().await;
        shared.crew.end().await;
    }
}

/// Ends tasks, and waits until they have: each holds the gateway, and the records are written when
/// nobody does.
async fn stop(tasks: impl Iterator<Item = JoinHandle<()>>) {
    for task in tasks {
        task.abort();
        let _ = task.await;
    }
}

/// Accepts on this thread what comes at `listener`.
async fn accept(way: Way, listener: io::Result<std::net::TcpListener>, live: Arc<Live>) {
    let listener = match listener.and_then(TcpListener::from_std) {
        Ok(listener) => listener,
        Err(error) => return error!("one thread less accepts clients: {error}"),
    };
    let own = listener.local_addr().ok();
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
            gateway.sinks.metrics().turned_away(TurnedAway::NotAClient);
            refuse(stream);
            continue;
        }
        let Some(place) = gateway.place(client.ip()) else {
            refuse(stream);
            continue;
        };
        let session = match way {
            Way::Proxy => Some(gateway.session(client)),
            // It begins when its TLS stands.
            Way::ProxyTls => None,
            Way::Redirect | Way::Tproxy | Way::TproxyUdp => {
                let Some(destination) = destination(way, &stream, own) else {
                    refuse(stream);
                    continue;
                };
                Some(gateway.transparent_session(client, destination))
            }
        };
        let _ = stream.set_nodelay(true);
        let life = gateway.life();
        tokio::spawn(async move {
            match session {
                Some(session) => {
                    drive(gateway, session, Stream::Tcp(Socket(stream)), life, Some(place)).await;
                }
                None => drive_in_tls(gateway, stream, client, life, place).await,
            }
        });
    }
}

/// Takes the TLS of a client of the proxy port itself, and runs its session.
async fn drive_in_tls(
    gateway: Arc<Gateway>,
    stream: TcpStream,
    client: SocketAddr,
    life: watch::Receiver<Life>,
    place: Place,
) {
    let limit = Duration::from_millis(gateway.config.timeouts.tls_handshake_ms);
    let names = &gateway.config.proxy_tls.names;
    let alpn = if gateway.config.http2.client { Alpn::Http2 } else { Alpn::Http11 };
    let devices = gateway.identifier.devices().cloned();
    let minter = gateway.minter.clone();
    let handshake = minter.accept_as_proxy(stream, names, alpn, devices);
    if let Ok(Some((stream, done, shown))) = timeout(limit, handshake).await {
        if gateway.identifier.devices().is_some() {
            let outcome = if shown.is_empty() { Outcome::Missing } else { Outcome::Accepted };
            gateway.sinks.metrics().attempted(Method::Certificate, outcome);
        }
        let session = gateway.session_in_tls(client, &done, &shown);
        drive(gateway, session, stream, life, Some(place)).await;
    }
}

/// Where a connection was meant to go; `None` if that was this listener, which would be a loop, or
/// the system does not know.
fn destination(way: Way, stream: &TcpStream, own: Option<SocketAddr>) -> Option<SocketAddr> {
    let local = stream.local_addr().ok()?;
    let destination = match way {
        Way::Redirect => {
            let socket = SockRef::from(stream);
            let original = match local.ip().to_canonical().is_ipv4() {
                true => socket.original_dst_v4(),
                false => socket.original_dst_v6(),
            };
            original.ok()?.as_socket()?
        }
        Way::Proxy | Way::ProxyTls | Way::Tproxy | Way::TproxyUdp => local,
    };
    let own = own?;
    let is_own_ip = own.ip().is_unspecified() || own.ip() == destination.ip();
    let is_unchanged = way == Way::Redirect && destination == local;
    let meant_here = is_unchanged || (destination.port() == own.port() && is_own_ip);
    (!meant_here).then_some(destination)
}

/// Turns a client away without a word.
fn refuse(stream: TcpStream) {
    let _ = stream.set_zero_linger();
}
