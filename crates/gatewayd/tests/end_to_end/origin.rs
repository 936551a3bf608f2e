//! An origin: a server that runs in threads of the test, in the clear or in TLS.

use std::io::{self, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::message::{Message, read_request};

/// A byte stream both ways.
pub(crate) trait Wire: Read + Write + Send {}

impl<T: Read + Write + Send> Wire for T {}

/// One connection, as a handler sees it.
pub(crate) type Connection = BufReader<Box<dyn Wire>>;

/// A server on a free port of loopback, until the test ends.
pub(crate) struct Origin {
    pub(crate) port: u16,
    accepted: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<Message>>>,
}

impl Origin {
    /// Gives every connection to `handler`; in TLS under `tls`.
    pub(crate) fn raw<H>(tls: Option<Arc<ServerConfig>>, handler: H) -> Self
    where
        H: Fn(&mut Connection) -> io::Result<()> + Send + Sync + 'static,
    {
        Self::behind(TcpListener::bind("127.0.0.1:0").unwrap(), tls, handler)
    }

    /// The same for the connections of `listener`.
    fn behind<H>(listener: TcpListener, tls: Option<Arc<ServerConfig>>, handler: H) -> Self
    where
        H: Fn(&mut Connection) -> io::Result<()> + Send + Sync + 'static,
    {
        let port = listener.local_addr().unwrap().port();
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = accepted.clone();
        let handler = Arc::new(handler);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let (tls, handler) = (tls.clone(), handler.clone());
                thread::spawn(move || {
                    // A connection may break: that is what some tests are about.
                    let _ = handler(&mut BufReader::new(wire(stream, tls)));
                });
            }
        });
        Self { port, accepted, requests: Arc::default() }
    }

    /// Gives every request, once it is whole, to `handler`, which writes the response.
    pub(crate) fn http<H>(tls: Option<Arc<ServerConfig>>, handler: H) -> Self
    where
        H: Fn(&Message, &mut dyn Write) -> io::Result<()> + Send + Sync + 'static,
    {
        let requests: Arc<Mutex<Vec<Message>>> = Arc::default();
        let seen = requests.clone();
        let origin = Self::raw(tls, move |connection| {
            while let Some(request) = read_request(connection)? {
                seen.lock().unwrap().push(request.clone());
                let out = connection.get_mut();
                handler(&request, out)?;
                out.flush()?;
            }
            Ok(())
        });
        Self { requests, ..origin }
    }

    /// Answers every request with the same bytes.
    pub(crate) fn fixed(tls: Option<Arc<ServerConfig>>, response: impl Into<Vec<u8>>) -> Self {
        let response = response.into();
        Self::http(tls, move |_, out| out.write_all(&response))
    }

    /// Answers every request that comes to `listener` with the same bytes.
    pub(crate) fn fixed_behind(listener: TcpListener, response: impl Into<Vec<u8>>) -> Self {
        let response = response.into();
        Self::behind(listener, None, move |connection| {
            while read_request(connection)?.is_some() {
                let out = connection.get_mut();
                out.write_all(&response)?;
                out.flush()?;
            }
            Ok(())
        })
    }

    /// How many connections came.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// The whole requests that came.
    pub(crate) fn requests(&self) -> Vec<Message> {
        self.requests.lock().unwrap().clone()
    }
}

fn wire(stream: TcpStream, tls: Option<Arc<ServerConfig>>) -> Box<dyn Wire> {
    stream.set_nodelay(true).unwrap();
    match tls {
        None => Box::new(stream),
        Some(config) => Box::new(StreamOwned::new(ServerConnection::new(config).unwrap(), stream)),
    }
}
