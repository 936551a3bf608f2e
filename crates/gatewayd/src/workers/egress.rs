//! Accepting what Workers send.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::net::UnixListener;
use tokio::sync::watch;
use tokio::time::sleep;

use super::Shared;
use crate::drive::{Stream, drive};
use crate::serve::{Gateway, Life};

/// How long accepting rests when the system has no more sockets.
const REST: Duration = Duration::from_millis(50);

/// Whom rules and records take for the client of what a Worker asks for of itself.
const SELF: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Serves every connection, for as long as there is a gateway. It holds no receiver of `life`
/// itself: those are what a stopping gateway waits for.
pub(super) async fn accept(
    listener: UnixListener,
    shared: Arc<Shared>,
    gateway: Weak<Gateway>,
    life: watch::Sender<Life>,
) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(REST).await;
            continue;
        };
        let Some(gateway) = gateway.upgrade() else { return };
        let session = gateway.egress_session(SELF, |own| shared.entrance(own));
        let mut life = life.subscribe();
        if *life.borrow() != Life::Running {
            life.mark_changed();
        }
        tokio::spawn(drive(gateway, session, Stream::Unix(stream), life));
    }
}
