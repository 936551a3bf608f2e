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
    /// Another process uses the folder.
    #[error("{} is used by another process", .path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// This build does not have the sink.
    #[error("this build does not deliver to {sink}: build it with --features {sink}")]
    NotBuilt {
        /// The sink, which is the feature too.
        sink: &'static str,
    },
    /// A client library does not take its settings.
    #[error("the settings of {sink} cannot be used: {message}")]
    Settings {
        /// The sink.
        sink: &'static str,
        /// What the library said.
        message: String,
    },
    /// A secret cannot be read.
    #[error("cannot read the secret {secret}: {source}")]
    Secret {
        /// The file or environment variable.
        secret: String,
        /// What the system said.
        source: io::Error,
    },
    /// The system starts no thread.
    #[error("cannot start a thread for records: {0}")]
    Thread(io::Error),
}
