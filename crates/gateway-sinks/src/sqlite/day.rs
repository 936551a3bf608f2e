//! Days and the files that are called after them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The day of UTC that holds a moment, as `2025-06-15`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(String);

impl Day {
    /// The day of a time in Unix nanoseconds.
    pub(super) fn of(unix_ns: u64) -> Self {
        let mut text = gateway_log::rfc3339(unix_ns);
        text.truncate(DATE.len());
        Self(text)
    }

    /// The file of this day in `folder`.
    pub(super) fn file(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{PREFIX}{}{SUFFIX}", self.0))
    }

    /// The day that a file is called after.
    fn named(file: &str) -> Option<Self> {
        let date = file.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
        let fits = |(c, form): (u8, u8)| if form == b'-' { c == b'-' } else { c.is_ascii_digit() };
        let is_date = date.len() == DATE.len() && date.bytes().zip(DATE.bytes()).all(fits);
        is_date.then(|| Self(date.to_owned()))
    }

    /// The days that have files in `folder`, oldest first.
    pub(super) fn all(folder: &Path) -> io::Result<Vec<Self>> {
        let mut days = Vec::new();
        for entry in fs::read_dir(folder)? {
            days.extend(entry?.file_name().to_str().and_then(Self::named));
        }
        days.sort_unstable();
        Ok(days)
    }

    /// Bytes of this day's files.
    pub(super) fn bytes(&self, folder: &Path) -> u64 {
        self.files(folder).iter().filter_map(|file| Some(file.metadata().ok()?.len())).sum()
    }

    /// Deletes this day's files.
    pub(super) fn delete(&self, folder: &Path) -> io::Result<()> {
        for file in self.files(folder) {
            match fs::remove_file(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// The database and what SQLite puts beside it.
    fn files(&self, folder: &Path) -> [PathBuf; 3] {
        let file = self.file(folder);
        let beside = |suffix: &str| {
            let mut name = file.clone().into_os_string();
            name.push(suffix);
            PathBuf::from(name)
        };
        [beside("-wal"), beside("-shm"), file.clone()]
    }
}

const PREFIX: &str = "records-";
const SUFFIX: &str = ".db";
const DATE: &str = "0000-00-00";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_after_days() {
        let day = Day::of(1_750_000_000_000_000_000);
        assert_eq!(day.file(Path::new("log")), Path::new("log/records-2025-06-15.db"));
        assert_eq!(Day::named("records-2025-06-15.db"), Some(day));
        for other in ["records-2025-06-15.db-wal", "records.jsonl", "records-2025-6-15.db", "x"] {
            assert_eq!(Day::named(other), None, "{other}");
        }
    }
}
