//! How much is in the store, counted across sessions and generations: what does not fit is not kept.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::folder::{Folder, FolderError, Usage};
use crate::config;

/// Bytes of bodies that may wait for their turn to be written: a disk that is slow does not fill the memory.
const WAITING_BYTES_MAX: u64 = 256 << 20;

/// The count.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// What is in the store, as far as that is known, and in which folder. Others may have deleted something
    /// since: it is looked again before anything is turned away.
    usage: Mutex<Option<(Folder, Usage)>>,
    waiting: AtomicU64,
}

/// Bytes that wait to be written.
#[derive(Debug)]
pub(super) struct Waiting {
    ledger: Arc<Ledger>,
    bytes: u64,
}

/// Why there is no room.
#[derive(Debug)]
pub(super) enum Full {
    /// As much is there as there may be.
    Full,
    /// It cannot be told.
    Folder(FolderError),
}

impl Full {
    /// The name in records.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Folder(_) => "io",
        }
    }
}

impl Ledger {
    /// A place for `bytes` more that wait; `None` where too many do.
    pub(super) fn wait(ledger: &Arc<Self>, bytes: u64) -> Option<Waiting> {
        let fits = |waiting: u64| {
            let more = waiting.saturating_add(bytes);
            // One that is larger than all may be waits alone.
            (more <= WAITING_BYTES_MAX || waiting == 0).then_some(more)
        };
        let taken = ledger.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits);
        taken.ok().map(|_| Waiting { ledger: ledger.clone(), bytes })
    }

    /// Takes room for one body more of `bytes`, its file and what stands beside it.
    pub(super) fn reserve(
        &self,
        folder: &Folder,
        settings: &config::Quarantine,
        bytes: u64,
    ) -> Result<(), Full> {
        let with_it = |usage: Usage| {
            let bodies = usage.bodies.saturating_add(1);
            let bytes = usage.bytes.saturating_add(bytes);
            let fits = bodies <= settings.bodies_max && bytes <= settings.total_bytes_max;
            fits.then_some(Usage { bodies, bytes })
        };
        let mut known = self.usage.lock().unwrap_or_else(PoisonError::into_inner);
        let here = known.as_ref().filter(|(counted, _)| counted == folder).map(|(_, usage)| *usage);
        let taken = match here.and_then(with_it) {
            Some(taken) => taken,
            None => {
                folder.make().map_err(Full::Folder)?;
                folder.expire(settings.days_max).map_err(Full::Folder)?;
                let usage = folder.usage().map_err(Full::Folder)?;
                with_it(usage).ok_or(Full::Full)?
            }
        };
        *known = Some((folder.clone(), taken));
        Ok(())
    }

    /// What is in the store has changed otherwise: it is counted anew the next time.
    pub(super) fn forget(&self) {
        *self.usage.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.ledger.waiting.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn no_more_is_taken_than_there_is_room_for() {
        let scratch = Scratch::new();
        let folders = ["a", "b"].map(|name| Folder::new(&scratch.path().join(name)));
        let settings = config::Quarantine {
            total_bytes_max: 100,
            bodies_max: 3,
            ..config::Quarantine::default()
        };
        let ledger = Ledger::default();
        let fits = |folder, bytes| ledger.reserve(folder, &settings, bytes).is_ok();
        let [one, other] = &folders;
        assert!(fits(one, 60) && fits(one, 40), "as many bytes as there may be");
        // Nothing was written: it is looked again, and there is room.
        assert!(fits(one, 1) && !fits(one, 101));
        assert!(fits(other, 100), "another folder has room of its own");
    }

    #[test]
    fn what_waits_is_bounded() {
        let ledger = Arc::new(Ledger::default());
        let first = Ledger::wait(&ledger, WAITING_BYTES_MAX + 1);
        assert!(first.is_some(), "one alone always may");
        assert!(Ledger::wait(&ledger, 1).is_none());
        drop(first);
        let half = Ledger::wait(&ledger, WAITING_BYTES_MAX - 1);
        assert!(half.is_some() && Ledger::wait(&ledger, 2).is_none());
        assert!(Ledger::wait(&ledger, 1).is_some());
    }
}
