//! What waits for a remote sink: the older part in memory, the younger on disk, both bounded.
//! Moves records and counts them; waits for nothing.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Parcel;
use crate::counters::{Counters, take};
use crate::entry::Entry;
use crate::spool::{Peeked, Spool, SpoolError};

/// Records that wait, oldest first: those in memory, then those in the spool.
#[derive(Debug)]
pub(crate) struct Backlog {
    memory: VecDeque<Arc<Entry>>,
    records_max: usize,
    spool: Option<Spool>,
    /// Whether the last delivery went well; if not, what comes goes to the spool at once.
    is_well: bool,
}

/// A batch in delivery.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) parcels: Vec<Parcel>,
    peeked: Option<Peeked>,
}

impl Backlog {
    /// At most `records_max` records in memory; the rest in `spool`, if there is one.
    pub(crate) const fn new(records_max: usize, spool: Option<Spool>) -> Self {
        Self { memory: VecDeque::new(), records_max, spool, is_well: true }
    }

    /// Records in memory.
    pub(super) fn in_memory(&self) -> usize {
        self.memory.len()
    }

    /// Records on disk.
    pub(super) fn spooled(&self) -> u64 {
        self.spool.as_ref().map_or(0, Spool::records)
    }

    /// Bytes of the spool that were no records when it was opened.
    pub(super) fn damaged_bytes(&self) -> u64 {
        self.spool.as_ref().map_or(0, Spool::damaged_bytes)
    }

    /// Takes a record in, or loses and counts it.
    pub(super) fn add(
        &mut self,
        entry: &Arc<Entry>,
        counters: &Counters,
    ) -> Result<(), SpoolError> {
        let to_memory = match &self.spool {
            Some(spool) => spool.records() == 0 && self.is_well,
            None => true,
        };
        if to_memory && self.memory.len() < self.records_max {
            self.memory.push_back(Arc::clone(entry));
            return Ok(());
        }
        let Some(spool) = &mut self.spool else {
            counters.lost(1);
            return Ok(());
        };
        match spool.append(entry.key(), entry.time_ns(), entry.line()) {
            Ok(()) => {
                take(&counters.held, 1);
                counters.spooled.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(error) => {
                counters.lost(1);
                Err(error)
            }
        }
    }

    /// The oldest records, at most `records_max` of them.
    pub(super) fn take(&mut self, records_max: usize, counters: &Counters) -> io::Result<Work> {
        if !self.memory.is_empty() {
            let count = records_max.min(self.memory.len());
            let parcels = self.memory.drain(..count).map(Parcel::Fresh).collect();
            return Ok(Work { parcels, peeked: None });
        }
        let Some(spool) = &mut self.spool else {
            return Ok(Work { parcels: Vec::new(), peeked: None });
        };
        let mut lost = 0;
        let result = spool.peek(records_max, &mut lost);
        if lost > 0 {
            take(&counters.spooled, lost);
            counters.dropped.fetch_add(lost, Ordering::Relaxed);
        }
        let mut peeked = result?;
        let parcels = std::mem::take(&mut peeked.records).into_iter().map(Parcel::Spooled);
        Ok(Work { parcels: parcels.collect(), peeked: Some(peeked) })
    }

    /// Forgets a batch that was delivered but for `refused` records, which are lost.
    pub(super) fn done(&mut self, work: Work, refused: u64, counters: &Counters) {
        self.is_well = true;
        let records = wide(work.parcels.len());
        match (work.peeked, &mut self.spool) {
            (Some(peeked), Some(spool)) => {
                // Should the disk not take the new position, a restart delivers the batch again.
                let _: io::Result<()> = spool.advance(&peeked, records);
                take(&counters.spooled, records);
            }
            _ => take(&counters.held, records),
        }
        counters.written.fetch_add(records.saturating_sub(refused), Ordering::Relaxed);
        counters.dropped.fetch_add(refused, Ordering::Relaxed);
    }

    /// Takes a batch back that was not delivered, and brings what is in memory to the spool.
    pub(super) fn undone(&mut self, work: &mut Work, counters: &Counters) {
        self.is_well = false;
        let mut back = Vec::new();
        if work.peeked.is_none() {
            back.extend(work.parcels.drain(..).filter_map(|parcel| match parcel {
                Parcel::Fresh(entry) => Some(entry),
                Parcel::Spooled(_) => None,
            }));
        }
        self.keep(&mut back, counters);
    }

    /// Brings `back` and what is in memory to the spool, before all that lies there. What finds no
    /// room, or all where there is no spool, stays in memory.
    pub(super) fn keep(&mut self, back: &mut Vec<Arc<Entry>>, counters: &Counters) {
        for entry in back.drain(..).rev() {
            self.memory.push_front(entry);
        }
        let Some(spool) = self.spool.as_mut().filter(|_| !self.memory.is_empty()) else { return };
        let records = self.memory.iter().map(|e| (e.key(), e.time_ns(), e.line()));
        match spool.prepend(records) {
            Ok(put) => {
                self.memory.drain(..usize::try_from(put).unwrap_or(usize::MAX));
                take(&counters.held, put);
                counters.spooled.fetch_add(put, Ordering::Relaxed);
            }
            Err(error) => {
                counters.failed(error.to_string());
            }
        }
    }

    /// Loses what is neither delivered nor in the spool.
    pub(super) fn abandon(&mut self, counters: &Counters) {
        self.memory.clear();
        counters.lost(counters.held.load(Ordering::Relaxed));
    }

    /// Makes the spool safe against a power failure.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.spool.as_mut().map_or(Ok(()), Spool::sync)
    }
}

fn wide(records: usize) -> u64 {
    u64::try_from(records).unwrap_or(u64::MAX)
}
