//! Files that clients of the clamd socket name or have opened, read away from the threads of sessions.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tokio::task::spawn_blocking;

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 256 << 10;
/// Folders within a folder that are looked into, as clamd does (`MaxDirectoryRecursion`).
const DEPTH_MAX: usize = 15;
/// Files of one folder, all those within included.
const FILES_MAX: usize = 100_000;

/// A file that is read from its begin, wherever who opened it stands.
pub(super) struct Reading {
    file: Option<File>,
    at: u64,
}

impl Reading {
    /// Reads `file`, which must be one with contents: of what comes without end there is no end.
    ///
    /// # Errors
    ///
    /// Those of the system; `InvalidInput` where it is no such file.
    pub(super) async fn of(file: File) -> io::Result<Self> {
        let is_file = away(move || {
            let is_file = file.metadata()?.is_file();
            Ok((file, is_file))
        });
        match is_file.await? {
            (file, true) => Ok(Self { file: Some(file), at: 0 }),
            (_, false) => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
        }
    }

    /// The file of this name.
    ///
    /// # Errors
    ///
    /// As [`Reading::of`].
    pub(super) async fn open(path: PathBuf) -> io::Result<Self> {
        // Opening a pipe would wait for somebody who writes.
        let file = away(move || {
            if !std::fs::metadata(&path)?.is_file() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
            }
            File::open(&path)
        });
        Self::of(file.await?).await
    }

    /// The next bytes; nothing at the end.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub(super) async fn next(&mut self) -> io::Result<Bytes> {
        let Some(file) = self.file.take() else { return Ok(Bytes::new()) };
        let at = self.at;
        let (file, bytes) = away(move || {
            let mut bytes = vec![0; CHUNK_BYTES];
            let read = file.read_at(&mut bytes, at)?;
            bytes.truncate(read);
            Ok((file, bytes))
        })
        .await?;
        self.at += bytes.len() as u64;
        self.file = (!bytes.is_empty()).then_some(file);
        Ok(bytes.into())
    }
}

/// The files at `name`, sorted: itself, or all within, links not followed.
///
/// # Errors
///
/// Those of the system; `InvalidInput` for a name that is not absolute, or more than 100,000 files.
pub(super) async fn at(name: Bytes) -> io::Result<Vec<PathBuf>> {
    let path = PathBuf::from(OsString::from_vec(name.to_vec()));
    away(move || {
        if !path.is_absolute() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not an absolute path"));
        }
        let mut files = Vec::new();
        if std::fs::metadata(&path)?.is_dir() {
            walk(&path, DEPTH_MAX, &mut files)?;
        } else {
            files.push(path);
        }
        Ok(files)
    })
    .await
}

fn walk(folder: &Path, depth_left: usize, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = std::fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_unstable_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if depth_left == 0 {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "folders within folders"));
            }
            walk(&entry.path(), depth_left - 1, files)?;
        } else if kind.is_file() {
            if files.len() == FILES_MAX {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "too many files"));
            }
            files.push(entry.path());
        }
    }
    Ok(())
}

/// The name as it goes into an answer.
pub(super) fn name(path: &Path) -> Bytes {
    Bytes::copy_from_slice(path.as_os_str().as_bytes())
}

async fn away<T: Send + 'static>(
    what: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(what).await.unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[tokio::test]
    async fn a_file_is_read_from_its_begin_to_its_end() {
        let scratch = Scratch::new();
        let text = "x".repeat(CHUNK_BYTES + 5);
        scratch.write("a", &text);
        let mut file = File::open(scratch.path().join("a")).unwrap();
        io::Seek::seek(&mut file, io::SeekFrom::Start(9)).unwrap();
        let mut reading = Reading::of(file).await.unwrap();
        let mut read = Vec::new();
        loop {
            let bytes = reading.next().await.unwrap();
            if bytes.is_empty() {
                break;
            }
            read.extend_from_slice(&bytes);
        }
        assert_eq!(read, text.as_bytes());
        assert!(reading.next().await.unwrap().is_empty());
        let folder = File::open(scratch.path()).unwrap();
        assert!(Reading::of(folder).await.is_err());
        assert!(Reading::open("/dev/zero".into()).await.is_err());
    }

    #[tokio::test]
    async fn folders_are_walked_without_links() {
        let scratch = Scratch::new();
        scratch.write("b", "");
        scratch.write("a/c", "");
        std::os::unix::fs::symlink("/etc", scratch.path().join("l")).unwrap();
        let found = at(name(scratch.path())).await.unwrap();
        let expected = ["a/c", "b"].map(|file| scratch.path().join(file));
        assert_eq!(found, expected);
        assert_eq!(at(name(&expected[1])).await.unwrap(), [expected[1].clone()]);
        assert!(at("etc".into()).await.is_err());
        assert!(at("/no/such/file".into()).await.is_err());
    }
}
