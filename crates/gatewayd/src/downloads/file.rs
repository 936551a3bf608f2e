//! Files without names: made for their owner alone, and taken out of their folder before the first byte.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::Path;

use bytes::{Bytes, BytesMut};
use gateway_proxy::Ticket;

use super::shelf::Room;
use crate::random;

/// The ending of the name that a file has for a moment.
const UNFINISHED: &str = "part";
/// Digits of that name.
const NAME_DIGITS: usize = 32;

/// A file that is being written.
#[derive(Debug)]
pub(super) struct Writing {
    file: File,
    bytes: u64,
}

/// A file that is complete.
#[derive(Debug)]
pub(super) struct Stored {
    file: File,
    bytes: u64,
    /// What it takes up is free once it is gone.
    _room: Room,
}

impl Writing {
    /// A new file in `folder`, which is made where it is missing.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let name = random::bytes().map(Ticket::new).map_err(io::Error::other)?;
        let path = folder.join(format!("{name}.{UNFINISHED}"));
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        fs::remove_file(&path)?;
        Ok(Self { file, bytes: 0 })
    }

    /// Writes `pieces` to its end.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn write(&mut self, pieces: &[Bytes]) -> io::Result<()> {
        for piece in pieces {
            self.file.write_all(piece)?;
            self.bytes += piece.len() as u64;
        }
        Ok(())
    }

    /// It is complete.
    pub(super) fn finish(self, room: Room) -> Stored {
        Stored { file: self.file, bytes: self.bytes, _room: room }
    }
}

impl Stored {
    /// How long it is.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Up to `most` bytes from `at` on; none at its end.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn read(&self, at: u64, most: usize) -> io::Result<Bytes> {
        let left = usize::try_from(self.bytes.saturating_sub(at)).unwrap_or(usize::MAX);
        let mut bytes = BytesMut::zeroed(left.min(most));
        self.file.read_exact_at(&mut bytes, at)?;
        Ok(bytes.freeze())
    }
}

/// Deletes from `folder` what a gateway has left there that ended at the one moment at which a file has a name.
///
/// # Errors
/// What the system says; a folder that is not there is empty.
pub(crate) fn clear(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let ours = path.extension().is_some_and(|extension| extension == UNFINISHED)
            && stem.len() == NAME_DIGITS
            && stem.bytes().all(|byte| byte.is_ascii_hexdigit());
        if ours {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::super::Shelf;
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn a_file_has_no_name_and_is_its_owners_alone() {
        let scratch = Scratch::new();
        let folder = scratch.path().join("deep/downloads");
        let mut writing = Writing::create(&folder).unwrap();
        writing.write(&[Bytes::from_static(b"abc"), Bytes::from_static(b"defg")]).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "nobody can open it");
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(writing.file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let stored = writing.finish(Shelf::default().room());
        assert_eq!(stored.bytes(), 7);
        for (at, most, read) in [(0, 4, "abcd"), (4, 4, "efg"), (7, 4, ""), (9, 4, "")] {
            assert_eq!(stored.read(at, most).unwrap(), read, "{at}");
        }
    }

    #[test]
    fn only_what_is_ours_is_cleared() {
        let scratch = Scratch::new();
        let folder = scratch.path().join("downloads");
        clear(&folder).unwrap();
        let left = scratch.write(&format!("downloads/{}.part", "0a".repeat(16)), "left");
        let others = [
            scratch.write("downloads/notes.part", "mine"),
            scratch.write(&format!("downloads/{}.txt", "0a".repeat(16)), "mine"),
        ];
        clear(&folder).unwrap();
        assert!(!left.exists() && others.iter().all(|path| path.exists()));
    }
}
