//! Private keys: read, written, made from random bytes, used to sign. No key is drawn here, and
//! none is printed.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
    RSA_PKCS1_SHA256, RsaKeyPair,
};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use thiserror::Error;

use crate::pem;

/// Why a key cannot be had or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text holds no unencrypted private key in PEM.
    #[error("no unencrypted private key in PEM form")]
    NoPem,
    /// The key is damaged, or is neither ECDSA on P-256 or P-384 nor RSA of 2048 to 8192 bits.
    #[error("not a usable ECDSA P-256, ECDSA P-384 or RSA key")]
    Unusable,
    /// The random bytes are no private key of the curve. It happens once in four thousand million
    /// draws: draw again.
    #[error("random bytes outside the range of private keys")]
    OutOfRange,
    /// The cryptographic library did not write the key out.
    #[error("key cannot be exported")]
    Export,
}

/// A private key: the authority's own, or that of the leaves.
///
/// New keys are ECDSA on P-256. Keys on P-384 and RSA keys are read too, because an organisation's
/// existing authority may have one. Its `Debug` form shows the algorithm alone.
pub struct SigningKey {
    pair: Pair,
    /// The public half as SubjectPublicKeyInfo in DER.
    public_key_der: Vec<u8>,
}

enum Pair {
    EcdsaP256(EcdsaKeyPair),
    EcdsaP384(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl SigningKey {
    /// Reads an unencrypted key in PEM: PKCS #8, SEC 1 (`EC PRIVATE KEY`) or PKCS #1
    /// (`RSA PRIVATE KEY`). The first key of the text counts.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        match PrivateKeyDer::from_pem_slice(pem.as_bytes()) {
            Ok(PrivateKeyDer::Pkcs8(der)) => Self::from_pkcs8_der(der.secret_pkcs8_der()),
            Ok(PrivateKeyDer::Sec1(der)) => Self::ecdsa(der.secret_sec1_der()),
            Ok(PrivateKeyDer::Pkcs1(der)) => RsaKeyPair::from_der(der.secret_pkcs1_der())
                .ok()
                .and_then(|pair| Self::new(Pair::Rsa(pair)))
                .ok_or(KeyError::Unusable),
            Ok(_) | Err(_) => Err(KeyError::NoPem),
        }
    }

    /// Reads an unencrypted PKCS #8 key (RFC 5208) in DER.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::ecdsa(der).or_else(|_| {
            RsaKeyPair::from_pkcs8(der)
                .ok()
                .and_then(|pair| Self::new(Pair::Rsa(pair)))
                .ok_or(KeyError::Unusable)
        })
    }

    /// Makes a P-256 key of 32 bytes from a cryptographically secure source: they are the private
    /// scalar. The same bytes give the same key.
    pub fn from_random_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        // RFC 5208 PrivateKeyInfo around an RFC 5915 ECPrivateKey that names only the scalar: the
        // library computes the public half.
        const PREFIX: [u8; 35] = [
            0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d,
            0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27,
            0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20,
        ];
        let mut der = [0; PREFIX.len() + 32];
        der[..PREFIX.len()].copy_from_slice(&PREFIX);
        der[PREFIX.len()..].copy_from_slice(bytes);
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &der)
            .ok()
            .and_then(|pair| Self::new(Pair::EcdsaP256(pair)))
            .ok_or(KeyError::OutOfRange)
    }

    /// The key as PKCS #8 in DER, for a TLS stack. Unencrypted: keep it in memory.
    pub fn to_pkcs8_der(&self) -> Result<Vec<u8>, KeyError> {
        match &self.pair {
            Pair::EcdsaP256(pair) | Pair::EcdsaP384(pair) => {
                pair.to_pkcs8v1().map(|document| document.as_ref().to_vec())
            }
            Pair::Rsa(pair) => {
                AsDer::<Pkcs8V1Der<'_>>::as_der(pair).map(|document| document.as_ref().to_vec())
            }
        }
        .map_err(|_| KeyError::Export)
    }

    /// The key as PKCS #8 in PEM. Unencrypted: whoever writes it to a file keeps others out.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        self.to_pkcs8_der().map(|der| pem::encode("PRIVATE KEY", &der))
    }

    /// The public half as SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) in DER.
    #[must_use]
    pub fn public_key_der(&self) -> &[u8] {
        &self.public_key_der
    }

    /// The signature of `message` in the form that stands in a certificate, or nothing if the
    /// library fails, which it does only without memory or entropy.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::EcdsaP256(pair) | Pair::EcdsaP384(pair) => {
                pair.sign(&random, message).ok().map(|signature| signature.as_ref().to_vec())
            }
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).ok()?;
                Some(signature)
            }
        }
    }

    /// The AlgorithmIdentifier of those signatures in DER.
    pub(crate) const fn signature_algorithm_der(&self) -> &'static [u8] {
        match self.pair {
            // ecdsa-with-SHA256 (RFC 5758 §3.2)
            Pair::EcdsaP256(_) => {
                &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]
            }
            // ecdsa-with-SHA384
            Pair::EcdsaP384(_) => {
                &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03]
            }
            // sha256WithRSAEncryption with its NULL parameter (RFC 4055 §5)
            Pair::Rsa(_) => &[
                0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05,
                0x00,
            ],
        }
    }

    fn ecdsa(der: &[u8]) -> Result<Self, KeyError> {
        let p256 = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_ASN1_SIGNING, der);
        let pair = match p256 {
            Ok(pair) => Pair::EcdsaP256(pair),
            Err(_) => EcdsaKeyPair::from_private_key_der(&ECDSA_P384_SHA384_ASN1_SIGNING, der)
                .map(Pair::EcdsaP384)
                .map_err(|_| KeyError::Unusable)?,
        };
        Self::new(pair).ok_or(KeyError::Unusable)
    }

    fn new(pair: Pair) -> Option<Self> {
        let public_key_der = match &pair {
            Pair::EcdsaP256(pair) | Pair::EcdsaP384(pair) => {
                AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).ok()?.as_ref().to_vec()
            }
            Pair::Rsa(pair) => {
                AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).ok()?.as_ref().to_vec()
            }
        };
        Some(Self { pair, public_key_der })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.pair {
            Pair::EcdsaP256(_) => "SigningKey(ECDSA P-256)",
            Pair::EcdsaP384(_) => "SigningKey(ECDSA P-384)",
            Pair::Rsa(_) => "SigningKey(RSA)",
        })
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    };
    use rcgen::{KeyPair as OtherKeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256};
    use x509_parser::prelude::FromDer;
    use x509_parser::x509::SubjectPublicKeyInfo;

    use super::*;

    #[test]
    fn random_bytes_are_the_private_scalar() {
        // The key pair of RFC 6979 appendix A.2.5.
        let scalar = [
            0xc9, 0xaf, 0xa9, 0xd8, 0x45, 0xba, 0x75, 0x16, 0x6b, 0x5c, 0x21, 0x57, 0x67, 0xb1,
            0xd6, 0x93, 0x4e, 0x50, 0xc3, 0xdb, 0x36, 0xe8, 0x9b, 0x12, 0x7b, 0x8a, 0x62, 0x2b,
            0x12, 0x0f, 0x67, 0x21,
        ];
        let key = SigningKey::from_random_bytes(&scalar).unwrap();
        let x = [0x60, 0xfe, 0xd4, 0xba, 0x25, 0x5a, 0x9d, 0x31, 0xc9, 0x61, 0xeb, 0x74, 0xc6];
        assert!(key.public_key_der().windows(x.len()).any(|window| window == x));
        assert!(key.to_pkcs8_der().unwrap().windows(32).any(|window| window == scalar));
    }

    #[test]
    fn bytes_out_of_range_are_refused() {
        for bytes in [[0; 32], [0xff; 32]] {
            assert_eq!(SigningKey::from_random_bytes(&bytes).err(), Some(KeyError::OutOfRange));
        }
    }

    #[test]
    fn keys_survive_pem() {
        let key = SigningKey::from_random_bytes(&[3; 32]).unwrap();
        let read = SigningKey::from_pem(&key.to_pem().unwrap()).unwrap();
        assert_eq!(read.public_key_der(), key.public_key_der());
        let read = SigningKey::from_pkcs8_der(&read.to_pkcs8_der().unwrap()).unwrap();
        let signature = read.sign(b"message").unwrap();
        let (_, public) = SubjectPublicKeyInfo::from_der(key.public_key_der()).unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public.subject_public_key.data)
            .verify(b"message", &signature)
            .unwrap();
    }

    #[test]
    fn an_rsa_key_signs() {
        let other = OtherKeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
        let key = SigningKey::from_pem(&other.serialize_pem()).unwrap();
        let signature = key.sign(b"message").unwrap();
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, other.public_key_raw())
            .verify(b"message", &signature)
            .unwrap();
        let again = SigningKey::from_pem(&key.to_pem().unwrap()).unwrap();
        assert_eq!(again.public_key_der(), key.public_key_der());
        assert_eq!(format!("{key:?}"), "SigningKey(RSA)");
    }

    #[test]
    fn other_keys_and_texts_are_told_apart() {
        let p384 = OtherKeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
        let key = SigningKey::from_pem(&p384.serialize_pem()).unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey(ECDSA P-384)");
        let ed25519 = OtherKeyPair::generate_for(&PKCS_ED25519).unwrap();
        for (text, error) in [
            ("", KeyError::NoPem),
            ("-----BEGIN PRIVATE KEY-----\n", KeyError::NoPem),
            (&pem::encode("CERTIFICATE", &[1]), KeyError::NoPem),
            (&pem::encode("PRIVATE KEY", &[1, 2, 3]), KeyError::Unusable),
            (&pem::encode("EC PRIVATE KEY", &[1, 2, 3]), KeyError::Unusable),
            (&pem::encode("RSA PRIVATE KEY", &[1, 2, 3]), KeyError::Unusable),
            (&ed25519.serialize_pem(), KeyError::Unusable),
        ] {
            assert_eq!(SigningKey::from_pem(text).err(), Some(error), "{text}");
        }
    }
}
