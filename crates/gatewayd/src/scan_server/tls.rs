//! TLS before the service of ICAP: the certificate that is shown, and whose certificates clients show.

use std::path::Path;
use std::sync::Arc;

use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

use crate::config::IcapServer;
use crate::origin_ca::{self, OriginCaError};
use crate::own_certificate::{self, OwnCertificateError};

/// Why there can be no TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ScanTlsError {
    /// The certificate or its key is unusable.
    #[error("icap_server: {0}")]
    Own(#[from] OwnCertificateError),
    /// The file of authorities for clients is unusable.
    #[error("icap_server: {0}")]
    Ca(#[from] OriginCaError),
    /// These authorities cannot be used together.
    #[error("icap_server.client_ca: {0}")]
    Roots(#[from] VerifierBuilderError),
    /// The library does not take them.
    #[error("icap_server: TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

/// What takes handshakes as `server` says; `None` where it listens nowhere for TLS.
///
/// # Errors
///
/// [`ScanTlsError`].
pub(crate) fn acceptor(server: &IcapServer) -> Result<Option<TlsAcceptor>, ScanTlsError> {
    if server.tls_listen.is_empty() {
        return Ok(None);
    }
    let (chain, key) = own_certificate::load(&server.certificate, &server.key)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?;
    let config = match server.client_ca == Path::new("") {
        true => config.with_no_client_auth(),
        false => {
            let mut roots = RootCertStore::empty();
            for certificate in origin_ca::load(&server.client_ca)? {
                roots.add(certificate)?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            config.with_client_cert_verifier(verifier.build()?)
        }
    };
    Ok(Some(TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key)?))))
}
