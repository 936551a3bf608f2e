//! Connecting to origins: addresses that may be, in order, then TLS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway_h1h2::proxy_protocol::{self, Addresses};
use gateway_proxy::{AddressCheck, Dial, DialError, Dialed, Resting, Reuse, Security};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::pool::Pool;
use super::resolve::Resolver;
use super::tls::OriginConnector;
use crate::config::{HeaderVersion, ProxyProtocol};
use crate::drive::{SharedOrigins, Socket, Stream};
use crate::net::AddressPolicy;

/// An origin connection that is ready.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) stream: Stream,
    pub(crate) dialed: Dialed,
    /// What it has kept in the pool.
    pub(crate) resting: Option<Resting>,
}

/// Reaches origins.
pub(crate) struct Dialer {
    pub(crate) resolver: Resolver,
    pub(crate) pool: Pool,
    /// Connections that many sessions have at the same time.
    pub(crate) shared: Arc<SharedOrigins>,
    pub(crate) addresses: AddressPolicy,
    pub(crate) connector: OriginConnector,
    /// For all addresses of an origin together.
    pub(crate) connect: Duration,
    /// For the TLS handshake.
    pub(crate) handshake: Duration,
    /// Which origins are told whose connection it is.
    pub(crate) told: ProxyProtocol,
}

impl Dialer {
    /// A connection to an origin for `client`: an idle one if that will do, else a new one.
    pub(crate) async fn dial(
        self: Arc<Self>,
        dial: Dial,
        client: SocketAddr,
    ) -> Result<Ready, DialError> {
        if dial.reuse == Reuse::Pooled
            && let Some(idle) = self.pool.take(&dial.key, &dial.addresses)
        {
            return Ok(idle);
        }
        let began = Instant::now();
        let connecting = self.connect_any(&dial);
        let mut stream =
            timeout(self.connect, connecting).await.map_err(|_| DialError::TimedOut)??;
        let unreachable = |_| DialError::TimedOut;
        let (peer, local) =
            (stream.peer_addr().map_err(unreachable)?, stream.local_addr().map_err(unreachable)?);
        let _ = stream.set_nodelay(true);
        if self.told.is_to(peer.ip()) {
            let mut header = Vec::new();
            let version = match self.told.version {
                HeaderVersion::One => proxy_protocol::Version::V1,
                HeaderVersion::Two => proxy_protocol::Version::V2,
            };
            proxy_protocol::write(version, &Addresses::new(client, peer), &mut header);
            let unreachable = |_| DialError::Unreachable { address: peer };
            // It fits into the buffer of a new connection.
            stream.write_all(&header).await.map_err(unreachable)?;
        }
        let connect = began.elapsed();
        let dialed = Dialed { peer, local, reused: false, tls: None, connect };
        match &dial.key.security {
            Security::Plain => {
                Ok(Ready { stream: Stream::Tcp(Socket(stream)), dialed, resting: None })
            }
            // A Worker is not dialled, it is invoked.
            Security::Worker => Err(DialError::Resolve { host: dial.key.host }),
            Security::Tls { server_name, alpn, .. } => {
                let handshake = self.connector.connect(server_name, *alpn, Socket(stream));
                let (stream, tls) =
                    timeout(self.handshake, handshake).await.map_err(|_| DialError::TimedOut)??;
                let dialed = Dialed { tls: Some(Arc::new(tls)), ..dialed };
                Ok(Ready { stream: Stream::Origin(Box::new(stream)), dialed, resting: None })
            }
        }
    }

    /// Tries the addresses that may be connected to, one after the other, each with its share of
    /// the time.
    async fn connect_any(&self, dial: &Dial) -> Result<TcpStream, DialError> {
        let resolved = match &dial.addresses[..] {
            [] => self.resolver.resolve(&dial.key.host).await?,
            asked_before => asked_before.to_vec(),
        };
        let mut refused = None;
        let mut allowed = Vec::new();
        for ip in resolved {
            let address = SocketAddr::new(ip, dial.key.port);
            match self.addresses.check(address) {
                Ok(()) => allowed.push(address),
                Err(reason) => refused = refused.or(Some((ip, reason.why.as_str()))),
            }
        }
        let Some(last) = allowed.last().copied() else {
            return Err(match refused {
                Some((address, reason)) => DialError::Refused { address, reason },
                None => DialError::Resolve { host: dial.key.host.clone() },
            });
        };
        let share = self.connect / u32::try_from(allowed.len()).unwrap_or(u32::MAX);
        for address in allowed {
            if let Ok(Ok(stream)) = timeout(share, TcpStream::connect(address)).await {
                return self.check_connected(stream);
            }
        }
        Err(DialError::Unreachable { address: last })
    }

    /// What was really connected to must be allowed too: a wildcard listener of our own has
    /// every address of the host.
    fn check_connected(&self, stream: TcpStream) -> Result<TcpStream, DialError> {
        let (Ok(local), Ok(peer)) = (stream.local_addr(), stream.peer_addr()) else {
            return Ok(stream);
        };
        self.addresses.check_connected(local, peer).map_err(|refused| DialError::Refused {
            address: peer.ip(),
            reason: refused.why.as_str(),
        })?;
        Ok(stream)
    }
}

/// For datagrams, which nobody dials.
impl AddressCheck for Dialer {
    fn refusal(&self, address: SocketAddr) -> Option<&'static str> {
        self.addresses.check(address).err().map(|refused| refused.why.as_str())
    }
}
