//! The outer form of an X.509 certificate (RFC 5280 §4.1), shared by the authority's own and the
//! leaves it mints. What goes into it is decided there.

use crate::{SigningKey, der};

/// Object identifiers of extensions and of what stands in them, as DER contents.
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

/// A serial number with its top bit cleared, unless it is zero then.
pub(crate) fn positive_serial(mut serial: [u8; 16]) -> Option<[u8; 16]> {
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
