//! What databases were loaded from: enough to tell that loading them once more would come to the same,
//! or what of them has changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{NOTES, Problem, all, extension, is_image, is_yara, newest};
use crate::config::AvDatabases;
use crate::reload::{Fingerprint, Look};

/// Folders and settings by which databases were loaded, how the files looked, and what was told of them.
#[derive(Debug)]
pub(crate) struct Source {
    dirs: Vec<PathBuf>,
    settings: AvDatabases,
    look: Fingerprint,
    /// The files that signatures come from, by name in each folder.
    counting: Vec<PathBuf>,
    told: Told,
}

/// What was told: of YARA rules, and of signatures.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) rules: Vec<Arc<Problem>>,
    pub(super) signatures: Vec<Arc<Problem>>,
}

/// What has changed of the files that signatures come from. A file that is another one now is in both.
#[derive(Debug)]
pub(super) struct Changes {
    /// Those that are not what they were.
    pub(super) gone: Vec<PathBuf>,
    /// Those that were not what they are.
    pub(super) fresh: Vec<PathBuf>,
}

impl Source {
    /// What the folders `dirs` hold now; nothing has been told of it yet.
    ///
    /// # Errors
    ///
    /// A folder that cannot be read.
    pub(super) fn look(dirs: &[PathBuf], settings: &AvDatabases) -> Result<Self, Problem> {
        let mut files = all(dirs)?;
        let looked = files.iter().chain(&settings.certificates).map(PathBuf::as_path);
        let look = Fingerprint::of_files(looked.collect::<Vec<&Path>>());
        files.retain(|path| !NOTES.contains(&extension(path)) && !is_yara(path));
        let (dirs, settings) = (dirs.to_vec(), settings.clone());
        Ok(Self { dirs, settings, look, counting: newest(files), told: Told::default() })
    }

    /// Whether databases from there and from `other` are the same.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        (&self.dirs, &self.settings, &self.look) == (&other.dirs, &other.settings, &other.look)
    }

    /// Whether YARA rules from there and from `other` are the same.
    pub(super) fn has_rules_of(&self, other: &Self) -> bool {
        self.dirs == other.dirs
            && self.settings == other.settings
            && self.look.those(is_yara) == other.look.those(is_yara)
    }

    /// What has changed since `before`; `None` where more has than files of signatures: the folders, the
    /// settings, certificates, an image, or
    /// what stands beside containers and vouches for them.
    pub(super) fn changes_since(&self, before: &Self) -> Option<Changes> {
        let vouching = |source: &Self| -> Vec<(PathBuf, Look)> {
            let is_one = |path: &Path| {
                extension(path) == "sign" || source.settings.certificates.iter().any(|c| c == path)
            };
            let those = source.look.those(is_one).into_iter();
            those.map(|(path, look)| (path.to_owned(), look)).collect()
        };
        // An image stands for all files.
        let has_image = |source: &Self| source.counting.iter().any(|path| is_image(path));
        let is_same = self.dirs == before.dirs
            && !has_image(self)
            && !has_image(before)
            && self.settings == before.settings
            && vouching(self) == vouching(before);
        is_same.then(|| Changes { gone: before.without(self), fresh: self.without(before) })
    }

    /// The files that signatures come from and that do not look so in `other`.
    fn without(&self, other: &Self) -> Vec<PathBuf> {
        let look_in = |source: &Self, path: &PathBuf| {
            source.counting.contains(path).then(|| source.look.look_of(path)).flatten()
        };
        let differs = |path: &&PathBuf| look_in(self, path) != look_in(other, path);
        self.counting.iter().filter(differs).cloned().collect()
    }

    /// With what was told.
    pub(super) fn with(self, told: Told) -> Self {
        Self { told, ..self }
    }

    /// What was told when they were loaded.
    pub(super) const fn told(&self) -> &Told {
        &self.told
    }

    /// The same, to be told again.
    pub(super) fn warnings(&self) -> impl Iterator<Item = Problem> {
        let all = self.told.rules.iter().chain(&self.told.signatures);
        all.map(|warning| Problem::Again(warning.clone()))
    }
}
