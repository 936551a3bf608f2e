//! Authorities for the certificates of origins, and TLS configurations for both ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use gateway_tls::{Authority, AuthorityRequest, LeafRequest, SigningKey};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};

/// Whether certificates of an authority are good now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Validity {
    Current,
    /// They were, long ago.
    Past,
}

/// An authority that vouches for origins.
pub(crate) struct OriginAuthority(Authority);

impl OriginAuthority {
    pub(crate) fn new(common_name: &str) -> Self {
        let request = AuthorityRequest {
            common_name,
            now_unix_s: now_unix_s() - 400 * 86_400,
            validity_days: 3_650,
            serial: random(),
        };
        Self(Authority::create(&request, key()).unwrap())
    }

    /// Its certificate in PEM.
    pub(crate) fn pem(&self) -> String {
        self.0.cert_pem()
    }

    /// A key and a certificate under this name for a program, as PEM files in `dir`.
    pub(crate) fn files(&self, name: &str, dir: &Path) -> [PathBuf; 2] {
        let leaf_key = key();
        let request =
            LeafRequest { host: name, origin: None, now_unix_s: now_unix_s(), serial: random() };
        let leaf = self.0.mint(&request, &leaf_key).unwrap();
        let certificate = leaf.chain.first().map(|der| pem("CERTIFICATE", der)).unwrap();
        let files = [dir.join("origin.key"), dir.join("origin.pem")];
        fs::write(&files[0], leaf_key.to_pem().unwrap()).unwrap();
        fs::write(&files[1], certificate).unwrap();
        files
    }

    /// How an origin under this name takes handshakes.
    pub(crate) fn server(&self, name: &str, validity: Validity) -> Arc<ServerConfig> {
        let age_s = match validity {
            Validity::Current => 0,
            Validity::Past => 300 * 86_400,
        };
        let (chain, der) = self.leaf(name, age_s);
        let chain = chain.into_iter().map(CertificateDer::from).collect();
        let der = PrivatePkcs8KeyDer::from(der).into();
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, der)
            .unwrap();
        Arc::new(config)
    }

    /// Certificate and key of an origin under this name, in DER.
    pub(crate) fn certificate(&self, name: &str) -> (Vec<u8>, Vec<u8>) {
        let (chain, key) = self.leaf(name, 0);
        (chain.into_iter().next().unwrap(), key)
    }

    fn leaf(&self, name: &str, age_s: u64) -> (Vec<Vec<u8>>, Vec<u8>) {
        let key = key();
        let now_unix_s = now_unix_s() - age_s;
        let request = LeafRequest { host: name, origin: None, now_unix_s, serial: random() };
        let leaf = self.0.mint(&request, &key).unwrap();
        (leaf.chain, key.to_pkcs8_der().unwrap())
    }
}

/// DER as PEM.
fn pem(label: &str, der: &[u8]) -> String {
    let text = base64(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// Base64 (RFC 4648 §4).
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().chain([0, 0].iter()).take(3);
        let number = number.fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
        for digit in 0..4 {
            let index = number >> (18 - 6 * digit) & 63;
            text.push(if digit > three.len() { '=' } else { char::from(ALPHABET[index]) });
        }
    }
    text
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// How a client takes handshakes that trusts the authority in the file `ca` and no other.
pub(crate) fn trusting(ca: &Path) -> Arc<ClientConfig> {
    trusting_with(ca, provider())
}

/// The same without post-quantum key exchange: its ClientHello is a sixth as long.
pub(crate) fn trusting_classically(ca: &Path) -> Arc<ClientConfig> {
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.kx_groups = vec![rustls::crypto::aws_lc_rs::kx_group::X25519];
    trusting_with(ca, Arc::new(provider))
}

fn trusting_with(ca: &Path, provider: Arc<rustls::crypto::CryptoProvider>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&fs::read(ca).unwrap()) {
        roots.add(certificate.unwrap()).unwrap();
    }
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    // Every handshake shows the certificate.
    config.resumption = rustls::client::Resumption::disabled();
    Arc::new(config)
}

fn key() -> SigningKey {
    SigningKey::from_random_bytes(&random()).unwrap()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    bytes
}

fn now_unix_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
