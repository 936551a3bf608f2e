//! Clients on raw sockets, for what `curl` does not do.

use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

use rustls::{ClientConfig, ClientConnection, StreamOwned};
use rustls_pki_types::ServerName;

use crate::gateway::{Gateway, PATIENCE};
use crate::message::{Message, read_head, read_response};
use crate::origin::Wire;

/// A connection through the gateway.
pub(crate) struct Client {
    pub(crate) wire: BufReader<Box<dyn Wire>>,
    tcp: TcpStream,
}

impl Client {
    /// A connection to the gateway, on which nothing was sent.
    pub(crate) fn new(gateway: &Gateway) -> Self {
        let tcp = connect(gateway);
        Self { wire: BufReader::new(Box::new(tcp.try_clone().unwrap())), tcp }
    }

    /// A tunnel to `authority`.
    pub(crate) fn tunnel(gateway: &Gateway, authority: &str) -> Self {
        let mut client = Self::new(gateway);
        client.send(format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n"));
        let head = read_head(&mut client.wire).unwrap().unwrap();
        assert_eq!(head.status(), 200, "{head:?}");
        client
    }

    /// TLS in a tunnel to `name`.
    pub(crate) fn tls(
        gateway: &Gateway,
        config: &Arc<ClientConfig>,
        name: &str,
        port: u16,
    ) -> Self {
        let tcp = Self::tunnel(gateway, &format!("{name}:{port}")).tcp;
        let tls = StreamOwned::new(session(config, name), tcp.try_clone().unwrap());
        Self { wire: BufReader::new(Box::new(tls)), tcp }
    }

    /// Sends `bytes`.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).unwrap();
    }

    /// Sends `bytes`, unless the gateway has had enough.
    pub(crate) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let out = self.wire.get_mut();
        out.write_all(bytes.as_ref())?;
        out.flush()
    }

    /// Reads the response to a request of `method`.
    pub(crate) fn response(&mut self, method: &str) -> Message {
        read_response(&mut self.wire, method).unwrap()
    }

    /// Sends a GET for `target` of `host` and reads the response.
    pub(crate) fn get(&mut self, target: &str, host: &str) -> Message {
        self.send(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        self.response("GET")
    }

    /// Sends no more.
    pub(crate) fn end(&self) {
        self.tcp.shutdown(Shutdown::Write).unwrap();
    }

    /// The connection itself; everything that has come was read.
    pub(crate) fn into_tcp(self) -> TcpStream {
        assert!(self.wire.buffer().is_empty(), "{:?}", self.wire.buffer());
        self.tcp
    }

    /// Everything to the end of the connection, be it an end or a break.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut piece = [0; 4096];
        loop {
            match self.wire.read(&mut piece) {
                Ok(0) => return bytes,
                Ok(read) => bytes.extend(&piece[..read]),
                Err(error) => {
                    let late =
                        matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
                    assert!(!late, "the connection stays open after {bytes:?}");
                    return bytes;
                }
            }
        }
    }
}

/// A TLS session in the name of `name`, on which nothing was sent.
pub(crate) fn session(config: &Arc<ClientConfig>, name: &str) -> ClientConnection {
    let name = ServerName::try_from(name.to_owned()).unwrap();
    ClientConnection::new(config.clone(), name).unwrap()
}

/// A TCP connection to the gateway.
pub(crate) fn connect(gateway: &Gateway) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", gateway.port)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}
