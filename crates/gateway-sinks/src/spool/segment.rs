//! One file of a spool.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::frame::{self, Spooled};

/// A file of frames, the first of which may be delivered already.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) number: u64,
    file: File,
    /// Its length; frames are appended here.
    pub(super) bytes: u64,
    /// Frames in it.
    records: u64,
    /// Bytes of the frames that were delivered.
    pub(super) delivered: u64,
    delivered_records: u64,
    /// Bytes at its end that were no frame when it was loaded.
    pub(super) damaged_bytes: u64,
}

/// Bytes read at a time.
const CHUNK_BYTES: usize = 1 << 20;

impl Segment {
    /// A new, empty one.
    pub(super) fn create(folder: &Path, number: u64) -> io::Result<Self> {
        let file = open(&path(folder, number))?;
        file.set_len(0)?;
        Ok(Self {
            number,
            file,
            bytes: 0,
            records: 0,
            delivered: 0,
            delivered_records: 0,
            damaged_bytes: 0,
        })
    }

    /// One that is there, of which the first `delivered` bytes were delivered. What is no frame at
    /// its end is cut off.
    pub(super) fn load(folder: &Path, number: u64, delivered: u64) -> io::Result<Self> {
        let file = open(&path(folder, number))?;
        let bytes = std::fs::read(path(folder, number))?;
        let mut rest = bytes.as_slice();
        let (mut at, mut records, mut delivered_records) = (0, 0, 0);
        while let Some((_, frame_bytes)) = frame::read(rest) {
            rest = rest.get(frame_bytes..).unwrap_or_default();
            at += wide(frame_bytes);
            records += 1;
            if at <= delivered {
                delivered_records = records;
            }
        }
        file.set_len(at)?;
        let delivered = if delivered_records == 0 { 0 } else { delivered.min(at) };
        let damaged_bytes = wide(rest.len());
        Ok(Self { number, file, bytes: at, records, delivered, delivered_records, damaged_bytes })
    }

    /// Records that were not delivered.
    pub(super) const fn waiting(&self) -> u64 {
        self.records - self.delivered_records
    }

    /// Adds a frame, or leaves the file as it was.
    pub(super) fn append(&mut self, frame: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all_at(frame, self.bytes) {
            // Whatever of it was written is overwritten or cut off later.
            let _: io::Result<()> = self.file.set_len(self.bytes);
            return Err(error);
        }
        self.bytes += wide(frame.len());
        self.records += 1;
        Ok(())
    }

    /// The first records that were not delivered, and their length; none where the next frame is
    /// damaged.
    pub(super) fn read(&self, records_max: usize) -> io::Result<(Vec<Spooled>, u64)> {
        let (mut records, mut bytes) = (Vec::new(), 0);
        let mut window = Vec::new();
        let mut start = 0;
        while records.len() < records_max {
            match window.get(start..).and_then(frame::read) {
                Some((spooled, frame_bytes)) => {
                    records.push(spooled);
                    start += frame_bytes;
                    bytes += wide(frame_bytes);
                }
                None => {
                    window.drain(..start);
                    start = 0;
                    let from = self.delivered + bytes + wide(window.len());
                    if self.read_more(from, &mut window)? == 0 {
                        break;
                    }
                }
            }
        }
        Ok((records, bytes))
    }

    /// Appends the bytes of the file from `from` on to `window`, a chunk of them.
    fn read_more(&self, from: u64, window: &mut Vec<u8>) -> io::Result<usize> {
        let old = window.len();
        window.resize(old + CHUNK_BYTES, 0);
        let result = self.file.read_at(window.get_mut(old..).unwrap_or_default(), from);
        window.truncate(old + result.as_ref().copied().unwrap_or(0));
        result
    }

    /// Counts what was read as delivered.
    pub(super) fn advance(&mut self, records: u64, bytes: u64) {
        self.delivered += bytes;
        self.delivered_records = self.records.min(self.delivered_records + records);
    }

    /// Makes sure that it survives a power failure.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Deletes it.
    pub(super) fn remove(self, folder: &Path) -> io::Result<()> {
        std::fs::remove_file(path(folder, self.number))
    }
}

/// Opens a file of the spool to read and write, for its owner alone.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true).mode(0o600).open(path)
}

fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:016x}.segment"))
}

/// The number of the segment that is called `name`, if it is one.
pub(super) fn number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".segment").filter(|digits| digits.len() == 16)?;
    u64::from_str_radix(digits, 16).ok()
}

fn wide(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
