//! The doors of the API: a unix socket for its owner, addresses of loopback for those who show the
//! token.

use std::fs::{File, Permissions};
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::{Path, PathBuf};

use socket2::{Domain, SockAddr, Socket, Type};
use tokio::net::{TcpListener, UnixListener};

use crate::Token;

/// Why the API cannot be reached.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The unix socket cannot be made.
    #[error("cannot listen on {}: {source}", .path.display())]
    Unix {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process answers on the unix socket, or a file that is none has its name.
    #[error("cannot listen on {}: {what} is there", .path.display())]
    Taken {
        /// Its path.
        path: PathBuf,
        /// What is in the way.
        what: &'static str,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address} for the admin API: {source}")]
    Tcp {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// One place where the API can be reached.
#[derive(Debug)]
pub enum Door {
    /// A unix socket: the rights of the file say who may come in.
    Unix(UnixListener, PathBuf),
    /// An address of loopback: the token says who may come in.
    Tcp(TcpListener, Token),
}

/// All of them. A unix socket goes with its door.
#[derive(Debug, Default)]
pub struct Doors(pub(crate) Vec<Door>);

impl Doors {
    /// Adds a unix socket at `path`, for the owner of the process alone. One that a dead process
    /// left is replaced. Needs the runtime.
    ///
    /// # Errors
    ///
    /// [`BindError`].
    pub fn open_unix(&mut self, path: &Path) -> Result<(), BindError> {
        make_room(path)?;
        let failed = |source| BindError::Unix { path: path.to_owned(), source };
        let listener = bind_unix(path).map_err(failed)?;
        self.0.push(Door::Unix(listener, path.to_owned()));
        Ok(())
    }

    /// Adds the address `address` of loopback for those who show `token`. Needs the runtime.
    ///
    /// # Errors
    ///
    /// [`BindError::Tcp`]; an address that is not of loopback is refused, as the token would cross
    /// the network in the clear.
    pub fn open_tcp(&mut self, address: SocketAddr, token: &Token) -> Result<(), BindError> {
        let failed = |source| BindError::Tcp { address, source };
        if !address.ip().is_loopback() {
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "not loopback")));
        }
        let bind = || {
            let listener = std::net::TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            TcpListener::from_std(listener)
        };
        self.0.push(Door::Tcp(bind().map_err(failed)?, token.clone()));
        Ok(())
    }

    /// The addresses of loopback, with their real ports.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let tcp = |door: &Door| match door {
            Door::Tcp(listener, _) => listener.local_addr().ok(),
            Door::Unix(..) => None,
        };
        self.0.iter().filter_map(tcp).collect()
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Self::Unix(_, path) = self {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Removes the socket of a process that is gone.
fn make_room(path: &Path) -> Result<(), BindError> {
    let taken = |what| BindError::Taken { path: path.to_owned(), what };
    match std::fs::symlink_metadata(path) {
        Err(_) => Ok(()),
        Ok(metadata) if !metadata.file_type().is_socket() => Err(taken("something else")),
        Ok(_) if connects(path) => Err(taken("another gateway")),
        Ok(_) => std::fs::remove_file(path)
            .map_err(|source| BindError::Unix { path: path.to_owned(), source }),
    }
}

fn connects(path: &Path) -> bool {
    short(path).is_ok_and(|(path, _folder)| StdUnixStream::connect(path).is_ok())
}

/// Nobody can connect before `listen`, so that there is no moment at which others may.
fn bind_unix(path: &Path) -> io::Result<UnixListener> {
    let (short, _folder) = short(path)?;
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.bind(&SockAddr::unix(&short)?)?;
    std::fs::set_permissions(path, Permissions::from_mode(0o600))?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    UnixListener::from_std(OwnedFd::from(socket).into())
}

/// A name of at most 107 bytes for `path` (unix(7)), by way of its folder where it is longer; it
/// holds while the folder is open.
fn short(path: &Path) -> io::Result<(PathBuf, Option<File>)> {
    if path.as_os_str().len() < PATH_BYTES_MAX {
        return Ok((path.to_owned(), None));
    }
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no name"));
    };
    let folder = File::open(folder)?;
    let short = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(name);
    Ok((short, Some(folder)))
}

const PATH_BYTES_MAX: usize = 108;
const BACKLOG: i32 = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[tokio::test]
    async fn a_socket_is_its_owners_however_long_its_path_and_goes_with_its_door() {
        let scratch = Scratch::new();
        let folder = scratch.path().join("x".repeat(120));
        std::fs::create_dir(&folder).unwrap();
        for path in [scratch.path().join("s"), folder.join("s")] {
            let mut doors = Doors::default();
            doors.open_unix(&path).unwrap();
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            let error = Doors::default().open_unix(&path).unwrap_err();
            assert!(matches!(error, BindError::Taken { .. }), "{error}");
            drop(doors);
            assert!(!path.exists());
        }
    }

    #[tokio::test]
    async fn what_a_dead_process_left_is_replaced_and_other_files_are_not() {
        let scratch = Scratch::new();
        let path = scratch.path().join("s");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        Doors::default().open_unix(&path).unwrap();
        std::fs::write(&path, "mine").unwrap();
        assert!(Doors::default().open_unix(&path).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    }

    #[tokio::test]
    async fn only_loopback_is_listened_on() {
        let scratch = Scratch::new();
        let token = Token::load_or_make(&scratch.path().join("t"), [1; 32]).unwrap();
        let mut doors = Doors::default();
        assert!(doors.open_tcp("0.0.0.0:0".parse().unwrap(), &token).is_err());
        doors.open_tcp("127.0.0.1:0".parse().unwrap(), &token).unwrap();
        assert!(doors.addresses()[0].port() != 0);
    }
}
