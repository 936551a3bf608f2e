//! TLS with origins: whom it trusts, and what it says when it does not.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use gateway_log::{CertificateValidation, Text};
use gateway_proxy::{Agreed, Alpn, DialError, OriginTls};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::config;
use crate::drive::Socket;
use crate::origin_ca::{self, OriginCaError};

/// Why no origin could be trusted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum TrustError {
    /// A file of CA certificates is unusable.
    #[error(transparent)]
    File(#[from] OriginCaError),
    /// There is no CA certificate at all.
    #[error("no CA certificate is trusted: the system has none, and `origin.extra_ca` names none")]
    Empty,
    /// The protocol versions or ciphers do not fit the cryptographic library.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

/// Takes TLS handshakes with origins. Sessions are resumed where origins allow it.
#[derive(Clone)]
pub(crate) struct OriginConnector {
    http11: Arc<ClientConfig>,
    http2: Arc<ClientConfig>,
}

impl OriginConnector {
    /// A connector that trusts what the configuration names.
    pub(crate) fn new(origin: &config::Origin) -> Result<Self, TrustError> {
        let mut roots = RootCertStore::empty();
        if origin.system_roots {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        for file in &origin.extra_ca {
            for certificate in origin_ca::load(file)? {
                roots.add(certificate)?;
            }
        }
        if roots.is_empty() {
            return Err(TrustError::Empty);
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let offering = |alpn: Alpn| {
            let mut config = config.clone();
            config.alpn_protocols = alpn.ids().iter().map(|id| id.to_vec()).collect();
            Arc::new(config)
        };
        Ok(Self { http11: offering(Alpn::Http11), http2: offering(Alpn::Http2) })
    }

    /// Takes the handshake in the name of `server_name`, a DNS name or an IP literal, offering
    /// `alpn`.
    pub(crate) async fn connect(
        &self,
        server_name: &str,
        alpn: Alpn,
        stream: Socket,
    ) -> Result<(TlsStream<Socket>, OriginTls), DialError> {
        let began = Instant::now();
        let name = ServerName::try_from(server_name.to_owned()).map_err(|_| DialError::Tls)?;
        let config = match alpn {
            Alpn::Http2 => &self.http2,
            _ => &self.http11,
        };
        let connector = TlsConnector::from(config.clone());
        let stream = connector.connect(name, stream).await.map_err(|error| explain(&error))?;
        let tls = agreed(&stream, began);
        Ok((stream, tls))
    }
}

fn agreed(stream: &TlsStream<Socket>, began: Instant) -> OriginTls {
    let (_, connection) = stream.get_ref();
    let certificate = connection.peer_certificates().and_then(<[_]>::first);
    let certificate = certificate.map(|der| Bytes::copy_from_slice(der)).unwrap_or_default();
    OriginTls {
        version: Text::from_static(version(connection.protocol_version())),
        cipher: cipher(connection.negotiated_cipher_suite()).into(),
        issuer: issuer(&certificate).into(),
        certificate,
        agreed: Agreed::by_alpn(connection.alpn_protocol()),
        handshake: began.elapsed(),
    }
}

/// The version as records write it.
pub(crate) const fn version(version: Option<rustls::ProtocolVersion>) -> &'static str {
    match version {
        Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3",
        Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2",
        _ => "",
    }
}

/// The cipher suite by its IANA name.
pub(crate) fn cipher(suite: Option<rustls::SupportedCipherSuite>) -> String {
    let name = suite.and_then(|suite| suite.suite().as_str()).unwrap_or_default();
    // The library tells the suites of TLS 1.3 apart by a prefix that IANA does not use.
    name.replacen("TLS13_", "TLS_", 1)
}

fn issuer(certificate: &[u8]) -> String {
    x509_parser::parse_x509_certificate(certificate)
        .map(|(_, certificate)| certificate.issuer().to_string())
        .unwrap_or_default()
}

fn explain(error: &std::io::Error) -> DialError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let Some(rustls::Error::InvalidCertificate(reason)) = inner else { return DialError::Tls };
    let validation = match reason {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => CertificateValidation::Expired,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateValidation::HostnameMismatch
        }
        CertificateError::Revoked => CertificateValidation::Revoked,
        _ => CertificateValidation::Unknown,
    };
    DialError::Certificate { validation }
}
