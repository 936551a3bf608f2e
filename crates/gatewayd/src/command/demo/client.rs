//! The demo's client: one request through the gateway, with CONNECT or SOCKS and TLS, like any
//! browser.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::BytesMut;
use gateway_h1h2::ws::{self, Control, FrameHeader, FrameReader, Opcode, Piece, Sender};
use gateway_h1h2::{BodySize, Codec, CodecOptions, Event, RequestHead, Target, Version};
use gateway_proxy::Agreed;
use http::Method;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Issuer;
use crate::random;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) host: &'static str,
    pub(super) port: u16,
    pub(super) path: &'static str,
    /// What is uploaded.
    pub(super) body: Option<&'static [u8]>,
    /// What the client says to the proxy of who it is.
    pub(super) credentials: Option<&'static str>,
    /// What is sent as a message, if a WebSocket is asked for.
    pub(super) message: Option<&'static [u8]>,
    /// The version of HTTP that the client offers.
    pub(super) version: Version,
    pub(super) way: Way,
}

/// How a tunnel is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Connect,
    Socks,
}

/// What the client saw.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// The status, or the close code of a WebSocket.
    pub(super) status: u16,
    /// The body, or the close frame of a WebSocket.
    pub(super) body: Vec<u8>,
    pub(super) issuer: Issuer,
    /// The version that was agreed on.
    pub(super) version: Version,
}

/// The authorities that the client trusts, PEM.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trusted<'a> {
    pub(super) gateway: &'a str,
    pub(super) origin: &'a str,
}

/// Asks through the proxy.
pub(super) async fn ask(
    proxy: SocketAddr,
    asked: &Asked,
    trusted: &Trusted<'_>,
) -> Result<Seen, Box<dyn Error>> {
    let Asked { host, port, way, .. } = *asked;
    let mut stream = TcpStream::connect(proxy).await?;
    match way {
        Way::Connect => connect(&mut stream, host, port, asked.credentials).await?,
        Way::Socks => connect_by_socks(&mut stream, host, port).await?,
    }
    let name = ServerName::try_from(host)?;
    let alpn: &[u8] = if asked.version == Version::Http2 { b"h2" } else { b"http/1.1" };
    let connector = TlsConnector::from(trusting(&[trusted.gateway, trusted.origin], alpn)?);
    let mut stream = connector.connect(name, stream).await?;
    let issuer = issuer(stream.get_ref().1.peer_certificates(), trusted.gateway)?;
    let agreed = Agreed::by_alpn(stream.get_ref().1.alpn_protocol()).version();
    let (status, body) = match asked.message {
        Some(message) => chat(&mut stream, asked, message).await?,
        None => exchange(&mut stream, agreed, asked).await?,
    };
    Ok(Seen { status, body, issuer, version: agreed })
}

async fn connect(
    stream: &mut TcpStream,
    host: &str,
    port: u16,
    credentials: Option<&str>,
) -> Result<(), Box<dyn Error>> {
    let says = |credentials| format!("Proxy-Authorization: {credentials}\r\n");
    let who = credentials.map(says).unwrap_or_default();
    let connect = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{who}\r\n");
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

/// Sends the request and reads the response to its end, in the version that was agreed on.
async fn exchange(
    stream: &mut TlsStream<TcpStream>,
    version: Version,
    asked: &Asked,
) -> Result<(u16, Vec<u8>), Box<dyn Error>> {
    let mut codec = Codec::client(version, CodecOptions::default());
    let own = codec.open();
    for event in request(asked)? {
        codec.send(own, event)?;
    }
    let (mut status, mut body) = (0, Vec::new());
    loop {
        while let Some((_, event)) = codec.poll_event()? {
            match event {
                Event::ResponseHead(head) => status = head.status.as_u16(),
                Event::Data(data) => {
                    body.extend_from_slice(&data);
                    codec.credit(own, data.len() as u64);
                }
                Event::End => return Ok((status, body)),
                Event::Reset(_) => return Err("the response was cut".into()),
                _ => {}
            }
        }
        let mut pieces = Vec::new();
        codec.poll_output(&mut pieces);
        stream.write_all(&pieces.concat()).await?;
        let mut read = BytesMut::with_capacity(16 << 10);
        match stream.read_buf(&mut read).await {
            Ok(1..) => codec.receive(read.freeze()),
            Ok(0) | Err(_) => codec.receive_eof(),
        }
    }
}

fn request(asked: &Asked) -> Result<Vec<Event>, Box<dyn Error>> {
    let method = if asked.body.is_some() { Method::POST } else { Method::GET };
    let target = Target::parse(&method, asked.path.into())?;
    let mut head = RequestHead::new(method, target);
    head.fields.append("Host", format!("{}:{}", asked.host, asked.port))?;
    head.fields.append("Accept-Encoding", "gzip")?;
    head.body = asked.body.map_or(BodySize::Empty, |body| BodySize::Length(body.len() as u64));
    let body = asked.body.map(|body| Event::Data(body.into()));
    Ok(std::iter::once(Event::RequestHead(Box::new(head)))
        .chain(body)
        .chain([Event::End])
        .collect())
}

/// Opens a WebSocket, sends one message and waits for the close frame, and its code.
async fn chat(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    asked: &Asked,
    message: &[u8],
) -> Result<(u16, Vec<u8>), Box<dyn Error>> {
    let Asked { host, port, path, .. } = *asked;
    let key = ws::request_key(&random::bytes()?);
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await?);
    }
    if status(&answer) != Some(101) {
        return Err(format!("no WebSocket: {}", String::from_utf8_lossy(&answer)).into());
    }
    let mask: [u8; 4] = random::bytes()?;
    let (opcode, length) = (Opcode::Text, message.len() as u64);
    let mut frame = Vec::new();
    FrameHeader { fin: true, rsv1: false, opcode, mask: Some(mask), length }.encode(&mut frame);
    let mut masked = message.to_vec();
    ws::apply_mask(&mut masked, mask, 0);
    frame.extend(masked);
    stream.write_all(&frame).await?;
    let mut reader = FrameReader::new(Sender::Server, None);
    let mut came = BytesMut::new();
    while stream.read_buf(&mut came).await? > 0 {
        let mut input = came.split().freeze();
        while let Some(piece) = reader.next(&mut input)? {
            if let Piece::Control(Control::Close { wire, close }) = piece {
                let code = close.code.unwrap_or_default();
                stream.write_all(&ws::close_frame(code, "", Some(mask))).await?;
                return Ok((code, wire.to_vec()));
            }
        }
    }
    Err("the WebSocket ended without a close frame".into())
}

fn trusting(authorities: &[&str], alpn: &[u8]) -> Result<Arc<ClientConfig>, Box<dyn Error>> {
    let mut roots = RootCertStore::empty();
    for pem in authorities {
        roots.add(CertificateDer::from_pem_slice(pem.as_bytes())?)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.to_vec()];
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
