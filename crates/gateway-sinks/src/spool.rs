//! Records that wait on disk for a remote sink: append-only segments, first in, first out, within
//! a cap. Knows nothing of who sends them.
//!
//! A folder belongs to one sink of one process at a time, by a lock. Segments are files named by
//! rising numbers; a segment goes when all of it was delivered. How far the first one was
//! delivered stands in the file `position`: what a crash makes of that file costs at worst a
//! second delivery of one segment, never a record. A frame that a crash tore, or that was damaged,
//! ends its segment.

mod frame;
mod segment;

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

pub(crate) use frame::Spooled;
use segment::Segment;

use crate::StartError;

/// Bytes at which a segment is full.
const SEGMENT_BYTES_MAX: u64 = 8 << 20;
/// The number of the first segment of an empty spool, far from 0 so that there is room before it.
const FIRST: u64 = 1 << 32;

/// Why a record did not get into the spool.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SpoolError {
    /// The cap is reached.
    #[error("the spool is full at {bytes_max} bytes")]
    Full {
        /// The cap.
        bytes_max: u64,
    },
    /// The record is longer than any that can be spooled.
    #[error("a record is too long for the spool")]
    TooLong,
    /// The disk does not take it.
    #[error("cannot write to the spool: {0}")]
    Io(#[from] io::Error),
}

/// A spool on disk.
#[derive(Debug)]
pub(crate) struct Spool {
    folder: PathBuf,
    bytes_max: u64,
    /// From the oldest to the youngest, none of them empty.
    segments: VecDeque<Segment>,
    /// Holds the lock, and says how far the first segment was delivered.
    position: File,
    frame: Vec<u8>,
    damaged: u64,
    is_synced: bool,
}

/// What a spool gives out: records, and what to say when they were delivered.
#[derive(Debug)]
pub(crate) struct Peeked {
    /// The records, oldest first.
    pub(crate) records: Vec<Spooled>,
    bytes: u64,
}

impl Spool {
    /// Opens the spool in `folder`, which is made if it is missing.
    ///
    /// # Errors
    ///
    /// [`StartError::Open`], [`StartError::InUse`].
    pub(crate) fn open(folder: &Path, bytes_max: u64) -> Result<Self, StartError> {
        let failed = |source| StartError::Open { path: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let position = segment::open(&folder.join("position")).map_err(failed)?;
        if position.try_lock().is_err() {
            return Err(StartError::InUse { path: folder.to_owned() });
        }
        let mut spool = Self {
            folder: folder.to_owned(),
            bytes_max,
            segments: VecDeque::new(),
            position,
            frame: Vec::new(),
            damaged: 0,
            is_synced: true,
        };
        spool.load().map_err(failed)?;
        Ok(spool)
    }

    fn load(&mut self) -> io::Result<()> {
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            numbers.extend(entry?.file_name().to_str().and_then(segment::number));
        }
        numbers.sort_unstable();
        let delivered = self.read_position();
        for (index, number) in numbers.into_iter().enumerate() {
            let from = delivered.filter(|&(of, _)| index == 0 && of == number);
            let segment = Segment::load(&self.folder, number, from.map_or(0, |(_, at)| at))?;
            self.damaged += segment.damaged_bytes;
            if segment.waiting() == 0 {
                segment.remove(&self.folder)?;
            } else {
                self.segments.push_back(segment);
            }
        }
        Ok(())
    }

    /// Records that wait.
    pub(crate) fn records(&self) -> u64 {
        self.segments.iter().map(Segment::waiting).sum()
    }

    /// Bytes that were no sound records when the spool was opened.
    pub(crate) const fn damaged_bytes(&self) -> u64 {
        self.damaged
    }

    fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    /// Adds a record at the end.
    ///
    /// # Errors
    ///
    /// [`SpoolError`]; the record is not in the spool then.
    pub(crate) fn append(
        &mut self,
        key: &[u8],
        time_ns: u64,
        line: &[u8],
    ) -> Result<(), SpoolError> {
        self.frame.clear();
        if !frame::write(key, time_ns, line, &mut self.frame) {
            return Err(SpoolError::TooLong);
        }
        let frame_bytes = u64::try_from(self.frame.len()).unwrap_or(u64::MAX);
        if self.bytes().saturating_add(frame_bytes) > self.bytes_max {
            return Err(SpoolError::Full { bytes_max: self.bytes_max });
        }
        let has_room = |last: &Segment| last.bytes < SEGMENT_BYTES_MAX;
        if !self.segments.back().is_some_and(has_room) {
            self.sync()?;
            let number = self.segments.back().map_or(FIRST, |last| last.number + 1);
            self.segments.push_back(Segment::create(&self.folder, number)?);
        }
        let Some(last) = self.segments.back_mut() else { return Ok(()) };
        let result = last.append(&self.frame);
        self.is_synced = false;
        if result.is_err() && last.waiting() == 0 {
            self.remove_last();
        }
        Ok(result?)
    }

    fn remove_last(&mut self) {
        if let Some(last) = self.segments.pop_back() {
            // An empty file that stays does no harm.
            let _: io::Result<()> = last.remove(&self.folder);
        }
    }

    /// Puts records before all others: they are older. Gives how many of them found room, from the
    /// first one on.
    pub(crate) fn prepend<'a>(
        &mut self,
        records: impl Iterator<Item = (&'a [u8], u64, &'a [u8])>,
    ) -> Result<u64, SpoolError> {
        let number = self.segments.front().map_or(FIRST, |first| first.number - 1);
        let mut front = Segment::create(&self.folder, number)?;
        let mut room = self.bytes_max.saturating_sub(self.bytes());
        for (key, time_ns, line) in records {
            self.frame.clear();
            let fits = frame::write(key, time_ns, line, &mut self.frame);
            let frame_bytes = u64::try_from(self.frame.len()).unwrap_or(u64::MAX);
            if !fits || frame_bytes > room || front.append(&self.frame).is_err() {
                break;
            }
            room -= frame_bytes;
        }
        let put = front.waiting();
        if put == 0 {
            front.remove(&self.folder)?;
        } else {
            front.sync()?;
            self.segments.push_front(front);
        }
        Ok(put)
    }

    /// The oldest records, at most `records_max` of them; they stay until [`advance`](Self::advance).
    /// Gives fewer where a segment ends, none only if nothing waits.
    ///
    /// # Errors
    ///
    /// What the system said. Records that turn out damaged are skipped; see `lost`.
    pub(crate) fn peek(&mut self, records_max: usize, lost: &mut u64) -> io::Result<Peeked> {
        while let Some(first) = self.segments.front_mut() {
            let (records, bytes) = first.read(records_max)?;
            if !records.is_empty() {
                return Ok(Peeked { records, bytes });
            }
            *lost += first.waiting();
            self.remove_first()?;
        }
        Ok(Peeked { records: Vec::new(), bytes: 0 })
    }

    /// Forgets the `records` records that were peeked at: they were delivered.
    ///
    /// # Errors
    ///
    /// What the system said. The records are forgotten all the same, until the next start.
    pub(crate) fn advance(&mut self, peeked: &Peeked, records: u64) -> io::Result<()> {
        let Some(first) = self.segments.front_mut() else { return Ok(()) };
        first.advance(records, peeked.bytes);
        if first.waiting() == 0 {
            return self.remove_first();
        }
        let (number, delivered) = (first.number, first.delivered);
        self.write_position(number, delivered)
    }

    fn remove_first(&mut self) -> io::Result<()> {
        match self.segments.pop_front() {
            Some(first) => first.remove(&self.folder),
            None => Ok(()),
        }
    }

    /// Makes sure that what was appended survives a power failure.
    ///
    /// # Errors
    ///
    /// What the system said.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        if let Some(last) = self.segments.back().filter(|_| !self.is_synced) {
            last.sync()?;
        }
        self.is_synced = true;
        Ok(())
    }

    fn read_position(&self) -> Option<(u64, u64)> {
        let mut bytes = [0; 20];
        self.position.read_exact_at(&mut bytes, 0).ok()?;
        let (numbers, checksum) = bytes.split_last_chunk::<4>()?;
        let (number, at) = numbers.split_first_chunk::<8>()?;
        let is_sound = crc32fast::hash(numbers).to_le_bytes() == *checksum;
        let at = at.first_chunk().map(|at| u64::from_le_bytes(*at))?;
        is_sound.then_some((u64::from_le_bytes(*number), at))
    }

    fn write_position(&self, number: u64, delivered: u64) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(20);
        bytes.extend_from_slice(&number.to_le_bytes());
        bytes.extend_from_slice(&delivered.to_le_bytes());
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
        self.position.write_all_at(&bytes, 0)
    }
}

#[cfg(test)]
mod tests;
