//! TLS with clients, under certificates minted for the origins that they asked for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_proxy::{Agreed, Alpn, ClientTls, ClientTlsDone};
use gateway_tls::{
    Authority, CacheLimits, KeyError, LeafCache, LeafKey, LeafRequest, MintError, MintedLeaf,
    SigningKey,
};
use rustls::ServerConfig;
use rustls::server::{Acceptor, NoServerSessionStorage};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor};

use super::socket::Socket;
use super::stream::{Replayed, Stream};
use crate::ca::{self, CaError};
use crate::clock::unix_s;
use crate::identity::Devices;
use crate::random::{self, NoRandom};

/// How long one leaf key serves.
const KEY_LIFE: Duration = Duration::from_secs(24 * 3600);

/// Why a certificate cannot be minted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum MinterError {
    /// No leaf key could be made.
    #[error(transparent)]
    NewKey(#[from] CaError),
    /// The leaf key cannot be handed to the library that speaks TLS.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// There are no random bytes.
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// The certificate cannot be made.
    #[error(transparent)]
    Mint(#[from] MintError),
    /// The library that speaks TLS does not take it.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

/// Mints certificates, keeps them, and takes clients' handshakes with them.
pub(crate) struct Minter {
    authority: Authority,
    /// Counts leaf keys: a cached certificate of an older one is not used.
    key: Mutex<LeafKeyInUse>,
    cache: Mutex<LeafCache<Arc<ServerConfig>>>,
    minting: Mutex<HashMap<LeafKey, Minting>>,
    tickets: Arc<dyn rustls::server::ProducesTickets>,
}

/// Whoever needs a certificate that is being minted waits for that one.
type Minting = Arc<OnceCell<Arc<ServerConfig>>>;

struct LeafKeyInUse {
    key: Arc<SigningKey>,
    since: Instant,
    generation: u64,
}

impl Minter {
    /// A minter for `authority`, with a leaf key of its own.
    pub(crate) fn new(authority: Authority) -> Result<Self, MinterError> {
        let key =
            LeafKeyInUse { key: Arc::new(ca::new_key()?), since: Instant::now(), generation: 0 };
        Ok(Self {
            authority,
            key: Mutex::new(key),
            cache: Mutex::new(LeafCache::new(CacheLimits::default())),
            minting: Mutex::default(),
            tickets: rustls::crypto::aws_lc_rs::Ticketer::new()?,
        })
    }

    /// Whether its certificates are those of `authority`.
    pub(crate) fn signs_as(&self, authority: &Authority) -> bool {
        self.authority.cert_der() == authority.cert_der()
    }

    /// Certificates that are kept.
    pub(crate) fn kept(&self) -> usize {
        lock(&self.cache).len()
    }

    /// When the authority expires, in seconds since the Unix epoch.
    pub(crate) const fn not_after_unix_s(&self) -> u64 {
        self.authority.not_after_unix_s()
    }

    /// Takes a client's handshake, the first bytes of which were read before.
    pub(crate) async fn accept(
        self: Arc<Self>,
        request: ClientTls,
        stream: Stream,
    ) -> Option<(Stream, ClientTlsDone)> {
        let began = Instant::now();
        let (config, mint) = self.config(&request).await.ok()?;
        let acceptor = TlsAcceptor::from(config);
        let stream = acceptor.accept(Replayed::new(request.replay, stream)).await.ok()?;
        Some(agreed(stream, mint, began))
    }

    /// Takes the handshake of a client of the proxy port, for which the gateway is the other end
    /// by one of its `names`, or by its address. If there are `devices`, it is asked for its
    /// certificate; what it has shown comes out.
    pub(crate) async fn accept_as_proxy(
        self: Arc<Self>,
        stream: TcpStream,
        names: &[String],
        alpn: Alpn,
        devices: Option<Arc<Devices>>,
    ) -> Option<(Stream, ClientTlsDone, Vec<CertificateDer<'static>>)> {
        let began = Instant::now();
        let address = stream.local_addr().ok()?.ip().to_canonical().to_string();
        let stream = Replayed::new(Bytes::new(), Stream::Tcp(Socket(stream)));
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await.ok()?;
        let asked = start.client_hello().server_name().map(str::to_ascii_lowercase);
        // Who asks for a name that is none of ours will not be content with any.
        let name = match asked {
            Some(asked) => {
                names.iter().find(|name| **name == asked).or_else(|| names.first()).cloned()
            }
            None => None,
        };
        let name = name.unwrap_or(address);
        let request = ClientTls { name, mirror: None, alpn, replay: Bytes::new() };
        let (config, mint) = self.config(&request).await.ok()?;
        let config = match devices {
            Some(devices) => Arc::new(asking(&config, &devices).ok()?),
            None => config,
        };
        let stream = start.into_stream(config).await.ok()?;
        let shown = stream.get_ref().1.peer_certificates().unwrap_or_default().to_vec();
        let (stream, done) = agreed(stream, mint, began);
        Some((stream, done, shown))
    }

    /// The configuration for a name, and how long minting took unless it was there.
    async fn config(
        &self,
        request: &ClientTls,
    ) -> Result<(Arc<ServerConfig>, Option<Duration>), MinterError> {
        let (key, generation) = self.leaf_key()?;
        // A certificate that mirrors nothing must not stay for when there is something to mirror.
        let generation = generation * 2 + u64::from(request.mirror.is_none());
        // Nor is what it is shown with the same where other protocols are offered.
        let generation = generation * 2 + u64::from(request.alpn == Alpn::Http2);
        let name = LeafKey::new(generation, &request.name);
        if let Some(config) = lock(&self.cache).find(&name, unix_s()) {
            return Ok((config.clone(), None));
        }
        let began = Instant::now();
        let minting = lock(&self.minting).entry(name).or_default().clone();
        let minted = minting.get_or_try_init(|| async { self.mint(request, &key, name) }).await;
        lock(&self.minting).remove(&name);
        Ok((minted?.clone(), Some(began.elapsed())))
    }

    fn mint(
        &self,
        request: &ClientTls,
        key: &SigningKey,
        name: LeafKey,
    ) -> Result<Arc<ServerConfig>, MinterError> {
        let mut leaf = LeafRequest {
            host: &request.name,
            origin: request.mirror.as_deref(),
            now_unix_s: unix_s(),
            serial: random::bytes()?,
        };
        let minted = match self.authority.mint(&leaf, key) {
            // What cannot be mirrored is not: the name that the client asked for is enough.
            Err(_) if leaf.origin.is_some() => {
                leaf.origin = None;
                self.authority.mint(&leaf, key)?
            }
            minted => minted?,
        };
        let remint_at = minted.remint_at_unix_s;
        let config = self.server_config(minted, key, request)?;
        lock(&self.cache).insert(name, config.clone(), remint_at);
        Ok(config)
    }

    fn server_config(
        &self,
        leaf: MintedLeaf,
        key: &SigningKey,
        request: &ClientTls,
    ) -> Result<Arc<ServerConfig>, MinterError> {
        let chain: Vec<_> = leaf.chain.into_iter().map(CertificateDer::from).collect();
        let der = key.to_pkcs8_der()?;
        let key = PrivatePkcs8KeyDer::from(der).into();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = request.alpn.ids().iter().map(|id| id.to_vec()).collect();
        config.ticketer = self.tickets.clone();
        Ok(Arc::new(config))
    }

    /// The key of the leaves, new every day, and its number.
    fn leaf_key(&self) -> Result<(Arc<SigningKey>, u64), MinterError> {
        let mut in_use = lock(&self.key);
        if in_use.since.elapsed() > KEY_LIFE {
            in_use.key = Arc::new(ca::new_key()?);
            in_use.since = Instant::now();
            in_use.generation += 1;
        }
        Ok((in_use.key.clone(), in_use.generation))
    }
}

/// The same as `config`, but that clients are asked for the certificate of their device.
///
/// Sessions are not resumed: a ticket would vouch for a certificate longer than its authority may.
fn asking(config: &ServerConfig, devices: &Devices) -> Result<ServerConfig, rustls::Error> {
    let mut asking = ServerConfig::builder_with_provider(config.crypto_provider().clone())
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(devices.verifier())
        .with_cert_resolver(config.cert_resolver.clone());
    asking.alpn_protocols.clone_from(&config.alpn_protocols);
    asking.session_storage = Arc::new(NoServerSessionStorage {});
    asking.send_tls13_tickets = 0;
    Ok(asking)
}

/// A connection whose handshake is over, and what it has agreed on.
fn agreed(
    stream: TlsStream<Replayed>,
    mint: Option<Duration>,
    began: Instant,
) -> (Stream, ClientTlsDone) {
    let (_, connection) = stream.get_ref();
    let done = ClientTlsDone {
        version: crate::origin::version(connection.protocol_version()).to_owned(),
        cipher: crate::origin::cipher(connection.negotiated_cipher_suite()),
        agreed: Agreed::by_alpn(connection.alpn_protocol()),
        mint_cache_hit: mint.is_none(),
        mint: mint.unwrap_or_default(),
        handshake: began.elapsed(),
    };
    (Stream::Client(Box::new(stream)), done)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
