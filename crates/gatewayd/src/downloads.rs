//! Downloads for which a page stands at the client: where their bytes are kept meanwhile, who may have them,
//! and for how long. Whether a page stands for one, and whether it is in order, is decided elsewhere.
//!
//! Bytes go into files without names: nobody can open one, and none is left behind by a gateway that has ended,
//! however it did.

mod delivery;
mod fetch;
mod file;
mod shelf;

use std::sync::Arc;

use gateway_proxy::{Deferred, PickupReport, Ticket, Waiter};

pub(crate) use self::delivery::Delivery;
pub(crate) use self::fetch::fetch;
pub(crate) use self::file::clear;
pub(crate) use self::shelf::Shelf;
use self::shelf::{Download, State};
use crate::config;
use crate::random;

/// The downloads as one generation of settings has them; all generations share the shelf.
#[derive(Debug)]
pub(crate) struct Downloads {
    settings: config::Progress,
    shelf: Arc<Shelf>,
}

/// A download that is to be fetched.
pub(crate) struct Opened {
    pub(crate) ticket: Ticket,
    download: Arc<Download>,
}

impl Downloads {
    /// Those on `shelf`, of which more are taken in as `settings` allow.
    pub(crate) fn new(settings: &config::Progress, shelf: Arc<Shelf>) -> Self {
        Self { settings: settings.clone(), shelf }
    }

    /// Takes one in, if there is a place for it.
    pub(crate) fn open(&self, about: Deferred) -> Option<Opened> {
        let fits = about.length.is_none_or(|length| length <= self.settings.body_bytes_max);
        if !self.settings.is_on() || !fits {
            return None;
        }
        let ticket = random::bytes().map(Ticket::new).ok()?;
        let download = self.shelf.put(ticket, about, &self.settings)?;
        Some(Opened { ticket, download })
    }

    /// How the download of this ticket is, if it is that of `waiter`; and its bytes, if they may be had.
    pub(crate) fn ask(&self, ticket: Ticket, waiter: &Waiter) -> (PickupReport, Option<Delivery>) {
        let Some(download) = self.shelf.find(ticket, waiter) else {
            return (PickupReport::Unknown, None);
        };
        let (running, state) = download.ask();
        let running = Box::new(running);
        match state {
            State::Running => (PickupReport::Running(running), None),
            State::Refused(id, name) => (PickupReport::Refused(running, id, name), None),
            State::Failed => (PickupReport::Failed(running), None),
            State::Ready(head, stored) => {
                let delivery = Delivery::new(download, stored);
                (PickupReport::Ready(running, head), Some(delivery))
            }
        }
    }
}
