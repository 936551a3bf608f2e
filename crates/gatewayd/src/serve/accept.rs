//! Accepting clients: the sockets that listen, opened and closed while the gateway runs; where each
//! connection was meant to go, and a session for it.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use gateway_h1h2::proxy_protocol::{self, Addresses, HEADER_BYTES_MAX};
use gateway_proxy::Alpn;
use socket2::SockRef;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tracing::{debug, error};

use super::admission::Place;
use super::gateway::{Gateway, Life};
use super::listeners::{Listener, Listeners, Listening, ServeError};
use super::live::Live;
use crate::config::{Entrance, Way};
use crate::datagram::TproxyListener;
use crate::drive::{Socket, Stream, drive};
use crate::metrics::{Method, Outcome, TurnedAway};

/// How long accepting rests when the system has no more sockets.
const REST: Duration = Duration::from_millis(50);
/// How often idle origin connections are looked through.
const SWEEP: Duration = Duration::from_secs(10);

/// The sockets at which clients are accepted.
pub(crate) struct Serving {
    live: Arc<Live>,
    doors: Mutex<Doors>,
    sweeping: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Doors {
    open: Vec<Door>,
    /// Those that take nobody any more, but datagrams of those who are here.
    leaving: Vec<Door>,
}

/// One socket at which clients are accepted.
struct Door {
    wanted: Entrance,
    address: SocketAddr,
    accepting: Vec<JoinHandle<()>>,
    /// What it listens with, if that is for datagrams: open as long as it is served.
    datagrams: Option<Weak<TproxyListener>>,
}

impl Doors {
    /// The socket of a door that is about to close.
    fn kept(&self, wanted: &Entrance) -> Option<Listener> {
        let door = self.leaving.iter().find(|door| door.wanted == *wanted)?;
        let socket = door.datagrams.as_ref()?.upgrade()?;
        let (wanted, address) = (door.wanted, door.address);
        Some(Listener { wanted, address, socket: Listening::Datagrams(socket) })
    }

    /// Opens a door that was about to close, if it is one, and is served still.
    fn reopen(&mut self, wanted: &Entrance, socket: &TproxyListener) -> bool {
        let Some(at) = self.leaving.iter().position(|door| door.wanted == *wanted) else {
            return false;
        };
        let door = self.leaving.swap_remove(at);
        let is_served = socket.stay();
        if is_served {
            self.open.push(door);
        }
        is_served
    }
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

    fn doors(&self) -> MutexGuard<'_, Doors> {
        self.doors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens at those of `wanted` that are not open yet, at all of them or none. Needs the runtime.
    ///
    /// # Errors
    ///
    /// [`ServeError`] names the address.
    pub(crate) fn listen(&self, wanted: &[Entrance]) -> Result<Listeners, ServeError> {
        let (mut missing, mut kept) = (Vec::new(), Vec::new());
        let mut doors = self.doors();
        doors.leaving.retain(|door| !door.accepting.iter().all(JoinHandle::is_finished));
        for entrance in wanted {
            if doors.open.iter().any(|door| door.wanted == *entrance) {
                continue;
            }
            match doors.kept(entrance) {
                Some(listener) => kept.push(listener),
                None => missing.push(*entrance),
            }
        }
        drop(doors);
        let mut listeners = Listeners::bind(&missing)?;
        listeners.0.extend(kept);
        Ok(listeners)
    }

    /// The addresses listened on, with their real ports.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.doors().open.iter().map(|door| door.address).collect()
    }

    /// Connections of clients now, and what counts as one.
    pub(crate) fn connections(&self) -> usize {
        self.live.current().shared().admission.places()
    }

    /// Accepts clients at `listeners` too.
    pub(crate) fn open(&self, listeners: Listeners) {
        let mut doors = self.doors();
        for Listener { wanted, address, socket } in listeners.0 {
            let live = self.live.clone();
            let (accepting, datagrams) = match socket {
                Listening::Stream(socket) => {
                    let shared = live.current().shared().clone();
                    let accept = || accept(wanted.way, socket.try_clone(), live.clone());
                    (shared.crew.spawn_on_each(accept), None)
                }
                Listening::Datagrams(socket) => {
                    if doors.reopen(&wanted, &socket) {
                        continue;
                    }
                    let datagrams = Arc::downgrade(&socket);
                    (vec![tokio::spawn(socket.serve(live))], Some(datagrams))
                }
            };
            doors.open.push(Door { wanted, address, accepting, datagrams });
        }
    }

    /// Lets nobody in any more at every address but `wanted`; who is here stays. Gives the addresses.
    pub(crate) fn close_all_but(&self, wanted: &[Entrance]) -> Vec<SocketAddr> {
        let mut doors = self.doors();
        let closing = doors.open.extract_if(.., |door| !wanted.contains(&door.wanted));
        let closing: Vec<Door> = closing.collect();
        let closed = closing.iter().map(|door| door.address).collect();
        for door in closing {
            match &door.datagrams {
                None => door.accepting.iter().for_each(JoinHandle::abort),
                // Datagrams of those who are here come by this socket alone.
                Some(socket) => {
                    if let Some(socket) = socket.upgrade() {
                        socket.leave();
                    }
                    doors.leaving.push(door);
                }
            }
        }
        closed
    }

    /// Refuses new clients, then lets those who are there finish for as long as configured.
    pub(crate) async fn end(&self) {
        let Doors { open, leaving } = std::mem::take(&mut *self.doors());
        let sweeping = self.sweeping.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Datagrams of clients who are here come by the socket that took the first one.
        let (hearing, refusing): (Vec<Door>, Vec<Door>) =
            open.into_iter().chain(leaving).partition(|door| door.datagrams.is_some());
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
        let by_balancer = matches!(way, Way::Proxy | Way::ProxyTls)
            && gateway.config.proxy_protocol.is_from(client.ip());
        if by_balancer {
            // It is a client like any other until it has said whose connection it is.
            let Some(place) = gateway.place(client.ip()) else {
                refuse(stream);
                continue;
            };
            tokio::spawn(async move {
                if let Some((stream, client)) = announced(&gateway, stream, client).await {
                    drop(place);
                    if let Some(serving) = admit(gateway, way, stream, client, own) {
                        serving.await;
                    }
                }
            });
            continue;
        }
        if let Some(serving) = admit(gateway, way, stream, client, own) {
            tokio::spawn(serving);
        }
    }
}

/// What is to run for a client that may come in; anybody else is turned away.
fn admit(
    gateway: Arc<Gateway>,
    way: Way,
    stream: TcpStream,
    client: SocketAddr,
    own: Option<SocketAddr>,
) -> Option<impl Future<Output = ()>> {
    if !gateway.config.admits(client.ip()) {
        gateway.sinks.metrics().turned_away(TurnedAway::NotAClient);
        refuse(stream);
        return None;
    }
    let Some(place) = gateway.place(client.ip()) else {
        refuse(stream);
        return None;
    };
    let session = match way {
        Way::Proxy => Some(gateway.session(client, own)),
        // It begins when its TLS stands.
        Way::ProxyTls => None,
        Way::Redirect | Way::Tproxy | Way::TproxyUdp => {
            let Some(destination) = destination(way, &stream, own) else {
                refuse(stream);
                return None;
            };
            Some(gateway.transparent_session(client, destination))
        }
    };
    let _ = stream.set_nodelay(true);
    let life = gateway.life();
    Some(async move {
        match session {
            Some(session) => {
                drive(gateway, session, Stream::Tcp(Socket(stream)), life, Some(place)).await;
            }
            None => drive_in_tls(gateway, stream, (client, own), life, place).await,
        }
    })
}

/// The client whose connection a load balancer at `balancer` passes on; the balancer itself where it
/// says that it is its own. Who says nothing that can be read is turned away.
async fn announced(
    gateway: &Gateway,
    mut stream: TcpStream,
    balancer: SocketAddr,
) -> Option<(TcpStream, SocketAddr)> {
    let limit = Duration::from_millis(gateway.config.timeouts.head_ms);
    match timeout(limit, read_header(&mut stream)).await {
        Ok(Ok(addresses)) => {
            Some((stream, addresses.map_or(balancer, |addresses| addresses.source())))
        }
        Ok(Err(error)) => {
            debug!("the balancer {balancer} is turned away: {error}");
            gateway.sinks.metrics().turned_away(TurnedAway::NoHeader);
            refuse(stream);
            None
        }
        Err(_) => {
            gateway.sinks.metrics().turned_away(TurnedAway::NoHeader);
            refuse(stream);
            None
        }
    }
}

/// Takes a PROXY header off a connection, and not a byte more.
async fn read_header(stream: &mut TcpStream) -> io::Result<Option<Addresses>> {
    let mut header = Vec::new();
    let mut seen = vec![0; HEADER_BYTES_MAX];
    loop {
        let bytes = stream.peek(&mut seen).await?;
        let before = header.len();
        header.extend_from_slice(seen.get(..bytes).unwrap_or_default());
        let read = proxy_protocol::read(&header).map_err(io::Error::other)?;
        // While it is not complete, all that has come is of it.
        let of_it = read.map_or(bytes, |(_, end)| end - before);
        stream.read_exact(seen.get_mut(..of_it).unwrap_or_default()).await?;
        match read {
            Some((addresses, _)) => return Ok(addresses),
            None if bytes == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            None => {}
        }
    }
}

/// Takes the TLS of a client of the proxy port itself, and runs its session.
async fn drive_in_tls(
    gateway: Arc<Gateway>,
    stream: TcpStream,
    (client, own): (SocketAddr, Option<SocketAddr>),
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
        let session = gateway.session_in_tls((client, own), &done, &shown);
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
