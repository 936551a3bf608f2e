//! The downloads that there are, by their tickets, and how many bytes they take.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gateway_h1h2::ResponseHead;
use gateway_proxy::{Deferred, Running, Ticket, Waiter};

use super::file::Stored;
use crate::config;

/// All downloads of the process.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    downloads: Mutex<HashMap<Ticket, Arc<Download>>>,
    bytes: Arc<AtomicU64>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Download {
    about: Deferred,
    keep: Duration,
    stand: Mutex<Stand>,
}

#[derive(Debug)]
struct Stand {
    state: State,
    bytes: u64,
    /// When somebody has last asked for it, or taken of it.
    asked: Instant,
}

/// Where it stands.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// It is being fetched and looked at.
    Running,
    /// It may be had.
    Ready(Box<ResponseHead>, Arc<Stored>),
    /// The rule of this id and name has refused it.
    Refused(String, String),
    /// It has come to no end.
    Failed,
}

/// Bytes that a download takes up, until it lets go of them.
#[derive(Debug)]
pub(super) struct Room {
    all: Arc<AtomicU64>,
    bytes: u64,
}

impl Shelf {
    fn lock(&self) -> MutexGuard<'_, HashMap<Ticket, Arc<Download>>> {
        self.downloads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts one more there, if `settings` allow it.
    pub(super) fn put(
        &self,
        ticket: Ticket,
        about: Deferred,
        settings: &config::Progress,
    ) -> Option<Arc<Download>> {
        let mut downloads = self.lock();
        let client = about.waiter.client;
        let all = downloads.len() as u64;
        let of_client = downloads.values().filter(|one| one.about.waiter.client == client).count();
        if all >= settings.downloads_max || of_client as u64 >= settings.downloads_per_client_max {
            return None;
        }
        let asked = Instant::now();
        let stand = Mutex::new(Stand { state: State::Running, bytes: 0, asked });
        let keep = Duration::from_millis(settings.keep_ms);
        let download = Arc::new(Download { about, keep, stand });
        downloads.insert(ticket, download.clone());
        Some(download)
    }

    /// The download of this ticket, if it is that of `waiter`.
    pub(super) fn find(&self, ticket: Ticket, waiter: &Waiter) -> Option<Arc<Download>> {
        self.lock().get(&ticket).filter(|download| download.about.waiter == *waiter).cloned()
    }

    /// It is there no more.
    pub(super) fn remove(&self, ticket: Ticket) {
        self.lock().remove(&ticket);
    }

    /// Room for a download that has no byte yet.
    pub(super) fn room(&self) -> Room {
        Room { all: self.bytes.clone(), bytes: 0 }
    }
}

impl Download {
    fn lock(&self) -> MutexGuard<'_, Stand> {
        self.stand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody asks for it: how far it is, and where it stands.
    pub(super) fn ask(&self) -> (Running, State) {
        let mut stand = self.lock();
        stand.asked = Instant::now();
        (Running::new(&self.about, stand.bytes), stand.state.clone())
    }

    /// Somebody takes of it.
    pub(super) fn touch(&self) {
        self.lock().asked = Instant::now();
    }

    /// So many bytes of it are there.
    pub(super) fn has(&self, bytes: u64) {
        self.lock().bytes = bytes;
    }

    /// It has come to its end.
    pub(super) fn settle(&self, state: State) {
        self.lock().state = state;
    }

    /// When it is given up unless somebody asks for it.
    pub(super) fn due(&self) -> Instant {
        let asked = self.lock().asked;
        asked.checked_add(self.keep).unwrap_or(asked)
    }
}

impl Room {
    /// Takes room for so many bytes more; whether there is any, of `total_bytes_max` for all.
    pub(super) fn grow(&mut self, bytes: u64, total_bytes_max: u64) -> bool {
        let fits = |all: u64| all.checked_add(bytes).filter(|all| *all <= total_bytes_max);
        let grown = self.all.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok();
        self.bytes += if grown { bytes } else { 0 };
        grown
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_shared_and_given_back() {
        let shelf = Shelf::default();
        let (mut one, mut other) = (shelf.room(), shelf.room());
        assert!(one.grow(60, 100) && !other.grow(41, 100) && other.grow(40, 100));
        assert!(!other.grow(u64::MAX, u64::MAX), "no count overflows");
        drop(one);
        assert!(other.grow(60, 100) && !other.grow(1, 100));
        drop(other);
        assert_eq!(shelf.bytes.load(Ordering::Relaxed), 0);
    }
}
