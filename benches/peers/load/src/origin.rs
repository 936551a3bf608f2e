//! The origin: HTTP/1.1 in the clear, HTTP/1.1 and HTTP/2 over TLS; `/10m` has 10 MiB, anything else
//! 1 KiB.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::Failure;

const SMALL: usize = 1024;
const LARGE: usize = 10 << 20;

/// Serves until it is killed; prints the ports for HTTP and HTTPS in one line.
pub(crate) async fn serve(folder: &Path) -> Result<(), Failure> {
    let plain = TcpListener::bind("127.0.0.1:0").await?;
    let secure = TcpListener::bind("127.0.0.1:0").await?;
    println!("{} {}", plain.local_addr()?.port(), secure.local_addr()?.port());
    let acceptor = TlsAcceptor::from(Arc::new(config(folder)?));
    let body = Bytes::from(vec![b'x'; LARGE]);
    let in_the_clear = {
        let body = body.clone();
        async move {
            while let Ok((stream, _)) = plain.accept().await {
                let _ = stream.set_nodelay(true);
                tokio::spawn(http1(stream, body.clone()));
            }
        }
    };
    let over_tls = async move {
        while let Ok((stream, _)) = secure.accept().await {
            let _ = stream.set_nodelay(true);
            let (acceptor, body) = (acceptor.clone(), body.clone());
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                match stream.get_ref().1.alpn_protocol() {
                    Some(b"h2") => drop(http2(stream, body).await),
                    _ => http1(stream, body).await,
                }
            });
        }
    };
    tokio::join!(in_the_clear, over_tls);
    Ok(())
}

fn config(folder: &Path) -> Result<ServerConfig, Failure> {
    let leaf = CertificateDer::from_pem_file(folder.join("origin.pem"))?;
    let key = PrivateKeyDer::from_pem_file(folder.join("origin.key"))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![leaf], key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// How many bytes `path` has.
fn size(path: &str) -> usize {
    if path.ends_with("/10m") { LARGE } else { SMALL }
}

async fn http1(mut stream: impl AsyncRead + AsyncWrite + Unpin, body: Bytes) {
    let mut input = Vec::with_capacity(16 << 10);
    loop {
        let mut fields = [httparse::EMPTY_HEADER; 64];
        let mut head = httparse::Request::new(&mut fields);
        match head.parse(&input) {
            Ok(httparse::Status::Complete(length)) => {
                let size = size(head.path.unwrap_or_default());
                input.drain(..length);
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n");
                let written = if size == SMALL {
                    stream.write_all(&[head.as_bytes(), &body[..size]].concat()).await
                } else {
                    match stream.write_all(head.as_bytes()).await {
                        Ok(()) => stream.write_all(&body[..size]).await,
                        Err(error) => Err(error),
                    }
                };
                if written.is_err() || stream.flush().await.is_err() {
                    return;
                }
            }
            Ok(httparse::Status::Partial) => match stream.read_buf(&mut input).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            },
            Err(_) => return,
        }
    }
}

async fn http2(stream: impl AsyncRead + AsyncWrite + Unpin, body: Bytes) -> Result<(), Failure> {
    let mut connection = h2::server::Builder::new().handshake::<_, Bytes>(stream).await?;
    while let Some(request) = connection.accept().await {
        let (request, mut respond) = request?;
        let body = body.slice(..size(request.uri().path()));
        let head = http::Response::builder().header("content-length", body.len()).body(())?;
        let mut sending = respond.send_response(head, false)?;
        sending.send_data(body, true)?;
    }
    Ok(())
}
