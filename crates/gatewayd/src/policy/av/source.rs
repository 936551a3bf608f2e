//! What databases were loaded from: enough to tell that loading them once more would come to the same.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Problem, all};
use crate::config::AvDatabases;
use crate::reload::Fingerprint;

/// Folders and settings by which databases were loaded, how the files looked, and what was told of them.
#[derive(Debug)]
pub(crate) struct Source {
    dirs: Vec<PathBuf>,
    settings: AvDatabases,
    look: Fingerprint,
    warnings: Vec<Arc<Problem>>,
}

impl Source {
    /// What the folders `dirs` hold now; nothing has been told of it yet.
    ///
    /// # Errors
    ///
    /// A folder that cannot be read.
    pub(super) fn look(dirs: &[PathBuf], settings: &AvDatabases) -> Result<Self, Problem> {
        let files = all(dirs)?;
        let files = files.iter().chain(&settings.certificates).map(PathBuf::as_path);
        let look = Fingerprint::of_files(files.collect::<Vec<&Path>>());
        let (dirs, settings) = (dirs.to_vec(), settings.clone());
        Ok(Self { dirs, settings, look, warnings: Vec::new() })
    }

    /// Whether databases from there and from `other` are the same.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        (&self.dirs, &self.settings, &self.look) == (&other.dirs, &other.settings, &other.look)
    }

    /// With what was told.
    pub(super) fn told(self, warnings: impl Iterator<Item = Problem>) -> Self {
        Self { warnings: warnings.map(Arc::new).collect(), ..self }
    }

    /// What was told when they were loaded.
    pub(super) fn warnings(&self) -> impl Iterator<Item = Problem> {
        self.warnings.iter().map(|warning| Problem::Again(warning.clone()))
    }
}
