//! TLS with services of ICAP, from the first byte on: by whom they are trusted, and what is shown to
//! them. There is no way to leave their certificates unverified.

use std::io;
use std::path::Path;
use std::sync::Arc;

use gateway_h1h2::icap::{Service, ServiceScheme};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio_rustls::TlsConnector;

use crate::config::Icap;
use crate::drive::{Socket, Stream};
use crate::origin_ca::{self, OriginCaError};
use crate::own_certificate::{self, OwnCertificateError};

/// Why there can be no TLS with a service.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum IcapTlsError {
    /// The file of CA certificates is unusable.
    #[error("icap `{name}`: {source}")]
    Ca {
        /// The service's name.
        name: String,
        /// What is wrong.
        source: OriginCaError,
    },
    /// There is no CA certificate at all.
    #[error(
        "icap `{name}`: no CA certificate is trusted: the system has none, and `ca` names none"
    )]
    Empty {
        /// The service's name.
        name: String,
    },
    /// The certificate to be shown, or its key, is unusable.
    #[error("icap `{name}`: {source}")]
    Own {
        /// The service's name.
        name: String,
        /// What is wrong.
        source: OwnCertificateError,
    },
    /// The library does not take them.
    #[error("icap `{name}`: TLS cannot be set up: {source}")]
    Setup {
        /// The service's name.
        name: String,
        /// What is wrong.
        source: rustls::Error,
    },
    /// The name that a certificate must be for is none.
    #[error(
        "icap `{name}`: found `{found}`, expected a host name or an IP address as `server_name`"
    )]
    ServerName {
        /// The service's name.
        name: String,
        /// What was set.
        found: String,
    },
}

/// Takes TLS handshakes with one service.
#[derive(Clone)]
pub(super) struct ServiceTls {
    connector: TlsConnector,
    server_name: ServerName<'static>,
}

impl std::fmt::Debug for ServiceTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceTls").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}

impl ServiceTls {
    /// That of `icap`, whose address is `service`; `None` where it is spoken to in the clear.
    ///
    /// # Errors
    ///
    /// [`IcapTlsError`].
    pub(super) fn load(icap: &Icap, service: &Service) -> Result<Option<Self>, IcapTlsError> {
        if service.scheme() == ServiceScheme::Icap {
            return Ok(None);
        }
        let name = || icap.name.clone();
        let setup = |source| IcapTlsError::Setup { name: name(), source };
        let host = service.host();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let wanted = if icap.server_name.is_empty() { host } else { &*icap.server_name };
        let server_name = ServerName::try_from(wanted.to_owned())
            .map_err(|_| IcapTlsError::ServerName { name: name(), found: wanted.to_owned() })?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(setup)?
            .with_root_certificates(roots(icap)?);
        let config = match icap.certificate == Path::new("") {
            true => config.with_no_client_auth(),
            false => {
                let (chain, key) = own_certificate::load(&icap.certificate, &icap.key)
                    .map_err(|source| IcapTlsError::Own { name: name(), source })?;
                config.with_client_auth_cert(chain, key).map_err(setup)?
            }
        };
        Ok(Some(Self { connector: TlsConnector::from(Arc::new(config)), server_name }))
    }

    /// Takes the handshake.
    ///
    /// # Errors
    ///
    /// Those of the system, and of TLS: among them a certificate that is not to be trusted.
    pub(super) async fn connect(&self, socket: Socket) -> io::Result<Stream> {
        let stream = self.connector.connect(self.server_name.clone(), socket).await?;
        Ok(Stream::Origin(Box::new(stream)))
    }
}

/// The authorities by which a service is trusted.
fn roots(icap: &Icap) -> Result<RootCertStore, IcapTlsError> {
    let name = || icap.name.clone();
    let mut roots = RootCertStore::empty();
    if icap.ca == Path::new("") {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    } else {
        let loaded = origin_ca::load(&icap.ca);
        for certificate in loaded.map_err(|source| IcapTlsError::Ca { name: name(), source })? {
            // Each has been looked at by itself already.
            let _ = roots.add(certificate);
        }
    }
    if roots.is_empty() { Err(IcapTlsError::Empty { name: name() }) } else { Ok(roots) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn what_is_wrong_is_told_with_the_name_of_the_service() {
        let scratch = Scratch::new();
        let empty = scratch.write("empty.pem", "");
        let of = |change: &dyn Fn(&mut Icap)| {
            let mut icap = Icap { name: "av".into(), ..Icap::default() };
            change(&mut icap);
            let service = Service::parse("icaps://[::1]/x").unwrap();
            ServiceTls::load(&icap, &service).unwrap_err().to_string()
        };
        let told = of(&|icap| icap.ca.clone_from(&empty));
        assert!(told.starts_with("icap `av`: ") && told.contains("no certificate"), "{told}");
        let told = of(&|icap| icap.server_name = "a b".into());
        assert!(told.contains("found `a b`"), "{told}");
        let service = Service::parse("icap://[::1]/x").unwrap();
        assert!(ServiceTls::load(&Icap::default(), &service).unwrap().is_none());
    }
}
