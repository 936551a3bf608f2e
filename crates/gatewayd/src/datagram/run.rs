//! The loop that runs one association.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use gateway_h1h2::socks::Destination;
use gateway_log::CloseReason;
use gateway_proxy::{
    Association, AssociationInput as Input, AssociationOutput as Output, DialError, FlowId,
};
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::UdpSocket;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Sleep, sleep_until, timeout};

use super::DATAGRAM_BYTES_MAX;
use crate::serve::{Gateway, Life};

/// What a client's side has to say.
pub(super) enum FromClient {
    /// A datagram.
    Datagram(Destination, Bytes),
    /// Something that is none.
    Malformed,
    /// There will be no more.
    Gone,
}

/// The side of the client.
pub(super) trait Client: Send {
    /// Waits for the next datagram. May be dropped while it waits.
    fn receive(&mut self) -> impl Future<Output = FromClient> + Send;

    /// Sends to the client as from `peer`. What the system has no room for is lost, as datagrams
    /// are.
    fn send(&mut self, peer: SocketAddr, payload: &[u8]);
}

/// What can happen to an association.
enum Happened {
    Client(FromClient),
    Peer(SocketAddr, Bytes),
    Resolved(FlowId, Result<Vec<IpAddr>, DialError>),
    Life(Life),
    Due,
}

/// Runs an association to its end.
pub(super) async fn run(
    gateway: Arc<Gateway>,
    association: Association,
    client: impl Client,
    life: watch::Receiver<Life>,
) {
    let far = Instant::now() + std::time::Duration::from_secs(86_400);
    let mut runner = Runner {
        gateway,
        association,
        client,
        upstream: Upstream::default(),
        resolving: JoinSet::new(),
        life,
        timer: Box::pin(sleep_until(far.into())),
        armed: far,
        scratch: Vec::new(),
    };
    while !runner.association.is_done() {
        runner.arm();
        let happened = runner.wait().await;
        let input = match happened {
            Happened::Client(FromClient::Datagram(to, payload)) => {
                Input::FromClient { to, payload }
            }
            Happened::Client(FromClient::Malformed) => Input::Malformed,
            Happened::Client(FromClient::Gone) => Input::Abort(CloseReason::ClientClosed),
            Happened::Peer(peer, payload) => Input::FromPeer { peer, payload },
            Happened::Resolved(id, result) => Input::Resolved(id, result),
            // It goes on under the policy that it began with.
            Happened::Life(Life::Running | Life::Superseded) => continue,
            Happened::Life(Life::Draining) => Input::Drain,
            Happened::Life(Life::Stopping) => Input::Abort(CloseReason::ProxyConnRefused),
            Happened::Due => Input::Timeout,
        };
        runner.association.handle(input, Instant::now());
        runner.carry_out().await;
    }
}

struct Runner<C> {
    gateway: Arc<Gateway>,
    association: Association,
    client: C,
    upstream: Upstream,
    resolving: JoinSet<(FlowId, Result<Vec<IpAddr>, DialError>)>,
    life: watch::Receiver<Life>,
    timer: Pin<Box<Sleep>>,
    armed: Instant,
    /// Where datagrams are read into before their length is known; empty until one comes.
    scratch: Vec<u8>,
}

impl<C: Client> Runner<C> {
    /// The timer is set anew only when the deadline has come nearer, as in sessions.
    fn arm(&mut self) {
        if let Some(deadline) = self.association.deadline()
            && deadline < self.armed
        {
            self.timer.as_mut().reset(deadline.into());
            self.armed = deadline;
        }
    }

    async fn wait(&mut self) -> Happened {
        let Self { client, upstream, resolving, life, timer, armed, scratch, .. } = self;
        tokio::select! {
            from = client.receive() => Happened::Client(from),
            (peer, payload) = upstream.receive(scratch) => Happened::Peer(peer, payload),
            Some(Ok((id, result))) = resolving.join_next(), if !resolving.is_empty() => {
                Happened::Resolved(id, result)
            }
            Ok(()) = life.changed() => Happened::Life(*life.borrow_and_update()),
            () = timer.as_mut() => {
                // Set anew before it is waited for again.
                *armed = Instant::now() + std::time::Duration::from_secs(86_400);
                timer.as_mut().reset((*armed).into());
                Happened::Due
            }
        }
    }

    async fn carry_out(&mut self) {
        while let Some(output) = self.association.poll() {
            match output {
                Output::Resolve(id, host) => {
                    let dialer = self.gateway.dialer.clone();
                    self.resolving.spawn(async move {
                        let found = timeout(dialer.connect, dialer.resolver.resolve(&host)).await;
                        (id, found.unwrap_or(Err(DialError::TimedOut)))
                    });
                }
                Output::ToPeer { peer, payload } => self.upstream.send(peer, &payload),
                Output::ToClient { peer, payload } => self.client.send(peer, &payload),
                Output::Record(record) => self.gateway.sinks.submit(record),
                _ => {}
            }
        }
    }
}

/// The sockets towards peers, one for each family, made when they are needed. One port for all
/// peers, as RFC 4787 (REQ-1) asks for and WebRTC needs.
#[derive(Default)]
struct Upstream {
    v4: Option<UdpSocket>,
    v6: Option<UdpSocket>,
}

impl Upstream {
    /// Sends a datagram; what the system has no room for is lost.
    fn send(&mut self, peer: SocketAddr, payload: &[u8]) {
        let (socket, any) = match peer {
            SocketAddr::V4(_) => (&mut self.v4, SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))),
            SocketAddr::V6(_) => (&mut self.v6, SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0))),
        };
        if socket.is_none() {
            *socket = bind(any).ok();
        }
        if let Some(socket) = socket {
            // Not by way of the runtime, which does not know yet that a new socket is writable.
            let _ = SockRef::from(&*socket).send_to(payload, &peer.into());
        }
    }

    async fn receive(&mut self, scratch: &mut Vec<u8>) -> (SocketAddr, Bytes) {
        loop {
            let ready = match (&self.v4, &self.v6) {
                (None, None) => std::future::pending().await,
                (Some(one), None) | (None, Some(one)) => one.readable().await.map(|()| one),
                (Some(v4), Some(v6)) => tokio::select! {
                    ready = v4.readable() => ready.map(|()| v4),
                    ready = v6.readable() => ready.map(|()| v6),
                },
            };
            scratch.resize(DATAGRAM_BYTES_MAX, 0);
            // An error is that of an earlier datagram (ICMP), or there was nothing after all.
            if let Ok(socket) = ready
                && let Ok((bytes, peer)) = socket.try_recv_from(scratch)
            {
                let payload = scratch.get(..bytes).unwrap_or_default();
                return (peer, Bytes::copy_from_slice(payload));
            }
        }
    }
}

/// A socket for datagrams that the runtime can wait for.
pub(super) fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}
