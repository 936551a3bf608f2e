//! Accepting clients: where each connection was meant to go, and a session for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

use super::admission::Admission;
use super::gateway::{Gateway, Life};
use crate::drive::drive;

/// How long accepting rests when the system has no more sockets.
const REST: Duration = Duration::from_millis(50);

/// How connections come to a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The client knows the gateway.
    Proxy,
    /// The firewall changed the destination and remembers it (REDIRECT, DNAT).
    Redirect,
    /// The firewall left the destination as it was (TPROXY).
    Tproxy,
}

pub(super) async fn accept(
    way: Way,
    listener: TcpListener,
    gateway: Arc<Gateway>,
    admission: Arc<Admission>,
    life: watch::Receiver<Life>,
) {
    let max = gateway.config.limits.connections_per_client_max;
    let own = listener.local_addr().ok();
    loop {
        let Ok((stream, client)) = listener.accept().await else {
            sleep(REST).await;
            continue;
        };
        let place = match gateway.config.admits(client.ip()) {
            true => Admission::place(&admission, client.ip(), max),
            false => None,
        };
        let Some(place) = place else {
            refuse(stream);
            continue;
        };
        let session = match way {
            Way::Proxy => gateway.session(client),
            Way::Redirect | Way::Tproxy => match destination(way, &stream, own) {
                Some(destination) => gateway.transparent_session(client, destination),
                None => {
                    refuse(stream);
                    continue;
                }
            },
        };
        let _ = stream.set_nodelay(true);
        let (gateway, life) = (gateway.clone(), life.clone());
        tokio::spawn(async move {
            drive(gateway, session, stream, life).await;
            drop(place);
        });
    }
}

/// Where a connection was meant to go; `None` if that was this listener, which would be a loop, or
/// the system does not know.
fn destination(way: Way, stream: &TcpStream, own: Option<SocketAddr>) -> Option<SocketAddr> {
    let local = stream.local_addr().ok()?;
    let destination = match way {
        Way::Proxy => return None,
        Way::Redirect => {
            let socket = SockRef::from(stream);
            let original = match local.ip().to_canonical().is_ipv4() {
                true => socket.original_dst_v4(),
                false => socket.original_dst_v6(),
            };
            original.ok()?.as_socket()?
        }
        Way::Tproxy => local,
    };
    let own = own?;
    let is_own_ip = own.ip().is_unspecified() || own.ip() == destination.ip();
    let meant_here = destination == local && way == Way::Redirect
        || destination.port() == own.port() && is_own_ip;
    (!meant_here).then_some(destination)
}

/// Turns a client away without a word.
fn refuse(stream: TcpStream) {
    let _ = stream.set_zero_linger();
}
