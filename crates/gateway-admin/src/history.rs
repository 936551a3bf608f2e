//! The versions of the policy: numbered folders with its text files, and who made them, when and
//! why. Databases are not kept: others bring them, and they are large.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::texts::{self, Texts};

/// One version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    /// Its number, from 1.
    pub(crate) version: u64,
    /// When it came, in seconds since the Unix epoch.
    pub(crate) at_unix_s: u64,
    /// Who made it.
    pub(crate) by: String,
    /// What they said of it.
    pub(crate) why: String,
    /// How it came.
    pub(crate) way: Way,
    /// The generation that it was in force as first; none where it was found in the folder.
    pub(crate) generation: Option<u64>,
}

/// How a version came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Way {
    /// It was in the folder, changed there by hand.
    Found,
    /// Its text was applied.
    Applied,
    /// Rules or lists were changed one by one.
    Edited,
    /// An older one was taken back.
    RolledBack,
}

/// The folder of all versions.
#[derive(Clone, Debug)]
pub(crate) struct History {
    folder: PathBuf,
    versions_max: usize,
}

const ABOUT: &str = "version.json";

impl History {
    /// The versions in `folder`, `versions_max` at the most.
    pub(crate) const fn new(folder: PathBuf, versions_max: usize) -> Self {
        Self { folder, versions_max }
    }

    /// All of them, the last one first.
    ///
    /// # Errors
    ///
    /// What the system said.
    pub(crate) fn list(&self) -> io::Result<Vec<Version>> {
        let mut versions = Vec::new();
        for number in self.numbers()?.into_iter().rev() {
            versions.extend(self.about(number)?);
        }
        Ok(versions)
    }

    /// A version and its texts, if it is kept.
    ///
    /// # Errors
    ///
    /// What the system said.
    pub(crate) fn read(&self, number: u64) -> io::Result<Option<(Version, Texts)>> {
        let Some(version) = self.about(number)? else { return Ok(None) };
        Ok(Some((version, texts::read(&self.path(number))?)))
    }

    /// The last version and its texts.
    ///
    /// # Errors
    ///
    /// What the system said.
    pub(crate) fn last(&self) -> io::Result<Option<(Version, Texts)>> {
        self.numbers()?.last().map_or(Ok(None), |&number| self.read(number))
    }

    /// Keeps `texts` as the next version; `version` gets its number. The oldest goes if there are
    /// too many.
    ///
    /// # Errors
    ///
    /// What the system said.
    pub(crate) fn add(&self, mut version: Version, texts: &Texts) -> io::Result<Version> {
        std::fs::create_dir_all(&self.folder)?;
        let numbers = self.numbers()?;
        version.version = numbers.last().copied().unwrap_or(0).saturating_add(1);
        // It has its name when it is whole.
        let new = self.folder.join(".new");
        let _ = std::fs::remove_dir_all(&new);
        std::fs::create_dir(&new)?;
        texts::write(&new, texts)?;
        std::fs::write(new.join(ABOUT), serde_json::to_vec_pretty(&version)?)?;
        std::fs::rename(&new, self.path(version.version))?;
        let too_many = (numbers.len() + 1).saturating_sub(self.versions_max);
        for &old in numbers.iter().take(too_many) {
            std::fs::remove_dir_all(self.path(old))?;
        }
        Ok(version)
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:06}"))
    }

    fn about(&self, number: u64) -> io::Result<Option<Version>> {
        match std::fs::read(self.path(number).join(ABOUT)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn numbers(&self) -> io::Result<Vec<u64>> {
        numbers(&self.folder)
    }
}

fn numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut numbers = Vec::new();
    for entry in entries {
        numbers.extend(entry?.file_name().to_str().and_then(|name| name.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn versions_are_numbered_kept_and_bounded() {
        let scratch = Scratch::new();
        let history = History::new(scratch.path().join("versions"), 3);
        assert!(history.list().unwrap().is_empty() && history.last().unwrap().is_none());
        for text in ["a", "b", "c", "d"] {
            let version = Version {
                version: 0,
                at_unix_s: 5,
                by: "me".into(),
                why: text.into(),
                way: Way::Applied,
                generation: Some(2),
            };
            let texts = Texts::from([("rules.toml".to_owned(), text.to_owned())]);
            history.add(version, &texts).unwrap();
        }
        let numbers: Vec<_> = history.list().unwrap().iter().map(|v| v.version).collect();
        assert_eq!(numbers, [4, 3, 2]);
        let (version, texts) = history.last().unwrap().unwrap();
        assert_eq!((version.version, &*version.why, &*texts["rules.toml"]), (4, "d", "d"));
        assert!(history.read(1).unwrap().is_none() && history.read(2).unwrap().is_some());
    }
}
