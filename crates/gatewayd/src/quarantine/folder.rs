//! The folder of the store: for each body a file `ID.gwq` that holds it and a file `ID.json` that tells of
//! it, both for their owner alone. A body is there once both are.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;

use super::container::{self, OpenError};
use super::entry::{self, Entry};
use super::id::Id;
use crate::payload::{PrivateKey, PublicKey};

const BODY: &str = "gwq";
const TOLD: &str = "json";
/// Of files that are being written.
const UNFINISHED: &str = "part";

/// After which a file that is being written is none any more.
const UNFINISHED_MAX: Duration = Duration::from_secs(3_600);
/// Bytes of what tells of a body; it holds a URL and names.
const TOLD_BYTES_MAX: u64 = 4 << 20;

const DAY: Duration = Duration::from_secs(86_400);

/// The folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folder(PathBuf);

/// How much is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) bodies: u64,
    pub(super) bytes: u64,
}

/// Why something cannot be done with the folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum FolderError {
    /// What the system said.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// What tells of a body cannot be read.
    #[error("{}: {why}", .path.display())]
    Told {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// There is no such body.
    #[error("no body is called {0}")]
    Unknown(Id),
    /// The body cannot be taken out.
    #[error("{}: {source}", .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: OpenError,
    },
    /// The body is not the one that was put there.
    #[error("{}: its SHA-256 is {found}, expected {expected}", .path.display())]
    Digest {
        /// The file.
        path: PathBuf,
        /// The digest of what it holds.
        found: String,
        /// The digest of what was put there.
        expected: String,
    },
}

impl Folder {
    /// The folder at `path`, whether it is there or not.
    pub(crate) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Whether it is there.
    pub(super) fn is_there(&self) -> bool {
        self.0.is_dir()
    }

    /// Makes it where it is missing, for its owner alone.
    pub(super) fn make(&self) -> Result<(), FolderError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        made.map_err(|source| FolderError::Io { path: self.0.clone(), source })
    }

    /// Puts a body there: what holds it first, what tells of it last.
    pub(super) fn put(
        &self,
        id: &Id,
        pieces: &[Bytes],
        key: Option<&PublicKey>,
        told: &str,
    ) -> Result<(), FolderError> {
        let put = || -> Result<(), FolderError> {
            self.make()?;
            self.write(id, BODY, |file| container::write(file, id, pieces, key))?;
            self.write(id, TOLD, |file| file.write_all(told.as_bytes()))
        };
        put().inspect_err(|_| {
            for extension in [BODY, TOLD] {
                // What is not there need not be removed.
                let _ = fs::remove_file(self.unfinished(id, extension));
                let _ = fs::remove_file(self.path(id, extension));
            }
        })
    }

    /// Writes a file that takes its name once it is whole.
    fn write(
        &self,
        id: &Id,
        extension: &str,
        contents: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), FolderError> {
        let (new, path) = (self.unfinished(id, extension), self.path(id, extension));
        let write = || {
            let mut options = OpenOptions::new();
            let file = options.write(true).create_new(true).mode(0o600).open(&new)?;
            let mut out = BufWriter::new(file);
            contents(&mut out)?;
            out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            fs::rename(&new, &path)
        };
        write().map_err(|source| FolderError::Io { path: path.clone(), source })
    }

    fn path(&self, id: &Id, extension: &str) -> PathBuf {
        self.0.join(format!("{id}.{extension}"))
    }

    fn unfinished(&self, id: &Id, extension: &str) -> PathBuf {
        self.0.join(format!("{id}.{extension}.{UNFINISHED}"))
    }

    /// What is known of all bodies, the oldest first; and what of that cannot be read.
    ///
    /// # Errors
    /// [`FolderError::Io`]. A folder that is not there is empty.
    pub(crate) fn entries(&self) -> Result<(Vec<Entry>, Vec<FolderError>), FolderError> {
        let (mut entries, mut wrong) = (Vec::new(), Vec::new());
        for (path, _) in self.files()? {
            let Some(id) = id_of(&path, TOLD) else { continue };
            match self.entry(&id) {
                Ok(entry) => entries.push(entry),
                Err(error) => wrong.push(error),
            }
        }
        entries.sort_by(|a, b| (&a.datetime, &a.id).cmp(&(&b.datetime, &b.id)));
        Ok((entries, wrong))
    }

    /// What is known of the body `id`.
    ///
    /// # Errors
    /// [`FolderError`].
    pub(crate) fn entry(&self, id: &Id) -> Result<Entry, FolderError> {
        let path = self.path(id, TOLD);
        let size = match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(FolderError::Unknown(*id));
            }
            size => size.map_or(0, |file| file.len()),
        };
        let told = |why: String| FolderError::Told { path: path.clone(), why };
        if size > TOLD_BYTES_MAX {
            return Err(told(format!("more than {TOLD_BYTES_MAX} bytes")));
        }
        let text =
            fs::read(&path).map_err(|source| FolderError::Io { path: path.clone(), source })?;
        serde_json::from_slice(&text).map_err(|error| told(error.to_string()))
    }

    /// Writes the body `id` to the new file `to`, for its owner alone, if it is the one that was put there.
    ///
    /// # Errors
    /// [`FolderError`]; then there is no such file, unless it was there before.
    pub(crate) fn release(
        &self,
        id: &Id,
        key: Option<&PrivateKey>,
        to: &Path,
    ) -> Result<Entry, FolderError> {
        let (entry, path) = (self.entry(id)?, self.path(id, BODY));
        let at = |path: &Path, source| FolderError::Io { path: path.to_owned(), source };
        let file = File::open(&path).map_err(|source| at(&path, source))?;
        let mut options = OpenOptions::new();
        let out = options.write(true).create_new(true).mode(0o600).open(to);
        let mut out = Digesting::new(out.map_err(|source| at(to, source))?);
        let written = || -> Result<(), FolderError> {
            container::read(&mut BufReader::new(file), id, key, &mut out)
                .map_err(|source| FolderError::Open { path: path.clone(), source })?;
            let found = out.finish().map_err(|source| at(to, source))?;
            if found == entry.sha256 {
                return Ok(());
            }
            let expected = entry.sha256.clone();
            Err(FolderError::Digest { path: path.clone(), found, expected })
        };
        match written() {
            Ok(()) => Ok(entry),
            Err(error) => {
                // It was made just now.
                let _ = fs::remove_file(to);
                Err(error)
            }
        }
    }

    /// Deletes the body `id`.
    ///
    /// # Errors
    /// [`FolderError`].
    pub(crate) fn delete(&self, id: &Id) -> Result<(), FolderError> {
        let mut was_there = false;
        for extension in [TOLD, BODY] {
            let path = self.path(id, extension);
            match fs::remove_file(&path) {
                Ok(()) => was_there = true,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(FolderError::Io { path, source }),
            }
        }
        if was_there { Ok(()) } else { Err(FolderError::Unknown(*id)) }
    }

    /// Deletes bodies that were put there `days` days ago or before, and what was never finished; gives how
    /// many bodies these were.
    ///
    /// # Errors
    /// [`FolderError`].
    pub(crate) fn expire(&self, days: u64) -> Result<u64, FolderError> {
        let now = SystemTime::now();
        let days = u32::try_from(days).unwrap_or(u32::MAX);
        let (mut bodies, max) = (0, DAY.saturating_mul(days));
        for (path, file) in self.files()? {
            let age = file.modified().ok().and_then(|at| now.duration_since(at).ok());
            let age = age.unwrap_or_default();
            if path.extension().is_some_and(|extension| extension == UNFINISHED) {
                if age >= UNFINISHED_MAX {
                    remove(&path)?;
                }
            } else if let Some(id) = id_of(&path, BODY)
                && age >= max
            {
                remove(&self.path(&id, TOLD))?;
                remove(&path)?;
                bodies += 1;
            }
        }
        Ok(bodies)
    }

    /// How much is there.
    pub(super) fn usage(&self) -> Result<Usage, FolderError> {
        let mut usage = Usage::default();
        for (path, file) in self.files()? {
            usage.bytes = usage.bytes.saturating_add(file.len());
            usage.bodies += u64::from(id_of(&path, BODY).is_some());
        }
        Ok(usage)
    }

    /// The files that are there; those of others do not count.
    fn files(&self) -> Result<Vec<(PathBuf, fs::Metadata)>, FolderError> {
        let at = |source| FolderError::Io { path: self.0.clone(), source };
        let read = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.map_err(at)?,
        };
        let mut files = Vec::new();
        for file in read {
            let path = file.map_err(at)?.path();
            // One that has just been deleted is not there.
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if metadata.is_file() && is_ours(&path) {
                files.push((path, metadata));
            }
        }
        Ok(files)
    }
}

fn remove(path: &Path) -> Result<(), FolderError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(|source| FolderError::Io { path: path.to_owned(), source }),
    }
}

/// The body whose file of this `extension` is at `path`.
fn id_of(path: &Path, extension: &str) -> Option<Id> {
    let name = path.file_name()?.to_str()?;
    name.strip_suffix(extension)?.strip_suffix('.')?.parse().ok()
}

/// Whether the name of a file is one that is given here.
fn is_ours(path: &Path) -> bool {
    let finished = if path.extension().is_some_and(|extension| extension == UNFINISHED) {
        path.with_extension("")
    } else {
        path.to_owned()
    };
    [BODY, TOLD].iter().any(|extension| id_of(&finished, extension).is_some())
}

/// A file that is digested as it is written.
struct Digesting {
    out: BufWriter<File>,
    digest: Context,
}

impl Digesting {
    fn new(file: File) -> Self {
        Self { out: BufWriter::new(file), digest: Context::new(&SHA256) }
    }

    /// Ends the file; the digest of what it holds.
    fn finish(&mut self) -> io::Result<String> {
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        Ok(entry::hex(self.digest.clone().finish().as_ref()))
    }
}

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn put(folder: &Folder) -> Id {
        let id = Id::draw().unwrap();
        let told = format!(
            "{{\"Version\":1,\"ID\":\"{id}\",\"Datetime\":\"\",\"RequestID\":\"\",\"Direction\":\"\",\
             \"URL\":\"\",\"HTTPHost\":\"\",\"HTTPMethod\":\"\",\"PolicyID\":\"\",\"PolicyName\":\"\",\
             \"Bytes\":3,\"SHA256\":\"{}\",\"Partial\":false,\"From\":0,\"FileType\":\"\",\
             \"Sealed\":false,\"Findings\":[],\"UnscannableParts\":[]}}",
            // Of `abc` (FIPS 180-4).
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        folder.put(&id, &[Bytes::from_static(b"abc")], None, &told).unwrap();
        id
    }

    fn age(path: &Path, age: Duration) {
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    }

    #[test]
    fn what_is_old_and_what_was_never_finished_is_deleted() {
        let scratch = Scratch::new();
        let folder = Folder::new(&scratch.path().join("deep/store"));
        assert_eq!(folder.usage().unwrap(), Usage::default());
        let (old, new) = (put(&folder), put(&folder));
        age(&folder.path(&old, BODY), DAY * 3);
        for (id, hours) in [(old, 2), (new, 0)] {
            let unfinished = folder.unfinished(&id, BODY);
            fs::write(&unfinished, "GWQ1").unwrap();
            age(&unfinished, Duration::from_secs(3_600 * hours));
        }
        let foreign = scratch.write("deep/store/notes.gwq", "mine");
        age(&foreign, DAY * 9);
        assert_eq!(folder.usage().unwrap().bodies, 2);
        assert_eq!(folder.expire(4).unwrap(), 0);
        assert!(!folder.unfinished(&old, BODY).exists() && folder.unfinished(&new, BODY).exists());
        assert_eq!(folder.expire(3).unwrap(), 1);
        let (left, wrong) = folder.entries().unwrap();
        assert!(wrong.is_empty() && left.len() == 1 && left[0].id == new.to_string());
        assert!(!folder.path(&old, BODY).exists() && foreign.exists(), "that of others stays");
    }

    #[test]
    fn only_what_was_put_there_comes_out_and_into_a_new_file() {
        let scratch = Scratch::new();
        let folder = Folder::new(&scratch.path().join("store"));
        let (id, out) = (put(&folder), scratch.path().join("out"));
        folder.release(&id, None, &out).unwrap();
        assert_eq!(fs::read(&out).unwrap(), b"abc");
        let again = folder.release(&id, None, &out).unwrap_err();
        assert!(matches!(again, FolderError::Io { .. }) && out.exists(), "{again}");
        let other = scratch.path().join("other");
        fs::write(folder.path(&id, BODY), b"GWQ1\0\x00\x01\x02").unwrap();
        let changed = folder.release(&id, None, &other).unwrap_err();
        assert!(matches!(changed, FolderError::Digest { .. }) && !other.exists(), "{changed}");
        folder.delete(&id).unwrap();
        assert!(matches!(folder.delete(&id), Err(FolderError::Unknown(_))));
        assert!(matches!(folder.entry(&id), Err(FolderError::Unknown(_))));
        fs::write(folder.path(&id, TOLD), "{").unwrap();
        let (entries, wrong) = folder.entries().unwrap();
        assert!(entries.is_empty() && matches!(wrong[..], [FolderError::Told { .. }]));
    }
}
