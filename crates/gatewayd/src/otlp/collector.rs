//! One collector of traces, reached by HTTP without TLS: it stands beside the gateway, or behind
//! something that does TLS.

use std::io;
use std::time::Duration;

use http::Uri;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a batch may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// An endpoint that traces cannot be sent to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("found `{found}`, expected a URL such as http://127.0.0.1:4318/v1/traces")]
pub(crate) struct EndpointError {
    found: String,
}

/// Why a batch was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(super) enum PostError {
    /// The connection failed.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It took too long.
    #[error("no answer in {} s", PATIENCE.as_secs())]
    Late,
    /// The collector says no.
    #[error("it answers {0:?}")]
    Refused(String),
}

/// Where a collector is.
#[derive(Clone, Debug)]
pub(super) struct Collector {
    authority: String,
    address: String,
    path: String,
}

impl Collector {
    /// The collector at `endpoint`; its path is `/v1/traces` where none is named.
    pub(super) fn at(endpoint: &str) -> Result<Self, EndpointError> {
        let wrong = || EndpointError { found: endpoint.to_owned() };
        let uri: Uri = endpoint.parse().map_err(|_| wrong())?;
        let authority = uri.authority().ok_or_else(wrong)?;
        if uri.scheme_str() != Some("http") || authority.as_str().contains('@') {
            return Err(wrong());
        }
        let port = authority.port_u16().unwrap_or(80);
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self {
            authority: authority.to_string(),
            address: format!("{}:{port}", authority.host()),
            path: if path == "/" { "/v1/traces".to_owned() } else { path.to_owned() },
        })
    }

    /// Hands over one batch.
    pub(super) async fn post(&self, body: &[u8]) -> Result<(), PostError> {
        timeout(PATIENCE, self.exchange(body)).await.unwrap_or(Err(PostError::Late))
    }

    async fn exchange(&self, body: &[u8]) -> Result<(), PostError> {
        let stream = TcpStream::connect(&self.address).await?;
        let mut stream = BufReader::new(stream);
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.path,
            self.authority,
            body.len()
        );
        stream.get_mut().write_all(&[head.as_bytes(), body].concat()).await?;
        let mut status = Vec::new();
        let mut line = tokio::io::AsyncReadExt::take(&mut stream, 256);
        line.read_until(b'\n', &mut status).await?;
        let status = String::from_utf8_lossy(&status).trim_end().to_owned();
        match status.split(' ').nth(1) {
            Some(code) if code.len() == 3 && code.starts_with('2') => Ok(()),
            _ => Err(PostError::Refused(status)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_urls_without_tls() {
        for (endpoint, address, path) in [
            ("http://127.0.0.1:4318/v1/traces", "127.0.0.1:4318", "/v1/traces"),
            ("http://[::1]:4318", "[::1]:4318", "/v1/traces"),
            ("http://collector/own?x", "collector:80", "/own?x"),
        ] {
            let collector = Collector::at(endpoint).unwrap();
            assert_eq!((&*collector.address, &*collector.path), (address, path), "{endpoint}");
        }
        for endpoint in ["", "127.0.0.1:4318", "https://a.test/", "http://u@a.test/", "/v1/traces"]
        {
            assert!(Collector::at(endpoint).is_err(), "{endpoint}");
        }
    }
}
