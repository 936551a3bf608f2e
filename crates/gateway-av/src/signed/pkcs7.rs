//! Detached signatures in PKCS#7 (RFC 2315, RFC 5652): who has signed some content, and whether a chain
//! of certificates leads from there to an authority that is trusted.

use super::certificate::{Certificate, Hash, is_rsa, verify};
use super::content::Content;
use super::der::{INTEGER, OBJECT, OCTET_STRING, Reader, SEQUENCE, SET, Value, context};
use super::{SignatureError, Trust};

const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2];
const DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1];
const CONTENT_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 3];
const MESSAGE_DIGEST: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 4];

/// Certificates from the signer to an authority, at most.
const CHAIN_MAX: usize = 8;

/// Certificates that a signature may bring with it, at most.
const CERTIFICATES_MAX: usize = 32;

/// Verifies `der`, a signature over `content`; the name of the signer. Of several signers every one
/// must have signed it, and be trusted.
pub(super) fn verify_signed(
    der: &[u8],
    content: &Content<'_>,
    trust: &Trust,
) -> Result<String, SignatureError> {
    let mut all = Reader(der).expect(SEQUENCE)?.inside();
    if all.expect(OBJECT)?.content != SIGNED_DATA {
        return Err(SignatureError::Unsupported);
    }
    let mut data = all.expect(context(0))?.inside().expect(SEQUENCE)?.inside();
    data.expect(INTEGER)?;
    data.expect(SET)?;
    let mut encapsulated = data.expect(SEQUENCE)?.inside();
    // What it may hold itself is not what was given.
    if encapsulated.expect(OBJECT)?.content != DATA || encapsulated.any()?.is_some() {
        return Err(SignatureError::Unsupported);
    }
    let bundle = match data.optional(context(0))? {
        Some(set) => read_bundle(set)?,
        None => Vec::new(),
    };
    data.optional(context(1))?;
    let mut signers = data.expect(SET)?.inside();
    let mut names: Vec<String> = Vec::new();
    while let Some(signer) = signers.any()? {
        names.push(verify_signer(signer, content, &bundle, trust)?);
    }
    if names.is_empty() { Err(SignatureError::Missing) } else { Ok(names.join(", ")) }
}

fn read_bundle(set: Value<'_>) -> Result<Vec<Certificate>, SignatureError> {
    let mut all = set.inside();
    let mut bundle = Vec::new();
    while let Some(one) = all.any()? {
        if bundle.len() >= CERTIFICATES_MAX {
            return Err(SignatureError::Unsupported);
        }
        // One with a key of another kind may stand there as long as nothing depends on it.
        match Certificate::read(one.whole) {
            Ok(certificate) => bundle.push(certificate),
            Err(SignatureError::Unsupported) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(bundle)
}

fn verify_signer(
    signer: Value<'_>,
    content: &Content<'_>,
    bundle: &[Certificate],
    trust: &Trust,
) -> Result<String, SignatureError> {
    let mut fields = signer.inside();
    fields.expect(INTEGER)?;
    let mut identifier = fields.expect(SEQUENCE)?.inside();
    let issuer = identifier.expect(SEQUENCE)?.whole;
    let serial = identifier.expect(INTEGER)?.content;
    let hash = Hash::of(fields.expect(SEQUENCE)?.inside().expect(OBJECT)?.content);
    let hash = hash.ok_or(SignatureError::Unsupported)?;
    let attributes = fields.optional(context(0))?;
    let algorithm = fields.expect(SEQUENCE)?.inside().expect(OBJECT)?.content;
    if !is_rsa(algorithm) || Hash::of(algorithm).is_some_and(|other| other != hash) {
        return Err(SignatureError::Unsupported);
    }
    let signature = fields.expect(OCTET_STRING)?.content;
    let is_signer = |one: &&Certificate| one.issuer == issuer && one.serial == serial;
    let known = bundle.iter().chain(&trust.certificates).find(is_signer);
    let known = known.ok_or(SignatureError::Untrusted)?;
    match attributes {
        None => verify(&known.key, hash, &content.digest(hash), signature)?,
        Some(attributes) => {
            check_attributes(attributes, &content.digest(hash))?;
            // Signed as the set that it is, not under the tag that it has here.
            let (_, rest) = attributes.whole.split_first().ok_or(SignatureError::Malformed)?;
            let set = hash.digest(&[&[SET], rest].concat());
            verify(&known.key, hash, &set, signature)?;
        }
    }
    follow(known, bundle, trust)?;
    Ok(known.name().to_owned())
}

/// The attributes that are signed must say that `digest` is that of the content, and what it is.
fn check_attributes(attributes: Value<'_>, digest: &[u8]) -> Result<(), SignatureError> {
    let mut all = attributes.inside();
    let (mut is_data, mut is_same) = (false, false);
    while let Some(attribute) = all.any()? {
        let mut attribute = attribute.inside();
        let kind = attribute.expect(OBJECT)?.content;
        let value = attribute.expect(SET)?.inside().any()?.ok_or(SignatureError::Malformed)?;
        match kind {
            CONTENT_TYPE => is_data = value.tag == OBJECT && value.content == DATA,
            MESSAGE_DIGEST => is_same = value.tag == OCTET_STRING && value.content == digest,
            _ => {}
        }
    }
    if is_data && is_same { Ok(()) } else { Err(SignatureError::Wrong) }
}

/// Follows a certificate up to one that is trusted.
fn follow(
    signer: &Certificate,
    bundle: &[Certificate],
    trust: &Trust,
) -> Result<(), SignatureError> {
    let mut one = signer;
    let mut expired = false;
    for _ in 0..CHAIN_MAX {
        expired |= !one.is_valid_at(trust.now);
        let is_trusted = trust.certificates.iter().any(|trusted| trusted.der == one.der);
        let authority = trust.certificates.iter().find(|trusted| one.is_signed_by(trusted));
        if is_trusted || authority.is_some() {
            expired |= authority.is_some_and(|authority| !authority.is_valid_at(trust.now));
            return if expired { Err(SignatureError::Expired) } else { Ok(()) };
        }
        let next = bundle.iter().find(|issuer| issuer.der != one.der && one.is_signed_by(issuer));
        one = next.ok_or(SignatureError::Untrusted)?;
    }
    Err(SignatureError::Untrusted)
}
