//! Idle origin connections, by what makes them interchangeable.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use gateway_proxy::{Dialed, OriginKey, Resting};

use super::dial::Ready;
use crate::drive::Stream;

/// Idle connections kept for one key.
const PER_KEY_MAX: usize = 16;
/// Idle connections kept in all.
const ALL_MAX: usize = 1024;

/// Idle origin connections. A connection is either here or with one session.
#[derive(Debug)]
pub(crate) struct Pool {
    idle: Mutex<Idle>,
    keep: Duration,
}

#[derive(Debug, Default)]
struct Idle {
    by_key: HashMap<OriginKey, Vec<(ThreadId, Parked)>>,
    count: usize,
    closed: bool,
}

/// A connection at rest.
#[derive(Debug)]
pub(crate) struct Parked {
    pub(crate) stream: Stream,
    pub(crate) dialed: Dialed,
    /// What must not be lost.
    pub(crate) resting: Option<Resting>,
    pub(crate) since: Instant,
}

impl Pool {
    /// An empty pool that keeps connections for `keep`.
    pub(crate) fn new(keep: Duration) -> Self {
        Self { idle: Mutex::default(), keep }
    }

    /// An idle connection that is still alive: the one used last, if there is one on this thread.
    /// Those of others will do, but each of their events has to come over from there. It leads to
    /// one of `addresses`, if there are any.
    pub(crate) fn take(&self, key: &OriginKey, addresses: &[IpAddr]) -> Option<Ready> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = &mut *idle;
        let parked = idle.by_key.get_mut(key)?;
        let mut found = None;
        let fits =
            |parked: &Parked| addresses.is_empty() || addresses.contains(&parked.dialed.peer.ip());
        let here = thread::current().id();
        let nearest = |parked: &[(ThreadId, Parked)]| {
            let is_here = parked.iter().rposition(|(home, one)| *home == here && fits(one));
            is_here.or_else(|| parked.iter().rposition(|(_, one)| fits(one)))
        };
        while let Some(index) = nearest(parked) {
            let (_, mut candidate) = parked.remove(index);
            idle.count -= 1;
            if candidate.since.elapsed() < self.keep && candidate.stream.is_quiet() {
                let dialed = Dialed { reused: true, connect: Duration::ZERO, ..candidate.dialed };
                let Parked { stream, resting, .. } = candidate;
                found = Some(Ready { stream, dialed, resting });
                break;
            }
        }
        if parked.is_empty() {
            idle.by_key.remove(key);
        }
        found
    }

    /// Keeps an idle connection for others, if there is room.
    pub(crate) fn park(&self, key: OriginKey, one: Parked) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.closed || idle.count >= ALL_MAX {
            return;
        }
        let parked = idle.by_key.entry(key).or_default();
        if parked.len() < PER_KEY_MAX {
            parked.push((thread::current().id(), one));
            idle.count += 1;
        }
    }

    /// How many are idle now.
    pub(crate) fn len(&self) -> usize {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).count
    }

    /// Closes every idle connection and keeps none from now on.
    pub(crate) fn close(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        *idle = Idle { closed: true, ..Idle::default() };
    }

    /// Closes what has been idle for too long.
    pub(crate) fn sweep(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kept = 0;
        idle.by_key.retain(|_, parked| {
            parked.retain(|(_, one)| one.since.elapsed() < self.keep);
            kept += parked.len();
            !parked.is_empty()
        });
        idle.count = kept;
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use gateway_proxy::{Security, TenantId};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::drive::Socket;

    const LONG: Duration = Duration::from_secs(3_600);

    fn key_of(host: &str) -> OriginKey {
        let tenant = TenantId::default();
        OriginKey { tenant, security: Security::Plain, host: host.to_owned(), port: 80 }
    }

    /// Connections as dialled to addresses of one host, and their other ends. Where they lead in truth
    /// does not matter to the pool.
    struct Origins {
        listener: TcpListener,
        ends: Vec<TcpStream>,
    }

    impl Origins {
        async fn new() -> Self {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            Self { listener, ends: Vec::new() }
        }

        async fn parked(&mut self, peer: [u8; 4]) -> Parked {
            let stream = TcpStream::connect(self.listener.local_addr().unwrap()).await.unwrap();
            self.ends.push(self.listener.accept().await.unwrap().0);
            let local = stream.local_addr().unwrap();
            let peer = SocketAddr::from((peer, 80));
            let dialed = Dialed { peer, local, reused: false, tls: None, connect: LONG };
            Parked {
                stream: Stream::Tcp(Socket(stream)),
                dialed,
                resting: None,
                since: Instant::now(),
            }
        }
    }

    fn taken(pool: &Pool, key: &OriginKey, addresses: &[[u8; 4]]) -> Option<[u8; 4]> {
        let addresses: Vec<IpAddr> = addresses.iter().map(|&address| address.into()).collect();
        let ready = pool.take(key, &addresses)?;
        assert!(ready.dialed.reused && ready.dialed.connect.is_zero(), "{:?}", ready.dialed);
        match ready.dialed.peer.ip() {
            IpAddr::V4(ip) => Some(ip.octets()),
            IpAddr::V6(_) => None,
        }
    }

    const A: [u8; 4] = [203, 0, 113, 1];
    const B: [u8; 4] = [203, 0, 113, 2];
    const C: [u8; 4] = [203, 0, 113, 3];

    #[tokio::test]
    async fn only_a_connection_to_an_address_that_was_decided_on_is_taken() {
        let (pool, mut origins, key) = (Pool::new(LONG), Origins::new().await, key_of("a.test"));
        for peer in [A, B, A, C] {
            pool.park(key.clone(), origins.parked(peer).await);
        }
        let other = key_of("b.test");
        // It leads elsewhere, though the host is the same.
        assert_eq!(taken(&pool, &key, &[[203, 0, 113, 9]]), None);
        assert_eq!(taken(&pool, &other, &[A]), None);
        assert_eq!(pool.len(), 4, "what is not taken stays");
        assert_eq!(taken(&pool, &key, &[B]), Some(B));
        assert_eq!(taken(&pool, &key, &[B]), None, "it was the only one");
        assert_eq!(taken(&pool, &key, &[B, A]), Some(A));
        // Any will do where nothing was decided on: the one used last.
        assert_eq!(taken(&pool, &key, &[]), Some(C));
        assert_eq!(taken(&pool, &key, &[A]), Some(A));
        assert_eq!((pool.len(), taken(&pool, &key, &[])), (0, None));
    }

    #[tokio::test]
    async fn what_has_ended_or_is_too_old_is_thrown_away() {
        let (pool, mut origins, key) = (Pool::new(LONG), Origins::new().await, key_of("a.test"));
        for peer in [A, B] {
            pool.park(key.clone(), origins.parked(peer).await);
        }
        drop(origins.ends.pop());
        // The end must have come.
        while pool.len() == 2 {
            match pool.take(&key, &[B.into()]) {
                Some(ready) => pool.park(key.clone(), parked_again(ready)),
                None => break,
            }
            tokio::task::yield_now().await;
        }
        assert_eq!((taken(&pool, &key, &[B]), pool.len()), (None, 1));
        let mut old = origins.parked(C).await;
        old.since = old.since.checked_sub(LONG).unwrap();
        pool.park(key.clone(), old);
        assert_eq!((taken(&pool, &key, &[C]), pool.len()), (None, 1));
        let mut old = origins.parked(C).await;
        old.since = old.since.checked_sub(LONG).unwrap();
        pool.park(key.clone(), old);
        pool.sweep();
        assert_eq!((pool.len(), taken(&pool, &key, &[])), (1, Some(A)));
    }

    fn parked_again(ready: Ready) -> Parked {
        let Ready { stream, dialed, resting } = ready;
        Parked { stream, dialed, resting, since: Instant::now() }
    }

    #[tokio::test]
    async fn there_is_room_for_so_many_and_none_once_it_is_closed() {
        let (pool, mut origins, key) = (Pool::new(LONG), Origins::new().await, key_of("a.test"));
        for _ in 0..=PER_KEY_MAX {
            pool.park(key.clone(), origins.parked(A).await);
        }
        assert_eq!(pool.len(), PER_KEY_MAX);
        let other = key_of("b.test");
        pool.park(other, origins.parked(A).await);
        assert_eq!(pool.len(), PER_KEY_MAX + 1);
        pool.close();
        pool.park(key.clone(), origins.parked(A).await);
        assert_eq!((pool.len(), taken(&pool, &key, &[])), (0, None));
    }
}
