//! Accepting what Workers send.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::net::UnixListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::error;

use super::{Base, Egress, Life, Live};
use crate::drive::{Stream, Unix, drive};

/// How long accepting rests when the system has no more sockets.
const REST: Duration = Duration::from_millis(50);

/// Whom rules and records take for the client of what a Worker asks for of itself.
const SELF: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Serves every connection until the egress is closed. Clients are let finish before that: what is
/// still here then has nobody to go back to.
pub(super) async fn accept(
    listener: io::Result<std::os::unix::net::UnixListener>,
    base: Arc<Base>,
    live: Weak<Live>,
    mut fate: watch::Receiver<Egress>,
) {
    let listener = match listener.and_then(UnixListener::from_std) {
        Ok(listener) => listener,
        Err(error) => return error!("one thread less accepts what Workers send: {error}"),
    };
    // Requests that come back belong to clients, who are told when their generation ends.
    let (_running, life) = watch::channel(Life::Running);
    let mut sessions = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = fate.wait_for(|fate| *fate == Egress::Closed) => break,
            Some(_) = sessions.join_next() => continue,
        };
        let Ok(stream) = accepted.and_then(|(stream, _)| Unix::new(stream)) else {
            sleep(REST).await;
            continue;
        };
        let Some(live) = live.upgrade() else { break };
        let gateway = live.current();
        let session = gateway.egress_session(SELF, |own| base.entrance(own));
        sessions.spawn(drive(gateway, session, Stream::Unix(stream), life.clone(), None));
    }
    sessions.shutdown().await;
}
