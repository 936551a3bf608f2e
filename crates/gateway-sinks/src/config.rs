//! What sinks there are to be, as plain values with their defaults. Reads no file.

use std::path::PathBuf;

/// The sinks and their settings.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// File that gets one JSON object a line per record; empty for none. Default empty.
    pub records: PathBuf,
    /// What standard output gets. Default one readable line per record.
    pub terminal: Terminal,
    /// Records that may wait in the queue of each sink; what does not fit is counted and told.
    /// Default 16,384.
    pub queue_records_max: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { records: PathBuf::new(), terminal: Terminal::default(), queue_records_max: 16_384 }
    }
}

/// What standard output gets of each record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Terminal {
    /// One line for people.
    #[default]
    Human,
    /// The same JSON line as the file.
    Json,
    /// Nothing.
    Off,
}
