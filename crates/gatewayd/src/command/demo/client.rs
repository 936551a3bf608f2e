//! The demo's client: one request through the gateway, with CONNECT or SOCKS and TLS, like any
//! browser.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::Issuer;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) host: &'static str,
    pub(super) port: u16,
    pub(super) path: &'static str,
    /// What is uploaded.
    pub(super) body: Option<&'static [u8]>,
    pub(super) way: Way,
}

/// How a tunnel is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Connect,
    Socks,
}

/// What the client saw.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) status: u16,
    /// Bytes of the body.
    pub(super) bytes: usize,
    pub(super) issuer: Issuer,
}

/// Asks through the proxy, trusting the gateway's CA and the origin's.
pub(super) async fn ask(
    proxy: SocketAddr,
    asked: &Asked,
    gateway_ca: &str,
    origin_ca: &str,
) -> Result<Seen, Box<dyn Error>> {
    let Asked { host, port, path, body, way } = *asked;
    let mut stream = TcpStream::connect(proxy).await?;
    match way {
        Way::Connect => connect(&mut stream, host, port).await?,
        Way::Socks => connect_by_socks(&mut stream, host, port).await?,
    }
    let name = ServerName::try_from(host)?;
    let connector = TlsConnector::from(trusting(&[gateway_ca, origin_ca])?);
    let mut stream = connector.connect(name, stream).await?;
    let issuer = issuer(stream.get_ref().1.peer_certificates(), gateway_ca)?;
    let (method, body) = match body {
        Some(body) => ("POST", body),
        None => ("GET", &[][..]),
    };
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {length}\r\n\
         Accept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let status = status(&answer).ok_or("no answer")?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no whole head")?;
    Ok(Seen { status, bytes: answer.len() - end - 4, issuer })
}

async fn connect(stream: &mut TcpStream, host: &str, port: u16) -> Result<(), Box<dyn Error>> {
    let connect = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n");
    stream.write_all(connect.as_bytes()).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await?);
    }
    match status(&answer) {
        Some(200) => Ok(()),
        _ => Err(format!("CONNECT: {}", String::from_utf8_lossy(&answer)).into()),
    }
}

/// RFC 1928, without authentication, by name.
async fn connect_by_socks(
    stream: &mut TcpStream,
    host: &str,
    port: u16,
) -> Result<(), Box<dyn Error>> {
    let length = [u8::try_from(host.len())?];
    let request =
        [b"\x05\x01\0\x05\x01\0\x03", &length[..], host.as_bytes(), &port.to_be_bytes()].concat();
    stream.write_all(&request).await?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await?;
    match answer {
        [5, 0, 5, 0, ..] => Ok(()),
        refused => Err(format!("SOCKS: {refused:?}").into()),
    }
}

fn trusting(authorities: &[&str]) -> Result<Arc<ClientConfig>, Box<dyn Error>> {
    let mut roots = RootCertStore::empty();
    for pem in authorities {
        roots.add(CertificateDer::from_pem_slice(pem.as_bytes())?)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Whose certificate was shown: whether its issuer is the subject of the gateway's CA.
fn issuer(
    shown: Option<&[CertificateDer<'_>]>,
    gateway_ca: &str,
) -> Result<Issuer, Box<dyn Error>> {
    let leaf = shown.and_then(<[_]>::first).ok_or("no certificate was shown")?;
    let (_, leaf) = x509_parser::parse_x509_certificate(leaf)?;
    let authority = CertificateDer::from_pem_slice(gateway_ca.as_bytes())?;
    let (_, authority) = x509_parser::parse_x509_certificate(&authority)?;
    Ok(match leaf.issuer() == authority.subject() {
        true => Issuer::Gateway,
        false => Issuer::Origin,
    })
}

/// The status of an answer.
fn status(answer: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(answer.get(9..12)?).ok()?;
    text.parse().ok()
}
