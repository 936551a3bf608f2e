//! The private folder of sockets and generated files. Its path is short: that of a Unix socket has
//! 107 bytes at the most.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::fs::{FlockOperation, flock};

use crate::random;

/// How such folders are called, up to some random digits.
const NAME: &str = "gateway-workers-";
/// The file in it that is locked for as long as its gateway lives.
const LOCK: &str = "lock";

/// A folder that nobody but the gateway's user can enter; removed with the value, or else by the
/// next gateway that makes one.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
    next: AtomicU32,
}

impl Folder {
    /// A new folder where the system keeps what does not last. Those of gateways that were killed
    /// are removed there.
    pub(super) fn create() -> io::Result<Self> {
        let all = std::env::temp_dir();
        sweep(&all);
        let random = random::bytes().map_err(io::Error::other)?;
        let path = all.join(format!("{NAME}{:016x}", u64::from_be_bytes(random)));
        private(&path)?;
        // Nobody may find it unlocked.
        let new = path.join("new");
        let lock = File::create_new(&new)?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        fs::rename(new, path.join(LOCK))?;
        Ok(Self { path, _lock: lock, next: AtomicU32::new(0) })
    }

    /// The socket on which Workers' requests come back.
    pub(super) fn egress(&self) -> PathBuf {
        self.path.join("egress.sock")
    }

    /// A new folder for one process.
    pub(super) fn of_process(&self) -> io::Result<PathBuf> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.path.join(number.to_string());
        private(&path)?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn private(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(0o700).create(path)
}

/// Removes the folders in `all` that nobody holds any more. Those of other users cannot be looked
/// into, and stay.
fn sweep(all: &Path) {
    for entry in fs::read_dir(all).into_iter().flatten().map_while(Result::ok) {
        if !entry.file_name().to_string_lossy().starts_with(NAME) {
            continue;
        }
        let Ok(lock) = File::open(entry.path().join(LOCK)) else { continue };
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
