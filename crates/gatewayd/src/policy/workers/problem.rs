//! What can be wrong with the folders of Workers.

use std::path::PathBuf;

use crate::place::Place;
use crate::policy::problem::hint;

/// One problem.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkerProblem {
    /// A rule forwards to a Worker that there is not.
    #[error("{place}: no worker is called `{worker}`{}", hint(.meant.as_deref()))]
    Unknown {
        /// Where the rule names it.
        place: Place,
        /// The name.
        worker: String,
        /// The Worker that was probably meant.
        meant: Option<String>,
    },
    /// A folder of a Worker has a name that no Worker can have.
    #[error("{}: a worker's name has up to 64 ASCII letters, digits, - and _", .path.display())]
    Name {
        /// The folder.
        path: PathBuf,
    },
    /// A number in `worker.toml` lies outside its range.
    #[error("{place}: {key}: found {found}, expected a number from {min} to {max}")]
    Range {
        /// Where it stands.
        place: Place,
        /// Its key.
        key: &'static str,
        /// The number.
        found: u64,
        /// The least that it can be.
        min: u64,
        /// The greatest.
        max: u64,
    },
    /// A Worker has no main module.
    #[error("{place}: the worker `{worker}` has no module `{main}`")]
    Main {
        /// Where it is named, or would be.
        place: Place,
        /// The Worker.
        worker: String,
        /// The module.
        main: String,
    },
    /// A Worker has too many modules, or too large ones.
    #[error("{}: a worker's modules are 256 at the most, and of {bytes_max} bytes together", .path.display())]
    Size {
        /// The module that is too much.
        path: PathBuf,
        /// Bytes of all modules together.
        bytes_max: u64,
    },
}

impl WorkerProblem {
    /// Where it stands, if it is about one place.
    pub(in crate::policy) const fn place(&self) -> Option<&Place> {
        match self {
            Self::Unknown { place, .. } | Self::Range { place, .. } | Self::Main { place, .. } => {
                Some(place)
            }
            Self::Name { .. } | Self::Size { .. } => None,
        }
    }
}
