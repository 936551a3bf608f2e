//! The gateway's scanners for those who ask by themselves, beside all traffic: `clamdscan` and others
//! that speak with clamd, and proxies that speak ICAP. What is scanned, and what becomes of it, is as in
//! the policy in force.

mod clamd;
mod engine;
mod files;
mod icap;
mod socket;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tracing::info;

use crate::config::{Config, Endpoint};
use crate::reload::Reloader;
use crate::serve::{Live, ServeError};
pub(crate) use tls::{ScanTlsError, acceptor as tls_acceptor};

/// Sockets that listen, before anybody is served at them.
#[derive(Default)]
pub(crate) struct ScanSockets {
    clamd: Vec<Socket>,
    icap: Vec<std::net::TcpListener>,
    icap_in_tls: Vec<std::net::TcpListener>,
}

enum Socket {
    Tcp(std::net::TcpListener),
    Unix(std::os::unix::net::UnixListener, PathBuf),
}

impl ScanSockets {
    /// Listens where `config` says. A Unix socket that a dead process left is replaced.
    ///
    /// # Errors
    ///
    /// [`ServeError`] names the address, or the file.
    pub(crate) fn bind(config: &Config) -> Result<Self, ServeError> {
        let mut sockets = Self::default();
        for endpoint in config.clamd_server.endpoints() {
            sockets.clamd.push(match endpoint {
                Endpoint::Tcp(address) => Socket::Tcp(bind_tcp(address)?),
                Endpoint::Unix(path) => {
                    let bound = bind_unix(&path, config.clamd_server.mode());
                    let failed = |source| ServeError::Unix { path: path.clone(), source };
                    Socket::Unix(bound.map_err(failed)?, path)
                }
            });
        }
        for &address in &config.icap_server.listen {
            sockets.icap.push(bind_tcp(address)?);
        }
        for &address in &config.icap_server.tls_listen {
            sockets.icap_in_tls.push(bind_tcp(address)?);
        }
        Ok(sockets)
    }

    /// The addresses listened on, with their real ports.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        let tcp = |socket: &Socket| match socket {
            Socket::Tcp(listener) => listener.local_addr().ok(),
            Socket::Unix(..) => None,
        };
        let icap = self.icap.iter().chain(&self.icap_in_tls);
        let icap = icap.filter_map(|listener| listener.local_addr().ok());
        self.clamd.iter().filter_map(tcp).chain(icap).collect()
    }

    /// Says where it listens, to people.
    pub(crate) fn tell(&self) {
        for socket in &self.clamd {
            match socket {
                Socket::Tcp(listener) => {
                    if let Ok(address) = listener.local_addr() {
                        info!(%address, "listening for those who speak with clamd");
                    }
                }
                Socket::Unix(_, path) => {
                    info!(path = %path.display(), "listening for those who speak with clamd");
                }
            }
        }
        for address in self.icap.iter().filter_map(|listener| listener.local_addr().ok()) {
            info!(%address, "listening for those who speak ICAP");
        }
        let in_tls = self.icap_in_tls.iter();
        for address in in_tls.filter_map(|listener| listener.local_addr().ok()) {
            info!(%address, "listening for those who speak ICAP in TLS");
        }
    }

    /// Serves on the threads of sessions until the result is closed.
    pub(crate) fn open(self, live: &Arc<Live>, reloader: &Arc<Reloader>) -> ScanServers {
        let (config, crew) = (live.current().config.clone(), live.current().shared().clone());
        let clamd_places = Arc::new(Semaphore::new(config.clamd_server.connections_max));
        let running = Arc::<AtomicU64>::default();
        let icap_places = Arc::new(Semaphore::new(config.icap_server.connections_max));
        let (mut accepting, mut paths) = (Vec::new(), Vec::new());
        for socket in self.clamd {
            let served = || clamd::Served {
                live: live.clone(),
                reloader: reloader.clone(),
                config: config.clamd_server.clone(),
                places: clamd_places.clone(),
                running: running.clone(),
            };
            accepting.extend(match &socket {
                Socket::Tcp(listener) => {
                    crew.crew.spawn_on_each(|| clamd::accept_tcp(listener.try_clone(), served()))
                }
                Socket::Unix(listener, path) => {
                    paths.push(path.clone());
                    crew.crew.spawn_on_each(|| clamd::accept_unix(listener.try_clone(), served()))
                }
            });
        }
        let in_tls = self.icap_in_tls.into_iter().map(|listener| (listener, true));
        let in_the_clear = self.icap.into_iter().map(|listener| (listener, false));
        for (listener, tls) in in_the_clear.chain(in_tls) {
            accepting.extend(crew.crew.spawn_on_each(|| {
                let served = icap::Served {
                    live: live.clone(),
                    config: config.icap_server.clone(),
                    places: icap_places.clone(),
                    tls,
                };
                icap::accept(listener.try_clone(), served)
            }));
        }
        ScanServers { accepting, paths }
    }
}

/// Servers at work.
pub(crate) struct ScanServers {
    accepting: Vec<JoinHandle<()>>,
    paths: Vec<PathBuf>,
}

impl ScanServers {
    /// Ends them, and whoever is being served; what was asked stays without an answer.
    pub(crate) async fn close(self) {
        for task in self.accepting {
            task.abort();
            let _ = task.await;
        }
        for path in self.paths {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn bind_tcp(address: SocketAddr) -> Result<std::net::TcpListener, ServeError> {
    let bind = || {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    bind().map_err(|source| ServeError::Bind { address, source })
}

fn bind_unix(path: &Path, mode: u32) -> io::Result<std::os::unix::net::UnixListener> {
    use std::os::unix::net::{UnixListener, UnixStream};
    if UnixStream::connect(path).is_ok() {
        return Err(io::ErrorKind::AddrInUse.into());
    }
    let is_socket = |metadata: std::fs::Metadata| {
        std::os::unix::fs::FileTypeExt::is_socket(&metadata.file_type())
    };
    if std::fs::symlink_metadata(path).is_ok_and(is_socket) {
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
