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
