//! Connections to somebody on this host or near it: by a socket in the file system, or TCP.

use std::io;

use tokio::net::TcpStream;

use crate::config::Endpoint;
use crate::drive::{Socket, Stream, Unix};

/// Connects to `endpoint`.
///
/// # Errors
///
/// Those of the system.
pub(super) async fn connect(endpoint: &Endpoint) -> io::Result<Stream> {
    match endpoint {
        Endpoint::Unix(path) => Unix::connect(path).await.map(Stream::Unix),
        Endpoint::Tcp(address) => {
            without_delay(TcpStream::connect(address).await?).map(Stream::Tcp)
        }
    }
}

/// Connects to `port` of `host`, a name or an address.
///
/// # Errors
///
/// Those of the system.
pub(crate) async fn connect_to(host: &str, port: u16) -> io::Result<Socket> {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    without_delay(TcpStream::connect((host, port)).await?)
}

fn without_delay(stream: TcpStream) -> io::Result<Socket> {
    stream.set_nodelay(true)?;
    Ok(Socket(stream))
}
