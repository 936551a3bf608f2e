//! The private folder of sockets and generated files. Its path is short: that of a Unix socket has
//! 107 bytes at the most.

use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::random;

/// A folder that nobody but the gateway's user can enter; removed with the value.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    next: AtomicU32,
}

impl Folder {
    /// A new folder where the system keeps what does not last.
    pub(super) fn create() -> io::Result<Self> {
        let random = random::bytes().map_err(io::Error::other)?;
        let name = format!("gateway-workers-{:016x}", u64::from_be_bytes(random));
        let path = std::env::temp_dir().join(name);
        private(&path)?;
        Ok(Self { path, next: AtomicU32::new(0) })
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
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

fn private(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().mode(0o700).create(path)
}
