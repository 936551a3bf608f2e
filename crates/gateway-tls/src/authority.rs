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

use crate::certificate::{
    Certificate, Criticality, common_name_der, extension, oid, positive_serial,
};
use crate::{SigningKey, der, pem};

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
        let serial = positive_serial(request.serial).ok_or(AuthorityError::ZeroSerial)?;
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
        let Ok((&[], certificate)) = parse_x509_certificate(der) else {
            return Err(AuthorityError::Malformed);
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

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    };
    use x509_parser::prelude::FromDer;
    use x509_parser::x509::SubjectPublicKeyInfo;

    use super::*;

    const NOW: u64 = 1_750_000_000;

    fn key(byte: u8) -> SigningKey {
        SigningKey::from_random_bytes(&[byte; 32]).unwrap()
    }

    fn request(common_name: &str) -> AuthorityRequest<'_> {
        AuthorityRequest { common_name, now_unix_s: NOW, validity_days: 30, serial: [0x81; 16] }
    }

    fn verifies(der: &[u8], issuer: &SigningKey) {
        let (_, certificate) = parse_x509_certificate(der).unwrap();
        let (_, issuer) = SubjectPublicKeyInfo::from_der(issuer.public_key_der()).unwrap();
        certificate.verify_signature(Some(&issuer)).unwrap();
    }

    #[test]
    fn a_new_authority_is_one() {
        let authority = Authority::create(&request("Test CA"), key(1)).unwrap();
        verifies(authority.cert_der(), authority.key());
        let (rest, certificate) = parse_x509_certificate(authority.cert_der()).unwrap();
        assert!(rest.is_empty());
        assert_eq!(certificate.subject().to_string(), "CN=Test CA");
        assert_eq!(certificate.issuer().as_raw(), certificate.subject().as_raw());
        assert_eq!(certificate.raw_serial(), [[0x01].as_slice(), &[0x81; 15]].concat());
        let constraints = certificate.basic_constraints().unwrap().unwrap();
        assert!(constraints.critical && constraints.value.ca);
        assert_eq!(constraints.value.path_len_constraint, Some(0));
        let usage = certificate.key_usage().unwrap().unwrap();
        assert!(usage.critical);
        assert_eq!(usage.value.flags, 0b110_0000, "keyCertSign and cRLSign");
        assert_eq!(authority.key_identifier.len(), 20);
        assert_eq!(key_identifier(&certificate), authority.key_identifier);
        assert_eq!(certificate.validity().not_before.timestamp(), (NOW - DAY_S) as i64);
        assert_eq!(authority.not_after_unix_s(), NOW + 30 * DAY_S);
    }

    #[test]
    fn an_authority_survives_pem() {
        let made = Authority::create(&request("Test CA"), key(1)).unwrap();
        let key_pem = made.key().to_pem().unwrap();
        let read = |now_unix_s| {
            Authority::from_pem(
                &made.cert_pem(),
                SigningKey::from_pem(&key_pem).unwrap(),
                now_unix_s,
            )
        };
        assert_eq!(read(NOW).unwrap().cert_der(), made.cert_der());
        let end = made.not_after_unix_s();
        assert!(read(end).is_ok());
        assert!(read(NOW - DAY_S).is_ok());
        for outside in [end + 1, NOW - DAY_S - 1, 0, u64::MAX] {
            let error = read(outside).err();
            assert!(matches!(error, Some(AuthorityError::NotValidNow { .. })), "{error:?}");
        }
        let error = Authority::from_pem(&made.cert_pem(), key(2), NOW).err();
        assert_eq!(error, Some(AuthorityError::KeyMismatch));
    }

    #[test]
    fn requests_are_checked() {
        let check = |request: AuthorityRequest<'_>, expected: AuthorityError| {
            assert_eq!(Authority::create(&request, key(1)).err(), Some(expected));
        };
        check(request(""), AuthorityError::CommonName { chars: 0 });
        let long = "ü".repeat(65);
        check(request(&long), AuthorityError::CommonName { chars: 65 });
        assert!(Authority::create(&request(&long[2..]), key(1)).is_ok());
        check(AuthorityRequest { validity_days: 0, ..request("CA") }, AuthorityError::Validity);
        check(
            AuthorityRequest { validity_days: u32::MAX, ..request("CA") },
            AuthorityError::Validity,
        );
        check(AuthorityRequest { now_unix_s: u64::MAX, ..request("CA") }, AuthorityError::Validity);
        let mut serial = [0; 16];
        serial[0] = 0x80;
        check(AuthorityRequest { serial, ..request("CA") }, AuthorityError::ZeroSerial);
    }

    /// A certificate made elsewhere, for the key of byte 1.
    fn elsewhere(shape: impl FnOnce(&mut CertificateParams)) -> Result<Authority, AuthorityError> {
        let signer = KeyPair::from_pem(&key(1).to_pem().unwrap()).unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        shape(&mut params);
        let pem = params.self_signed(&signer).unwrap().pem();
        Authority::from_pem(&pem, key(1), NOW)
    }

    #[test]
    fn certificates_from_elsewhere_are_checked() {
        assert!(elsewhere(|_| {}).is_ok());
        assert!(elsewhere(|params| params.key_usages = vec![KeyUsagePurpose::KeyCertSign]).is_ok());
        let error = elsewhere(|params| params.is_ca = IsCa::NoCa).err();
        assert_eq!(error, Some(AuthorityError::NotAuthority));
        let error = elsewhere(|params| params.is_ca = IsCa::ExplicitNoCa).err();
        assert_eq!(error, Some(AuthorityError::NotAuthority));
        let error = elsewhere(|params| params.key_usages = vec![KeyUsagePurpose::CrlSign]).err();
        assert_eq!(error, Some(AuthorityError::NoCertSign));
        for (text, expected) in [
            (String::new(), AuthorityError::NoPem),
            (key(1).to_pem().unwrap(), AuthorityError::NoPem),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n".to_owned(), AuthorityError::NoPem),
            (pem::encode("CERTIFICATE", &[0x30, 0]), AuthorityError::Malformed),
        ] {
            assert_eq!(Authority::from_pem(&text, key(1), NOW).err(), Some(expected), "{text}");
        }
    }

    #[test]
    fn an_authority_below_another_brings_its_chain() {
        let root_key = KeyPair::generate().unwrap();
        let mut root = CertificateParams::default();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root_pem = root.self_signed(&root_key).unwrap().pem();
        let issuer = Issuer::from_params(&root, &root_key);
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.distinguished_name.push(DnType::CommonName, "Below");
        let signer = KeyPair::from_pem(&key(1).to_pem().unwrap()).unwrap();
        let pem = params.signed_by(&signer, &issuer).unwrap().pem();
        let authority = Authority::from_pem(&(pem + &root_pem), key(1), NOW).unwrap();
        assert_eq!(authority.chain.len(), 2);
    }
}
