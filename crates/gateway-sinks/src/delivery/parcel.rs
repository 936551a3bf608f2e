//! A record on its way to a remote sink, be it straight from the queue or back from the spool.

use std::sync::Arc;

use crate::entry::Entry;
use crate::spool::Spooled;

/// One record to deliver.
#[derive(Clone, Debug)]
pub(crate) enum Parcel {
    /// From the queue.
    Fresh(Arc<Entry>),
    /// From the spool.
    Spooled(Spooled),
}

impl Parcel {
    /// The key by which a receiver knows a second delivery: the request, or else the session.
    pub(crate) fn key(&self) -> &[u8] {
        match self {
            Self::Fresh(entry) => entry.key(),
            Self::Spooled(spooled) => spooled.key(),
        }
    }

    /// The JSON object, without a line feed.
    pub(crate) fn json(&self) -> &[u8] {
        let line = match self {
            Self::Fresh(entry) => entry.line(),
            Self::Spooled(spooled) => spooled.line(),
        };
        line.strip_suffix(b"\n").unwrap_or(line)
    }

    /// When the record was written, in Unix nanoseconds.
    #[cfg(any(feature = "clickhouse", feature = "kafka"))]
    pub(crate) fn time_ns(&self) -> u64 {
        match self {
            Self::Fresh(entry) => entry.time_ns(),
            Self::Spooled(spooled) => spooled.time_ns(),
        }
    }
}
