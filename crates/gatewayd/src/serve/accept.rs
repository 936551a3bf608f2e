//! Accepting clients, and letting them finish when the gateway stops.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::gateway::{Gateway, Life};
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

/// How long sessions get after they were told to break off.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// How long accepting rests when the system has no more sockets.
const REST: Duration = Duration::from_millis(50);
/// How often idle origin connections are looked through.
const SWEEP: Duration = Duration::from_secs(10);

/// Sockets that listen.
#[derive(Debug)]
pub(crate) struct Listeners(Vec<TcpListener>);

impl Listeners {
    /// Listens on `addresses`.
    pub(crate) async fn bind(addresses: &[SocketAddr]) -> Result<Self, ServeError> {
        let mut listeners = Vec::new();
        for address in addresses {
            let bound = TcpListener::bind(address).await;
            let address = *address;
            listeners.push(bound.map_err(|source| ServeError::Bind { address, source })?);
        }
        Ok(Self(listeners))
    }

    /// The addresses listened on, with their real ports.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.0.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Serves clients until `stop` is done; then lets them finish for as long as configured.
    pub(crate) async fn serve(self, gateway: Arc<Gateway>, stop: impl Future<Output = ()>) {
        let (life, watching) = watch::channel(Life::Running);
        let admission = Arc::new(Admission::default());
        let mut accepting = JoinSet::new();
        for listener in self.0 {
            let (gateway, admission) = (gateway.clone(), admission.clone());
            accepting.spawn(accept(listener, gateway, admission, watching.clone()));
        }
        let pool = gateway.dialer.clone();
        accepting.spawn(async move {
            loop {
                sleep(SWEEP).await;
                pool.pool.sweep();
            }
        });
        if let Some(workers) = &gateway.workers {
            workers.serve_egress(&gateway, &life);
        }
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
        if let Some(workers) = &gateway.workers {
            workers.stop().await;
        }
    }
}

async fn accept(
    listener: TcpListener,
    gateway: Arc<Gateway>,
    admission: Arc<Admission>,
    life: watch::Receiver<Life>,
) {
    let max = gateway.config.limits.connections_per_client_max;
    loop {
        let Ok((stream, client)) = listener.accept().await else {
            sleep(REST).await;
            continue;
        };
        if !gateway.config.admits(client.ip()) {
            refuse(stream);
            continue;
        }
        let Some(place) = Admission::place(&admission, client.ip(), max) else {
            refuse(stream);
            continue;
        };
        let _ = stream.set_nodelay(true);
        let session = gateway.session(client);
        let (gateway, life) = (gateway.clone(), life.clone());
        tokio::spawn(async move {
            drive(gateway, session, Stream::Tcp(stream), life).await;
            drop(place);
        });
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
