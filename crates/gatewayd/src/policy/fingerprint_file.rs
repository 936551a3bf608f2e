//! Files of fingerprints.

use std::io;
use std::path::{Path, PathBuf};

use gateway_dlp::fingerprint::{FINGERPRINT_FILE_BYTES_MAX, FingerprintFileError, Fingerprints};

/// Why fingerprints cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum FingerprintFault {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is larger than any such file.
    #[error("{}: more than {FINGERPRINT_FILE_BYTES_MAX} bytes", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// It is none.
    #[error("{}: {source}", .path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: FingerprintFileError,
    },
}

/// Reads the fingerprints in `path`.
///
/// # Errors
///
/// [`FingerprintFault`].
pub(crate) fn read(path: &Path) -> Result<Fingerprints, FingerprintFault> {
    let cannot = |source| FingerprintFault::Read { path: path.to_owned(), source };
    let len = std::fs::metadata(path).map_err(cannot)?.len();
    if usize::try_from(len).is_ok_and(|len| len <= FINGERPRINT_FILE_BYTES_MAX) {
        let bytes = std::fs::read(path).map_err(cannot)?;
        let parsed = Fingerprints::from_bytes(&bytes);
        return parsed.map_err(|source| FingerprintFault::Parse { path: path.to_owned(), source });
    }
    Err(FingerprintFault::TooLarge { path: path.to_owned() })
}
