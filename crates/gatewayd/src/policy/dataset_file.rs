//! Files of datasets.

use std::io;
use std::path::{Path, PathBuf};

use gateway_dlp::dataset::{Dataset, DatasetFileError, FILE_BYTES_MAX};

/// Why a dataset cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum DatasetFault {
    /// It cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is larger than any dataset.
    #[error("{}: more than {FILE_BYTES_MAX} bytes", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// It is no dataset.
    #[error("{}: {source}", .path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: DatasetFileError,
    },
}

/// Reads the dataset `path`.
///
/// # Errors
///
/// [`DatasetFault`].
pub(crate) fn read(path: &Path) -> Result<Dataset, DatasetFault> {
    let cannot = |source| DatasetFault::Read { path: path.to_owned(), source };
    let len = std::fs::metadata(path).map_err(cannot)?.len();
    if usize::try_from(len).is_ok_and(|len| len <= FILE_BYTES_MAX) {
        let bytes = std::fs::read(path).map_err(cannot)?;
        let parsed = Dataset::from_bytes(&bytes);
        return parsed.map_err(|source| DatasetFault::Parse { path: path.to_owned(), source });
    }
    Err(DatasetFault::TooLarge { path: path.to_owned() })
}
