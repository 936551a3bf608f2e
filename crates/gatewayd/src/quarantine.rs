//! The store of bodies that rules have kept aside. Which bodies these are, and that they are refused, is
//! decided elsewhere; here is where they are put, within bounds, and when they are deleted.

mod container;
mod entry;
mod folder;
mod id;
mod ledger;

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use gateway_log::Record;
use gateway_proxy::Quarantined;
use tracing::{error, info};

use self::entry::Entry;
pub(crate) use self::folder::Folder;
pub(crate) use self::id::Id;
pub(crate) use self::ledger::Ledger;
use crate::config;
use crate::payload::PublicKey;
use crate::serve::{Live, Outlet};

/// How often it is looked for bodies that are too old.
const TIDY: Duration = Duration::from_secs(3_600);

/// The store as one generation of settings has it.
#[derive(Debug)]
pub(crate) struct Store {
    folder: Folder,
    settings: config::Quarantine,
    key: Option<PublicKey>,
    ledger: Arc<Ledger>,
}

impl Store {
    /// The store that `settings` name; what is in it is counted in `ledger`.
    pub(crate) fn new(settings: &config::Quarantine, ledger: Arc<Ledger>) -> Self {
        Self {
            folder: Folder::new(&settings.dir),
            settings: settings.clone(),
            key: settings.key.parse().ok(),
            ledger,
        }
    }

    /// Bytes of a body that can be kept; 0 where nothing is.
    pub(crate) fn body_bytes_max(&self) -> u64 {
        if self.settings.is_on() { self.settings.body_bytes_max } else { 0 }
    }

    /// Keeps a body on a thread for files, and hands its record to `outlet` in any case. Needs the runtime.
    pub(crate) fn keep(self: &Arc<Self>, quarantined: Quarantined, outlet: &Arc<Outlet>) {
        let (store, bytes) = (self.clone(), quarantined.bytes());
        let outlet = outlet.clone();
        let owed = Owed { quarantined: Some(quarantined), outlet };
        let Some(waiting) = Ledger::wait(&self.ledger, bytes) else { return owed.end(Err("busy")) };
        tokio::task::spawn_blocking(move || {
            let kept = match &owed.quarantined {
                Some(quarantined) => store.store(quarantined),
                None => Err("stopped"),
            };
            drop(waiting);
            owed.end(kept);
        });
    }

    /// Writes a body and what is known of it; its name and its digest, or why it is not there.
    fn store(&self, quarantined: &Quarantined) -> Result<(Id, String), &'static str> {
        let id = Id::draw().map_err(|_no_random| "no_random")?;
        let mut digest = Context::new(&SHA256);
        quarantined.pieces.iter().for_each(|piece| digest.update(piece));
        let sha256 = entry::hex(digest.finish().as_ref());
        let entry = Entry::new(&id, quarantined, &sha256, self.key.as_ref());
        let sidecar = entry.to_json();
        let size = container::size(quarantined.bytes(), self.key.as_ref()) + sidecar.len() as u64;
        self.ledger.reserve(&self.folder, &self.settings, size).map_err(|error| {
            if let ledger::Full::Folder(error) = &error {
                error!("the quarantine cannot be used: {error}");
            }
            error.name()
        })?;
        match self.folder.put(&id, &quarantined.pieces, self.key.as_ref(), &sidecar) {
            Ok(()) => Ok((id, sha256)),
            Err(error) => {
                error!("a body cannot be put into the quarantine: {error}");
                self.ledger.forget();
                Err("io")
            }
        }
    }

    /// Deletes what is too old.
    fn tidy(&self) {
        if !self.settings.is_on() || !self.folder.is_there() {
            return;
        }
        // Others may have put something there too.
        self.ledger.forget();
        match self.folder.expire(self.settings.days_max) {
            Ok(0) => {}
            Ok(bodies) => info!(bodies, "deleted from the quarantine, as they were too old"),
            Err(error) => error!("the quarantine cannot be tidied: {error}"),
        }
    }
}

/// Deletes what is too old from the store of the generation in force, now and then. Never ends.
pub(crate) async fn tidy(live: Arc<Live>) {
    loop {
        let store = live.current().quarantine.clone();
        // A thread for files that breaks down is another one next time.
        let _ = tokio::task::spawn_blocking(move || store.tidy()).await;
        tokio::time::sleep(TIDY).await;
    }
}

/// A record that is written whatever happens.
struct Owed {
    quarantined: Option<Quarantined>,
    outlet: Arc<Outlet>,
}

impl Owed {
    fn end(mut self, kept: Result<(Id, String), &'static str>) {
        let Some(quarantined) = self.quarantined.take() else { return };
        self.submit(match kept {
            Ok((id, sha256)) => quarantined.stored(&id.to_string(), &sha256),
            Err(why) => quarantined.failed(why),
        });
    }

    fn submit(&self, record: Box<Record>) {
        self.outlet.submit(record);
    }
}

impl Drop for Owed {
    fn drop(&mut self) {
        if let Some(quarantined) = self.quarantined.take() {
            self.submit(quarantined.failed("stopped"));
        }
    }
}
