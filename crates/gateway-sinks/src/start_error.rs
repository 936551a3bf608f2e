//! Why sinks do not start.

use std::io;
use std::path::PathBuf;

/// Why records have no way out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A file or folder cannot be opened.
    #[error("cannot open {} for records: {source}", .path.display())]
    Open {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system starts no thread.
    #[error("cannot start a thread for records: {0}")]
    Thread(io::Error),
}
