//! One connection to the origin through the proxy, in the way that a scenario asks for.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::Failure;

/// Whom to load.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) proxy: SocketAddr,
    pub(crate) http: u16,
    pub(crate) https: u16,
    /// The authority that the proxy mints under.
    pub(crate) ca: PathBuf,
}

/// A byte stream of either kind.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Target {
    /// A TLS set-up that trusts the proxy's authority and offers `alpn`; no session is resumed.
    pub(crate) fn tls(&self, alpn: &[u8]) -> Result<Arc<ClientConfig>, Failure> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&self.ca)?)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![alpn.to_vec()];
        config.resumption = rustls::client::Resumption::disabled();
        Ok(Arc::new(config))
    }

    /// To the proxy itself.
    pub(crate) async fn plain(&self) -> Result<Http1, Failure> {
        let stream = TcpStream::connect(self.proxy).await?;
        stream.set_nodelay(true)?;
        Ok(Http1::new(Box::new(stream)))
    }

    /// Through CONNECT, and TLS in it.
    pub(crate) async fn secure(&self, tls: &Arc<ClientConfig>) -> Result<Box<dyn Stream>, Failure> {
        let mut stream = TcpStream::connect(self.proxy).await?;
        stream.set_nodelay(true)?;
        let host = format!("localhost:{}", self.https);
        let head = format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        stream.write_all(head.as_bytes()).await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut answer).await? == 0 {
                return Err("the proxy closed the tunnel".into());
            }
        }
        if !answer.starts_with(b"HTTP/1.1 200") && !answer.starts_with(b"HTTP/1.0 200") {
            return Err(String::from_utf8_lossy(&answer).into());
        }
        let name = ServerName::try_from("localhost")?;
        Ok(Box::new(TlsConnector::from(tls.clone()).connect(name, stream).await?))
    }
}

/// A connection that speaks HTTP/1.1, one request at a time.
pub(crate) struct Http1 {
    stream: Box<dyn Stream>,
    input: BytesMut,
    /// The other end has said that it closes the connection.
    pub(crate) is_over: bool,
}

impl Http1 {
    pub(crate) fn new(stream: Box<dyn Stream>) -> Self {
        Self { stream, input: BytesMut::new(), is_over: false }
    }

    /// Asks, reads the whole answer, and gives the size of its body.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<u64, Failure> {
        self.stream.write_all(request).await?;
        self.stream.flush().await?;
        let mut left = self.head().await?;
        let size = left;
        loop {
            let taken = left.min(self.input.len() as u64);
            drop(self.input.split_to(usize::try_from(taken)?));
            left -= taken;
            if left == 0 {
                return Ok(size);
            }
            self.read().await?;
        }
    }

    /// Reads a head and gives the size that it announces.
    async fn head(&mut self) -> Result<u64, Failure> {
        loop {
            let mut fields = [httparse::EMPTY_HEADER; 64];
            let mut head = httparse::Response::new(&mut fields);
            if let httparse::Status::Complete(length) = head.parse(&self.input)? {
                if head.code != Some(200) {
                    return Err(format!("status {:?}", head.code).into());
                }
                let named =
                    |name| head.headers.iter().find(move |f| f.name.eq_ignore_ascii_case(name));
                self.is_over = named("connection")
                    .map_or(head.version == Some(0), |f| f.value.eq_ignore_ascii_case(b"close"));
                let size = named("content-length");
                let size = size.ok_or("an answer without a length")?;
                let size = std::str::from_utf8(size.value)?.parse()?;
                drop(self.input.split_to(length));
                return Ok(size);
            }
            self.read().await?;
        }
    }

    async fn read(&mut self) -> Result<(), Failure> {
        self.input.reserve(256 << 10);
        match self.stream.read_buf(&mut self.input).await? {
            0 => Err("the connection ended".into()),
            _ => Ok(()),
        }
    }
}

/// Asks over HTTP/2, reads the whole answer, and gives the size of its body.
pub(crate) async fn exchange2(
    sender: &mut h2::client::SendRequest<Bytes>,
    url: &str,
) -> Result<u64, Failure> {
    let request = http::Request::get(url).body(())?;
    let mut ready = sender.clone().ready().await?;
    let (response, _) = ready.send_request(request, true)?;
    let mut body = response.await?.into_body();
    let mut size = 0;
    while let Some(data) = body.data().await {
        let data = data?;
        size += data.len() as u64;
        body.flow_control().release_capacity(data.len())?;
    }
    Ok(size)
}
