//! The demo's origin: HTTPS on loopback, under a certificate of a CA of its own.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gateway_h1h2::ws;
use gateway_tls::{Authority, AuthorityRequest, LeafRequest};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::steps::{PRIVATE, PUBLIC};
use super::wares;
use crate::ca;
use crate::clock::unix_s;
use crate::random;

/// Bytes of a request, at the most: the demo's client sends small ones.
const REQUEST_BYTES_MAX: usize = 64 << 10;

/// A running origin.
pub(super) struct Origin {
    pub(super) address: SocketAddr,
    /// Where its CA's certificate is, for the gateway to trust.
    pub(super) ca_file: PathBuf,
    ca_pem: String,
}

impl Origin {
    /// Starts it on a free port; its files go into `dir`.
    pub(super) async fn start(dir: &Path) -> Result<Self, Box<dyn Error>> {
        let request = AuthorityRequest {
            common_name: "Demo origin CA",
            now_unix_s: unix_s(),
            validity_days: 2,
            serial: random::bytes()?,
        };
        let authority = Authority::create(&request, ca::new_key()?)?;
        let ca_pem = authority.cert_pem();
        let ca_file = dir.join("origin-ca.pem");
        std::fs::write(&ca_file, &ca_pem)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let public = acceptor(&authority, PUBLIC)?;
        let private = acceptor(&authority, PRIVATE)?;
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (public, private) = (public.clone(), private.clone());
                // Whatever goes wrong shows at the client.
                tokio::spawn(async move { serve(stream, public, private).await.ok() });
            }
        });
        Ok(Self { address, ca_file, ca_pem })
    }

    /// The certificate of its CA.
    pub(super) fn ca_pem(&self) -> &str {
        &self.ca_pem
    }
}

fn acceptor(authority: &Authority, host: &str) -> Result<Arc<ServerConfig>, Box<dyn Error>> {
    let key = ca::new_key()?;
    let request =
        LeafRequest { host, origin: None, now_unix_s: unix_s(), serial: random::bytes()? };
    let chain = authority.mint(&request, &key)?.chain;
    let chain = chain.into_iter().map(CertificateDer::from).collect();
    let key = PrivatePkcs8KeyDer::from(key.to_pkcs8_der()?).into();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(Arc::new(config))
}

/// Answers one request.
async fn serve(
    stream: TcpStream,
    public: Arc<ServerConfig>,
    private: Arc<ServerConfig>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let hello = tokio_rustls::LazyConfigAcceptor::new(Default::default(), stream).await?;
    let config = match hello.client_hello().server_name() {
        Some(PRIVATE) => private,
        _ => public,
    };
    let mut stream = hello.into_stream(config).await?;
    let mut request = Vec::new();
    while !is_whole(&request) && request.len() < REQUEST_BYTES_MAX {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let target = request.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    let path = target.split(|byte| *byte == b'?').next().unwrap_or_default();
    if path == wares::CHAT.as_bytes() {
        return chat(&mut stream, &request).await;
    }
    let found = wares::at(&String::from_utf8_lossy(path));
    let (status, (body, coding)) = match found {
        Some(found) => ("200 OK", found),
        None => ("404 Not Found", (Vec::new(), None)),
    };
    let coding = coding.map(|name| format!("Content-Encoding: {name}\r\n")).unwrap_or_default();
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{coding}Connection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await?;
    stream.shutdown().await?;
    Ok(())
}

/// Agrees to a WebSocket, and hears whatever comes to its end.
async fn chat(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    request: &[u8],
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let text = String::from_utf8_lossy(request);
    let key = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("sec-websocket-key").then(|| value.trim().to_owned())
    });
    let accept = ws::accept(key.unwrap_or_default().as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    let mut frame = [0; 512];
    if stream.read(&mut frame).await? > 0 {
        stream.write_all(&ws::close_frame(1000, "", None)).await?;
    }
    stream.shutdown().await?;
    Ok(())
}

/// Whether a request is there with all of its body.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or(0)
}
