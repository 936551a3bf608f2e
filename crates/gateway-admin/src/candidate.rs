//! Puts another policy into force: a copy of the folder with some text files changed, handed to the
//! store, and kept as a version.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::StatusCode;

use crate::history::{History, Version, Way};
use crate::problem::Problem;
use crate::texts::{self, Texts};
use crate::{Diagnostic, Parts, PolicyStore, Severity};

/// Changes the policy, one change after the other.
pub(crate) struct Changes {
    pub(crate) history: History,
    turn: Mutex<()>,
}

/// What is said of a change.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) by: String,
    pub(crate) why: String,
    pub(crate) way: Way,
    /// The mark of the texts that the change was made from, where that is told.
    pub(crate) seen: Option<String>,
}

/// A change that was made.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Changed {
    /// The version that is in force now.
    #[serde(flatten)]
    pub(crate) version: Version,
    /// What is not wrong, but perhaps not meant.
    pub(crate) warnings: Vec<String>,
    /// The mark of its texts.
    pub(crate) etag: String,
}

/// Folders within folders of a policy.
const DEPTH_MAX: usize = 8;
/// Characters of a reason.
const WHY_CHARS_MAX: usize = 1_000;

impl Changes {
    /// The changes that `parts` allow.
    pub(crate) fn new(parts: &Parts) -> Self {
        Self {
            history: History::new(parts.versions.clone(), parts.versions_max),
            turn: Mutex::default(),
        }
    }

    /// Puts into force what `edit` makes of the texts that are.
    ///
    /// # Errors
    ///
    /// A [`Problem`]; then nothing has changed.
    pub(crate) fn change(
        &self,
        policy: &dyn PolicyStore,
        note: Note,
        edit: impl FnOnce(&mut Texts) -> Result<(), Problem>,
    ) -> Result<Changed, Problem> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = policy.folder();
        let before = texts::read(&folder).map_err(|error| disk(&error))?;
        if note.seen.as_ref().is_some_and(|seen| *seen != texts::mark(&before)) {
            let detail = "the policy has changed since it was read; read it again";
            return Err(Problem::new(StatusCode::PRECONDITION_FAILED, detail));
        }
        let mut after = before.clone();
        edit(&mut after)?;
        self.keep_what_was_found(&before).map_err(|error| disk(&error))?;
        let candidate = beside(&folder)?;
        let installed = copy(&folder, &candidate, DEPTH_MAX)
            .and_then(|()| bring(&candidate, &before, &after))
            .map_err(|error| disk(&error))
            .and_then(|()| {
                let installed = policy.install(&candidate);
                installed.map_err(|all| Problem::policy(named(all, &[&candidate, &folder])))
            });
        // What is in it now is the policy before, kept as a version, or one that is refused.
        let _ = std::fs::remove_dir_all(&candidate);
        let installed = installed?;
        let version = Version {
            version: 0,
            at_unix_s: unix_s(),
            by: note.by,
            why: note.why.chars().take(WHY_CHARS_MAX).collect(),
            way: note.way,
            generation: Some(installed.generation),
        };
        let version = self.history.add(version, &after).map_err(|error| disk(&error))?;
        let etag = texts::mark(&after);
        Ok(Changed { version, warnings: installed.warnings, etag })
    }

    /// What somebody changed in the folder by hand is a version too, so that nothing is lost.
    fn keep_what_was_found(&self, texts: &Texts) -> io::Result<()> {
        if self.history.last()?.is_some_and(|(_, last)| last == *texts) {
            return Ok(());
        }
        let version = Version {
            version: 0,
            at_unix_s: unix_s(),
            by: "files".to_owned(),
            why: "found in the policy folder".to_owned(),
            way: Way::Found,
            generation: None,
        };
        self.history.add(version, texts).map(drop)
    }

    /// What is wrong with the policy if `changed` take the place of its files; nothing changes.
    ///
    /// # Errors
    ///
    /// A [`Problem`] where the question cannot be asked.
    pub(crate) fn check(
        &self,
        policy: &dyn PolicyStore,
        changed: &Texts,
    ) -> Result<Vec<Diagnostic>, Problem> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = policy.folder();
        let mut all = texts::read(&folder).map_err(|error| disk(&error))?;
        all.extend(changed.clone());
        let candidate = beside(&folder)?;
        let made = std::fs::create_dir(&candidate).and_then(|()| texts::write(&candidate, &all));
        let found = made.map(|()| policy.check(&candidate));
        let _ = std::fs::remove_dir_all(&candidate);
        Ok(named(found.map_err(|error| disk(&error))?, &[&candidate, &folder]))
    }
}

/// An empty place for a candidate, on the file system of the policy.
fn beside(folder: &Path) -> Result<PathBuf, Problem> {
    let (Some(above), Some(name)) = (folder.parent(), folder.file_name()) else {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "nothing can stand beside the policy folder",
        ));
    };
    let candidate = above.join(format!(".{}.candidate", name.to_string_lossy()));
    match std::fs::remove_dir_all(&candidate) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(disk(&error)),
        Ok(()) | Err(_) => Ok(candidate),
    }
}

/// Copies a folder; a link becomes what it leads to.
fn copy(from: &Path, to: &Path, depth: usize) -> io::Result<()> {
    std::fs::create_dir(to)?;
    std::fs::set_permissions(to, std::fs::metadata(from)?.permissions())?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let metadata = std::fs::metadata(&from)?;
        if metadata.is_file() {
            std::fs::copy(&from, &to)?;
        } else if metadata.is_dir() && depth > 0 {
            copy(&from, &to, depth - 1)?;
        } else {
            let detail = format!("{}: neither file nor folder, or too deep", from.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, detail));
        }
    }
    Ok(())
}

/// Makes the text files of `candidate`, which are those of `before`, those of `after`.
fn bring(candidate: &Path, before: &Texts, after: &Texts) -> io::Result<()> {
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        std::fs::remove_file(candidate.join(name))?;
    }
    let changed = after.iter().filter(|(name, text)| before.get(*name) != Some(*text));
    texts::write(candidate, &changed.map(|(name, text)| (name.clone(), text.clone())).collect())
}

/// Calls files by their names within the policy, wherever they stand at the moment.
fn named(mut diagnostics: Vec<Diagnostic>, folders: &[&Path]) -> Vec<Diagnostic> {
    for diagnostic in &mut diagnostics {
        for folder in folders {
            let prefix = format!("{}/", folder.display());
            diagnostic.message = diagnostic.message.replace(&prefix, "");
            if let Some(file) = &diagnostic.file {
                diagnostic.file = Some(file.replace(&prefix, ""));
            }
        }
    }
    diagnostics
}

/// Whether none of them stands in the way.
pub(crate) fn is_sound(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error)
}

/// What the disk says.
pub(crate) fn disk(error: &io::Error) -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}

/// Seconds since 1970.
pub(crate) fn unix_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
