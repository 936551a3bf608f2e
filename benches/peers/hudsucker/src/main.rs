//! An intercepting proxy over the `hudsucker` crate: no rules, no log, no policy.
//!
//! `peer-hudsucker ADDRESS CA.PEM CA.KEY ORIGIN-CA.PEM`

use std::error::Error;
use std::net::SocketAddr;

use hudsucker::certificate_authority::RcgenAuthority;
use hudsucker::rcgen::{Issuer, KeyPair};
use hudsucker::rustls::crypto::aws_lc_rs;
use hudsucker::rustls::pki_types::CertificateDer;
use hudsucker::rustls::pki_types::pem::PemObject;
use hudsucker::rustls::{ClientConfig, RootCertStore};
use hudsucker::{HttpHandler, Proxy};
use hyper_rustls::HttpsConnectorBuilder;

/// Passes everything on as it is.
#[derive(Clone)]
struct PassOn;

impl HttpHandler for PassOn {}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [address, ca_cert, ca_key, origin_ca] = words.as_slice() else {
        return Err("usage: peer-hudsucker ADDRESS CA.PEM CA.KEY ORIGIN-CA.PEM".into());
    };
    let key = KeyPair::from_pem(&std::fs::read_to_string(ca_key)?)?;
    let issuer = Issuer::from_ca_cert_pem(&std::fs::read_to_string(ca_cert)?, key)?;
    let ca = RcgenAuthority::new(issuer, 1_000, aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(origin_ca)? {
        roots.add(certificate?)?;
    }
    let tls = ClientConfig::builder_with_provider(aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector =
        HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_all_versions();
    let proxy = Proxy::builder()
        .with_addr(address.parse::<SocketAddr>()?)
        .with_ca(ca)
        .with_http_connector(connector.build())
        .with_http_handler(PassOn)
        .build()?;
    proxy.start().await?;
    Ok(())
}
