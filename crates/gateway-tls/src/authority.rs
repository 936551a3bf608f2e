//! The certificate authority: its key and certificate, read or made. What it mints stands in
//! `leaf`; where its files lie and who may read them is the binary's matter.

use std::fmt;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use thiserror::Error;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ParsedExtension;
use x509_parser::parse_x509_certificate;

use crate::{SigningKey, der, pem};

/// Bytes of DER for the extensions of a certificate and the names in it.
pub(crate) mod oid {
    /// authorityKeyIdentifier (RFC 5280 §4.2.1.1).
    pub(crate) const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x23];
    /// basicConstraints (RFC 5280 §4.2.1.9).
    pub(crate) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
    /// commonName (RFC 5280 appendix A.1).
    pub(crate) const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
    /// extKeyUsage (RFC 5280 §4.2.1.12).
    pub(crate) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
    /// keyUsage (RFC 5280 §4.2.1.3).
    pub(crate) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
    /// id-kp-serverAuth (RFC 5280 §4.2.1.12).
    pub(crate) const SERVER_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
    /// subjectAltName (RFC 5280 §4.2.1.6).
    pub(crate) const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
    /// subjectKeyIdentifier (RFC 5280 §4.2.1.2).
    pub(crate) const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x0e];
}

pub(crate) const DAY_S: u64 = 86_400;
/// Longest common name in characters (RFC 5280 appendix A.1, ub-common-name).
const COMMON_NAME_CHARS_MAX: usize = 64;

/// Why there is no authority.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The text holds no certificate in PEM.
    #[error("no certificate in PEM form")]
    NoPem,
    /// The certificate cannot be read.
    #[error("malformed certificate")]
    Malformed,
    /// The certificate is not that of an authority: its basic constraints do not say so.
    #[error("not the certificate of an authority: basic constraints lack CA:TRUE")]
    NotAuthority,
    /// The certificate's key usage does not allow signing certificates.
    #[error("key usage of the certificate lacks keyCertSign")]
    NoCertSign,
    /// The key is not the one in the certificate.
    #[error("private key does not belong to the certificate")]
    KeyMismatch,
    /// The certificate is not valid at the time given.
    #[error(
        "certificate is not valid now, only from {not_before_unix_s} to {not_after_unix_s} (Unix seconds)"
    )]
    NotValidNow {
        /// Start of its validity, in seconds since the Unix epoch.
        not_before_unix_s: i64,
        /// End of its validity, in seconds since the Unix epoch.
        not_after_unix_s: i64,
    },
    /// The common name is empty or longer than 64 characters.
    #[error("common name of {chars} characters, 1 to 64 are allowed")]
    CommonName {
        /// Its length in characters.
        chars: usize,
    },
    /// The serial number is zero (RFC 5280 §4.1.2.2 wants it positive).
    #[error("serial number is zero")]
    ZeroSerial,
    /// The validity is empty or ends after the year 9999.
    #[error("validity is empty or ends after the year 9999")]
    Validity,
    /// The cryptographic library did not sign.
    #[error("signing failed")]
    Sign,
}

/// What a new authority shall be.
#[derive(Clone, Copy, Debug)]
pub struct AuthorityRequest<'a> {
    /// The name that trust stores show, 1 to 64 characters.
    pub common_name: &'a str,
    /// The time now, in seconds since the Unix epoch.
    pub now_unix_s: u64,
    /// Days from now that it shall be valid.
    pub validity_days: u32,
    /// 16 random bytes; the top bit is cleared.
    pub serial: [u8; 16],
}

/// A certificate authority that mints leaf certificates.
///
/// Its certificate is read once: what minting needs of it is kept in DER, so that the issuer name
/// and key identifier of a leaf are byte copies, whatever string types the authority uses.
pub struct Authority {
    pub(crate) key: SigningKey,
    /// Its own certificate, then those that lead to a root clients know, in DER.
    pub(crate) chain: Vec<Vec<u8>>,
    pub(crate) subject_der: Vec<u8>,
    pub(crate) key_identifier: Vec<u8>,
    pub(crate) not_after_unix_s: u64,
}

impl Authority {
    /// Takes up an existing authority: its certificate in PEM and its key.
    ///
    /// Certificates after the first are sent to clients after it, for an authority under another
    /// one. Checks that the first is an authority's, may sign certificates, is valid at
    /// `now_unix_s` (seconds since the Unix epoch) and holds this key.
    pub fn from_pem(
        certificates_pem: &str,
        key: SigningKey,
        now_unix_s: u64,
    ) -> Result<Self, AuthorityError> {
        let chain = CertificateDer::pem_slice_iter(certificates_pem.as_bytes())
            .map(|section| section.map(|der| der.as_ref().to_vec()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| AuthorityError::NoPem)?;
        Self::from_chain(chain, key, now_unix_s)
    }

    /// Makes a new self-signed authority: basic constraints critical with path length 0, key usage
    /// certificate and CRL signing, valid from a day ago for clocks that run late.
    pub fn create(request: &AuthorityRequest<'_>, key: SigningKey) -> Result<Self, AuthorityError> {
        let chars = request.common_name.chars().count();
        if chars == 0 || chars > COMMON_NAME_CHARS_MAX {
            return Err(AuthorityError::CommonName { chars });
        }
        let serial = positive(request.serial).ok_or(AuthorityError::ZeroSerial)?;
        let not_after = u64::from(request.validity_days)
            .checked_mul(DAY_S)
            .and_then(|validity_s| request.now_unix_s.checked_add(validity_s))
            .filter(|end| *end > request.now_unix_s && *end <= der::TIME_UNIX_S_MAX)
            .ok_or(AuthorityError::Validity)?;
        let subject_der = common_name_der(request.common_name);
        let certificate = Certificate {
            serial: &serial,
            issuer_der: &subject_der,
            not_before_unix_s: request.now_unix_s.saturating_sub(DAY_S),
            not_after_unix_s: not_after,
            subject_der: &subject_der,
            public_key_der: key.public_key_der(),
        };
        // RFC 7093 §2 (1): the leftmost 160 bits of the SHA-256 of the key.
        let hash = digest(&SHA256, key.public_key_der());
        let key_identifier = hash.as_ref().get(..20).unwrap_or_default();
        let der = certificate
            .sign(&key, |out| {
                extension(out, oid::BASIC_CONSTRAINTS, Criticality::Critical, |out| {
                    der::nest(out, der::SEQUENCE, |out| {
                        der::value(out, der::BOOLEAN, &[0xff]);
                        der::unsigned(out, &[0]);
                    });
                });
                // keyCertSign (5) and cRLSign (6): the last bit of the byte is unused.
                extension(out, oid::KEY_USAGE, Criticality::Critical, |out| {
                    der::value(out, der::BIT_STRING, &[1, 0b0000_0110]);
                });
                extension(out, oid::SUBJECT_KEY_IDENTIFIER, Criticality::Plain, |out| {
                    der::value(out, der::OCTET_STRING, key_identifier);
                });
            })
            .ok_or(AuthorityError::Sign)?;
        Self::from_chain(vec![der], key, request.now_unix_s)
    }

    /// Its certificate in PEM, for clients to trust.
    #[must_use]
    pub fn cert_pem(&self) -> String {
        pem::encode("CERTIFICATE", self.cert_der())
    }

    /// Its certificate in DER.
    #[must_use]
    pub fn cert_der(&self) -> &[u8] {
        self.chain.first().map(Vec::as_slice).unwrap_or_default()
    }

    /// Its private key.
    #[must_use]
    pub const fn key(&self) -> &SigningKey {
        &self.key
    }

    /// End of its validity, in seconds since the Unix epoch. No leaf outlives it.
    #[must_use]
    pub const fn not_after_unix_s(&self) -> u64 {
        self.not_after_unix_s
    }

    fn from_chain(
        chain: Vec<Vec<u8>>,
        key: SigningKey,
        now_unix_s: u64,
    ) -> Result<Self, AuthorityError> {
        let der = chain.first().ok_or(AuthorityError::NoPem)?;
        let certificate = match parse_x509_certificate(der) {
            Ok((&[], certificate)) => certificate,
            Ok(_) | Err(_) => return Err(AuthorityError::Malformed),
        };
        let constraints = certificate.basic_constraints().map_err(|_| AuthorityError::Malformed)?;
        if !constraints.is_some_and(|extension| extension.value.ca) {
            return Err(AuthorityError::NotAuthority);
        }
        let usage = certificate.key_usage().map_err(|_| AuthorityError::Malformed)?;
        if usage.is_some_and(|extension| !extension.value.key_cert_sign()) {
            return Err(AuthorityError::NoCertSign);
        }
        if certificate.public_key().raw != key.public_key_der() {
            return Err(AuthorityError::KeyMismatch);
        }
        let not_before_unix_s = certificate.validity().not_before.timestamp();
        let not_after_unix_s = certificate.validity().not_after.timestamp();
        let now = i64::try_from(now_unix_s).unwrap_or(i64::MAX);
        if !(not_before_unix_s..=not_after_unix_s).contains(&now) {
            return Err(AuthorityError::NotValidNow { not_before_unix_s, not_after_unix_s });
        }
        Ok(Self {
            subject_der: certificate.subject().as_raw().to_vec(),
            key_identifier: key_identifier(&certificate),
            not_after_unix_s: u64::try_from(not_after_unix_s).unwrap_or(0),
            key,
            chain,
        })
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("key", &self.key)
            .field("certificates", &self.chain.len())
            .field("not_after_unix_s", &self.not_after_unix_s)
            .finish_non_exhaustive()
    }
}

/// The subject key identifier of a certificate, or the one that RFC 5280 §4.2.1.2 (1) derives:
/// strict verifiers want leaves to name their issuer's key even if the issuer does not.
fn key_identifier(certificate: &X509Certificate<'_>) -> Vec<u8> {
    let own =
        certificate.extensions().iter().find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(identifier) => Some(identifier.0.to_vec()),
            _ => None,
        });
    own.unwrap_or_else(|| {
        let key = &certificate.public_key().subject_public_key.data;
        digest(&SHA1_FOR_LEGACY_USE_ONLY, key).as_ref().to_vec()
    })
}

/// A serial number with its top bit cleared, unless it is zero then.
pub(crate) fn positive(mut serial: [u8; 16]) -> Option<[u8; 16]> {
    let [first, ..] = &mut serial;
    *first &= 0x7f;
    (serial != [0; 16]).then_some(serial)
}

/// A distinguished name of one common name.
pub(crate) fn common_name_der(common_name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    der::nest(&mut out, der::SEQUENCE, |out| {
        der::nest(out, der::SET, |out| {
            der::nest(out, der::SEQUENCE, |out| {
                der::value(out, der::OID, oid::COMMON_NAME);
                der::value(out, der::UTF8_STRING, common_name.as_bytes());
            });
        });
    });
    out
}

/// Whether a verifier that does not know an extension must refuse the certificate.
#[derive(Clone, Copy)]
pub(crate) enum Criticality {
    Critical,
    Plain,
}

/// Appends one extension (RFC 5280 §4.1) around the value that `contents` appends.
pub(crate) fn extension(
    out: &mut Vec<u8>,
    oid: &[u8],
    criticality: Criticality,
    contents: impl FnOnce(&mut Vec<u8>),
) {
    der::nest(out, der::SEQUENCE, |out| {
        der::value(out, der::OID, oid);
        match criticality {
            Criticality::Critical => der::value(out, der::BOOLEAN, &[0xff]),
            Criticality::Plain => {}
        }
        der::nest(out, der::OCTET_STRING, contents);
    });
}

/// What a certificate says besides its extensions.
pub(crate) struct Certificate<'a> {
    pub(crate) serial: &'a [u8],
    pub(crate) issuer_der: &'a [u8],
    pub(crate) not_before_unix_s: u64,
    pub(crate) not_after_unix_s: u64,
    pub(crate) subject_der: &'a [u8],
    pub(crate) public_key_der: &'a [u8],
}

impl Certificate<'_> {
    /// The certificate in DER (RFC 5280 §4.1), with the extensions that `extensions` appends;
    /// nothing if the library does not sign.
    pub(crate) fn sign(
        &self,
        issuer_key: &SigningKey,
        extensions: impl FnOnce(&mut Vec<u8>),
    ) -> Option<Vec<u8>> {
        let algorithm = issuer_key.signature_algorithm_der();
        let mut signed = Vec::with_capacity(1024);
        der::nest(&mut signed, der::SEQUENCE, |out| {
            // Version 3.
            der::nest(out, der::context_constructed(0), |out| der::unsigned(out, &[2]));
            der::unsigned(out, self.serial);
            out.extend_from_slice(algorithm);
            out.extend_from_slice(self.issuer_der);
            der::nest(out, der::SEQUENCE, |out| {
                der::time(out, self.not_before_unix_s);
                der::time(out, self.not_after_unix_s);
            });
            out.extend_from_slice(self.subject_der);
            out.extend_from_slice(self.public_key_der);
            der::nest(out, der::context_constructed(3), |out| {
                der::nest(out, der::SEQUENCE, extensions);
            });
        });
        let signature = issuer_key.sign(&signed)?;
        let mut out = Vec::with_capacity(signed.len() + signature.len() + 32);
        der::nest(&mut out, der::SEQUENCE, |out| {
            out.extend_from_slice(&signed);
            out.extend_from_slice(algorithm);
            der::bit_string(out, &signature);
        });
        Some(out)
    }
}
