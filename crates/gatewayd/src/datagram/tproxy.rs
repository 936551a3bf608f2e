//! Datagrams that the network leads here with TPROXY: one socket takes them all, with the address
//! that each was sent to.

use std::collections::HashMap;
use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::AsRawFd;
use std::sync::Arc;

use bytes::Bytes;
use nix::sys::socket::sockopt::{Ipv4OrigDstAddr, Ipv6OrigDstAddr};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt};
use socket2::{Protocol, Type};
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, watch};

use super::DATAGRAM_BYTES_MAX;
use super::reply::{Replies, transparent};
use super::run::{Client, FromClient, run};
use crate::metrics::Unheard;
use crate::serve::{Live, Place};

/// Datagrams of one client that wait for its association; those beyond are lost.
const QUEUE_DATAGRAMS_MAX: usize = 256;
/// Clients at a time: each has sockets and buffers, and addresses of datagrams can be made up.
const CLIENTS_MAX: usize = 8_192;

/// A socket that takes what the firewall leads to it.
pub(crate) struct TproxyListener {
    socket: UdpSocket,
    address: SocketAddr,
    phase: watch::Sender<Phase>,
}

/// Whom a socket takes datagrams of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Of everybody.
    Open,
    /// Of those who are here: theirs come by this socket alone.
    Leaving,
    /// Of nobody, as the last of them has gone.
    Gone,
}

/// One datagram, and who sent it where.
struct Received {
    from: SocketAddr,
    to: SocketAddr,
    payload: Bytes,
}

impl TproxyListener {
    /// Listens on `address`.
    ///
    /// # Errors
    ///
    /// What the system says; without `CAP_NET_ADMIN` it does not permit it.
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = transparent(address, Type::DGRAM, Protocol::UDP)?;
        match address {
            SocketAddr::V4(_) => setsockopt(&socket, Ipv4OrigDstAddr, &true)?,
            SocketAddr::V6(_) => setsockopt(&socket, Ipv6OrigDstAddr, &true)?,
        }
        socket.bind(&address.into())?;
        let socket = UdpSocket::from_std(socket.into())?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address, phase: watch::Sender::new(Phase::Open) })
    }

    /// The address listened on, with its real port.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets nobody else in, and [`serve`](Self::serve) end with the last association that is here.
    pub(crate) fn leave(&self) {
        self.phase.send_if_modified(|phase| {
            let leaves = *phase == Phase::Open;
            *phase = if leaves { Phase::Leaving } else { *phase };
            leaves
        });
    }

    /// Lets everybody in again. Whether it is served still: if not, [`serve`](Self::serve) has ended,
    /// or is about to, and has to be called anew.
    pub(crate) fn stay(&self) -> bool {
        self.phase.send_replace(Phase::Open) != Phase::Gone
    }

    /// Whether serving is over, once nobody is here.
    fn ends(&self) -> bool {
        self.phase.send_if_modified(|phase| {
            let ends = *phase == Phase::Leaving;
            *phase = if ends { Phase::Gone } else { *phase };
            ends
        })
    }

    /// Gives each client an association, and each association its datagrams, until it is to leave and
    /// all have gone.
    pub(crate) async fn serve(self: Arc<Self>, live: Arc<Live>) {
        let mut clients: HashMap<SocketAddr, mpsc::Sender<(SocketAddr, Bytes)>> = HashMap::new();
        let (ended, mut has_ended) = mpsc::unbounded_channel();
        let mut phase = self.phase.subscribe();
        let mut scratch = vec![0; DATAGRAM_BYTES_MAX];
        loop {
            if clients.is_empty() && self.ends() {
                return;
            }
            let received = tokio::select! {
                received = self.receive(&mut scratch) => received,
                Some(client) = has_ended.recv() => {
                    // Another one may have taken its place by now.
                    if clients.get(&client).is_some_and(mpsc::Sender::is_closed) {
                        clients.remove(&client);
                    }
                    continue;
                }
                _ = phase.changed() => continue,
            };
            let Some(Received { from, to, payload }) = received else { continue };
            let gateway = live.current();
            let metrics = gateway.sinks.metrics();
            let unheard = if self.is_own(to) {
                Some(Unheard::OwnAddress)
            } else if !gateway.config.admits(from.ip()) {
                Some(Unheard::NotAClient)
            } else if gateway.is_nobody(from.ip()) {
                Some(Unheard::NotIdentified)
            } else {
                None
            };
            if let Some(why) = unheard {
                metrics.datagram_unheard(why);
                continue;
            }
            let queue = clients.get(&from).filter(|queue| !queue.is_closed());
            let queue = match queue {
                Some(queue) => queue,
                None => {
                    // Those who are here are heard to their end; nobody else comes in.
                    if gateway.is_draining() || *phase.borrow() != Phase::Open {
                        metrics.datagram_unheard(Unheard::Stopping);
                        continue;
                    }
                    let place = (clients.len() < CLIENTS_MAX).then(|| gateway.place(from.ip()));
                    let Some(place) = place.flatten() else {
                        metrics.datagram_unheard(Unheard::TooManyClients);
                        continue;
                    };
                    let (queue, datagrams) = mpsc::channel(QUEUE_DATAGRAMS_MAX);
                    let client = TproxyClient { datagrams, replies: Replies::new(from) };
                    let known = gateway.identifier.known_at(from.ip());
                    let association = gateway.association(from, known);
                    let running = run(gateway.clone(), association, client, gateway.life());
                    let ended = ended.clone();
                    tokio::spawn(async move {
                        running.await;
                        let _ended = Ended { place, ended, from };
                    });
                    clients.entry(from).insert_entry(queue).into_mut()
                }
            };
            if queue.try_send((to, payload)).is_err() {
                metrics.datagram_unheard(Unheard::TooManyDatagrams);
            }
        }
    }

    /// Whether a datagram was meant for this socket itself: to pass it on would be a loop.
    fn is_own(&self, to: SocketAddr) -> bool {
        let (own, to_ip) = (self.address.ip(), to.ip().to_canonical());
        to.port() == self.address.port() && (own.is_unspecified() || own == to_ip)
    }

    /// The next datagram; `None` for one that does not tell where it was sent.
    async fn receive(&self, scratch: &mut [u8]) -> Option<Received> {
        let read = self.socket.async_io(Interest::READABLE, || {
            let mut control = nix::cmsg_space!(nix::libc::sockaddr_in6);
            let mut pieces = [IoSliceMut::new(scratch)];
            let flags = MsgFlags::empty();
            let fd = self.socket.as_raw_fd();
            let message = recvmsg::<SockaddrStorage>(fd, &mut pieces, Some(&mut control), flags)?;
            let to = message.cmsgs()?.find_map(|message| original(&message));
            Ok((message.bytes, message.address.and_then(|from| plain(&from)), to))
        });
        let (bytes, from, to) = read.await.ok()?;
        let payload = Bytes::copy_from_slice(scratch.get(..bytes)?);
        Some(Received { from: from?, to: to?, payload })
    }
}

/// Says that an association has ended, and gives its place free, whatever ends it.
struct Ended {
    #[expect(dead_code, reason = "it is free when this is dropped")]
    place: Place,
    ended: mpsc::UnboundedSender<SocketAddr>,
    from: SocketAddr,
}

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.ended.send(self.from);
    }
}

/// Where a datagram was sent to.
fn original(message: &ControlMessageOwned) -> Option<SocketAddr> {
    match message {
        ControlMessageOwned::Ipv4OrigDstAddr(to) => {
            let ip = u32::from_be(to.sin_addr.s_addr);
            Some(SocketAddrV4::new(ip.into(), u16::from_be(to.sin_port)).into())
        }
        ControlMessageOwned::Ipv6OrigDstAddr(to) => {
            let ip = to.sin6_addr.s6_addr;
            Some(SocketAddrV6::new(ip.into(), u16::from_be(to.sin6_port), 0, 0).into())
        }
        _ => None,
    }
}

fn plain(address: &SockaddrStorage) -> Option<SocketAddr> {
    match (address.as_sockaddr_in(), address.as_sockaddr_in6()) {
        (Some(v4), _) => Some(SocketAddrV4::new(v4.ip(), v4.port()).into()),
        (None, Some(v6)) => Some(SocketAddrV6::new(v6.ip(), v6.port(), 0, 0).into()),
        (None, None) => None,
    }
}

struct TproxyClient {
    datagrams: mpsc::Receiver<(SocketAddr, Bytes)>,
    replies: Replies,
}

impl Client for TproxyClient {
    async fn receive(&mut self) -> FromClient {
        match self.datagrams.recv().await {
            Some((to, payload)) => FromClient::Datagram(to.into(), payload),
            None => FromClient::Gone,
        }
    }

    fn send(&mut self, peer: SocketAddr, payload: &[u8]) {
        // What the system does not take is lost, as datagrams are.
        let _ = self.replies.send(peer, payload);
    }
}
