//! Records in SQLite on this machine: a file by day, the records themselves and per-minute sums of
//! them, and the questions that can be asked.
//!
//! A day is that of UTC on which a record was written. Files of days gone by are deleted by age
//! and by total size. Writing is the sink's thread's; [`Archive`] reads, at any time and from any
//! thread, and never keeps a writer waiting (SQLite's write-ahead log).

mod archive;
mod day;
mod question;
mod rollup;
mod schema;
mod store;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use archive::{Archive, QueryError};
pub use question::{Dimension, Filter, Found, Minutes, Point, Sum};
pub(crate) use store::Store;

/// Where and how much is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqliteConfig {
    /// The folder of the files `records-YYYY-MM-DD.db`; it is made if it is missing.
    pub folder: PathBuf,
    /// Days that are kept, today included. Default 14.
    pub days_max: u32,
    /// Bytes of all files together; beyond, the oldest day goes, and what does not fit into today
    /// is lost and counted. Default 10 GiB.
    pub bytes_max: u64,
}

impl SqliteConfig {
    /// The defaults, in `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), days_max: 14, bytes_max: 10 << 30 }
    }
}
