//! X.509 certificates (RFC 5280), as far as signatures over databases need them: who, whose key, until
//! when, and by whom.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigUint;
use sha2::{Digest, Sha256, Sha384, Sha512};
use thiserror::Error;

use super::SignatureError;
use super::der::{
    BIT_STRING, GENERALIZED_TIME, INTEGER, OBJECT, OCTET_STRING, Reader, SEQUENCE, SET, UTC_TIME,
    Value, context,
};
use super::rsa::PublicKey;

/// Object identifiers, as they are encoded.
const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1];
const RSA_SHA256: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 11];
const RSA_SHA384: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 12];
const RSA_SHA512: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 13];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 101, 3, 4, 2, 1];
const SHA384: &[u8] = &[0x60, 0x86, 0x48, 1, 101, 3, 4, 2, 2];
const SHA512: &[u8] = &[0x60, 0x86, 0x48, 1, 101, 3, 4, 2, 3];
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 29, 19];

/// A digest that content is signed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The digest that an object identifier names, alone or together with RSA.
    pub(super) fn of(object: &[u8]) -> Option<Self> {
        match object {
            SHA256 | RSA_SHA256 => Some(Self::Sha256),
            SHA384 | RSA_SHA384 => Some(Self::Sha384),
            SHA512 | RSA_SHA512 => Some(Self::Sha512),
            _ => None,
        }
    }

    pub(super) fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    /// A `DigestInfo` of `digest`.
    fn info(self, digest: &[u8]) -> Vec<u8> {
        let object = match self {
            Self::Sha256 => SHA256,
            Self::Sha384 => SHA384,
            Self::Sha512 => SHA512,
        };
        let len = digest.len() as u8;
        let algorithm = [&[0x30, 13, 6, 9], object, &[5, 0]].concat();
        [&[0x30, 17 + len], &algorithm[..], &[4, len], digest].concat()
    }
}

/// Whether an object identifier names RSA with PKCS#1 v1.5, alone or with a digest.
pub(super) fn is_rsa(object: &[u8]) -> bool {
    object == RSA || matches!(object, RSA_SHA256 | RSA_SHA384 | RSA_SHA512)
}

/// Verifies an RSA signature over what has this `digest`.
pub(super) fn verify(
    key: &PublicKey,
    hash: Hash,
    digest: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    key.verify_pkcs1(&hash.info(digest), signature)
}

/// A certificate. Its key is one of RSA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// All of it.
    pub(super) der: Vec<u8>,
    /// What is signed of it.
    signed: Vec<u8>,
    pub(super) serial: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) subject: Vec<u8>,
    name: String,
    /// From when to when it is valid, in seconds since 1970.
    valid: (u64, u64),
    pub(super) key: PublicKey,
    pub(super) is_authority: bool,
    hash: Hash,
    signature: Vec<u8>,
}

impl Certificate {
    /// The common name of its holder, empty if it has none.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn read(der: &[u8]) -> Result<Self, SignatureError> {
        let mut all = Reader(der).expect(SEQUENCE)?.inside();
        let signed = all.expect(SEQUENCE)?;
        let algorithm = all.expect(SEQUENCE)?.inside().expect(OBJECT)?.content;
        let signature = bits(all.expect(BIT_STRING)?)?;
        let hash = Hash::of(algorithm).filter(|_| is_rsa(algorithm));
        let hash = hash.ok_or(SignatureError::Unsupported)?;
        let mut fields = signed.inside();
        fields.optional(context(0))?;
        let serial = fields.expect(INTEGER)?.content;
        fields.expect(SEQUENCE)?;
        let issuer = fields.expect(SEQUENCE)?;
        let mut times = fields.expect(SEQUENCE)?.inside();
        let valid = (time(times.any()?)?, time(times.any()?)?);
        let subject = fields.expect(SEQUENCE)?;
        let key = public_key(fields.expect(SEQUENCE)?)?;
        let mut is_authority = false;
        while let Some(field) = fields.any()? {
            if field.tag == context(3) {
                is_authority = extensions_say_authority(field)?;
            }
        }
        Ok(Self {
            der: der.to_vec(),
            signed: signed.whole.to_vec(),
            serial: serial.to_vec(),
            issuer: issuer.whole.to_vec(),
            subject: subject.whole.to_vec(),
            name: common_name(subject)?,
            valid,
            key,
            is_authority,
            hash,
            signature: signature.to_vec(),
        })
    }

    /// Whether `issuer` has signed it.
    pub(super) fn is_signed_by(&self, issuer: &Self) -> bool {
        issuer.is_authority
            && self.issuer == issuer.subject
            && verify(&issuer.key, self.hash, &self.hash.digest(&self.signed), &self.signature)
                .is_ok()
    }

    pub(super) fn is_valid_at(&self, now: Option<u64>) -> bool {
        now.is_none_or(|now| (self.valid.0..=self.valid.1).contains(&now))
    }
}

/// Why a file of certificates cannot be read.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateError {
    /// There is no certificate in it.
    #[error("expected a certificate in PEM, `-----BEGIN CERTIFICATE-----`")]
    None,
    /// One is not as it should be.
    #[error("certificate {number}: {reason}")]
    Malformed {
        /// Which one of the file, from 1.
        number: usize,
        /// What is wrong.
        reason: SignatureError,
    },
}

/// The certificates of a PEM file (RFC 7468), in their order.
///
/// # Errors
/// A file without a certificate, or with one that is none or whose key is not of RSA.
pub fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, CertificateError> {
    let text = String::from_utf8_lossy(pem);
    let mut all = Vec::new();
    let blocks = text.split("-----BEGIN CERTIFICATE-----").skip(1);
    for (block, number) in blocks.zip(1..) {
        let wrong = |reason| CertificateError::Malformed { number, reason };
        let (body, _) = block
            .split_once("-----END CERTIFICATE-----")
            .ok_or_else(|| wrong(SignatureError::Malformed))?;
        let body: String = body.split_ascii_whitespace().collect();
        let der = STANDARD.decode(body).map_err(|_| wrong(SignatureError::Malformed))?;
        all.push(Certificate::read(&der).map_err(wrong)?);
    }
    if all.is_empty() { Err(CertificateError::None) } else { Ok(all) }
}

/// The bytes of a bit string that has whole ones.
fn bits(value: Value<'_>) -> Result<&[u8], SignatureError> {
    value.content.strip_prefix(&[0]).ok_or(SignatureError::Malformed)
}

fn public_key(info: Value<'_>) -> Result<PublicKey, SignatureError> {
    let mut info = info.inside();
    if info.expect(SEQUENCE)?.inside().expect(OBJECT)?.content != RSA {
        return Err(SignatureError::Unsupported);
    }
    let mut numbers = Reader(bits(info.expect(BIT_STRING)?)?).expect(SEQUENCE)?.inside();
    let mut number = || Ok(BigUint::from_bytes_be(numbers.expect(INTEGER)?.content));
    PublicKey::new(number()?, number()?).ok_or(SignatureError::Unsupported)
}

fn common_name(name: Value<'_>) -> Result<String, SignatureError> {
    let mut sets = name.inside();
    while let Some(set) = sets.optional(SET)? {
        let mut pair = set.inside().expect(SEQUENCE)?.inside();
        if pair.expect(OBJECT)?.content == COMMON_NAME {
            let text = pair.any()?.map_or(&[][..], |text| text.content);
            let visible = |c: char| if c.is_control() { '?' } else { c };
            return Ok(String::from_utf8_lossy(text).chars().map(visible).collect());
        }
    }
    Ok(String::new())
}

fn extensions_say_authority(field: Value<'_>) -> Result<bool, SignatureError> {
    let mut all = field.inside().expect(SEQUENCE)?.inside();
    while let Some(extension) = all.optional(SEQUENCE)? {
        let mut extension = extension.inside();
        if extension.expect(OBJECT)?.content != BASIC_CONSTRAINTS {
            continue;
        }
        extension.optional(1)?;
        let mut constraints =
            Reader(extension.expect(OCTET_STRING)?.content).expect(SEQUENCE)?.inside();
        return Ok(constraints.optional(1)?.is_some_and(|flag| flag.content == [0xFF]));
    }
    Ok(false)
}

/// Seconds since 1970 of a time in UTC; earlier ones are 0.
fn time(value: Option<Value<'_>>) -> Result<u64, SignatureError> {
    let malformed = SignatureError::Malformed;
    let value = value.ok_or(malformed)?;
    let text = std::str::from_utf8(value.content).ok().and_then(|text| text.strip_suffix('Z'));
    let text = text.ok_or(malformed)?;
    let year_len = match value.tag {
        UTC_TIME => 2,
        GENERALIZED_TIME => 4,
        _ => return Err(malformed),
    };
    if text.len() != year_len + 10 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed);
    }
    let number = |at: usize, len: usize| -> Result<i64, SignatureError> {
        text.get(at..at + len).and_then(|digits| digits.parse().ok()).ok_or(malformed)
    };
    let year = match (number(0, year_len)?, year_len) {
        (year, 2) if year >= 50 => 1900 + year,
        (year, 2) => 2000 + year,
        (year, _) => year,
    };
    let [month, day, hour, minute, second] =
        [0, 2, 4, 6, 8].map(|at| number(year_len + at, 2).unwrap_or(0));
    // Days since 1970 by the calendar: years begin in March, so that the leap day is the last one.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + day
        - 719_469;
    Ok(u64::try_from(((days * 24 + hour) * 60 + minute) * 60 + second).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_since_1970() {
        for (tag, text, seconds) in [
            (UTC_TIME, "700101000000Z", Some(0)),
            (UTC_TIME, "491231235959Z", Some(2_524_607_999)),
            (UTC_TIME, "500101000000Z", Some(0)),
            (GENERALIZED_TIME, "20000229120000Z", Some(951_825_600)),
            (GENERALIZED_TIME, "20261126110000Z", Some(1_795_690_800)),
            (UTC_TIME, "7001010000Z", None),
            (UTC_TIME, "700101000000", None),
            (INTEGER, "700101000000Z", None),
        ] {
            let value = Value { tag, content: text.as_bytes(), whole: &[] };
            assert_eq!(time(Some(value)).ok(), seconds, "{text}");
        }
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        assert_eq!(certificates(b"nothing"), Err(CertificateError::None));
        let cut = b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----";
        let reason = SignatureError::Malformed;
        assert_eq!(certificates(cut), Err(CertificateError::Malformed { number: 1, reason }));
    }
}
