//! Matches of data loss prevention sealed to the key of an administrator, and opened with it: HPKE (RFC
//! 9180) in its base mode, with X25519, HKDF-SHA256 and ChaCha20-Poly1305. The gateway has the public
//! half alone.
//!
//! What is sealed is a JSON array of matches. It is bound to the record that it stands in, by the id of
//! the request and the direction. On the way it is base64 of: a version, which is 1; the first 4 bytes of
//! SHA-256 over the public key; the encapsulated key, 32 bytes; the ciphertext.

mod stream;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use aws_lc_rs::agreement::{PrivateKey as Agreement, X25519};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gateway_inspect::Confidence;
use gateway_log::Direction;
use gateway_proxy::{MatchLog, PayloadMatch, SealError, Sealer};
use rustls::crypto::aws_lc_rs::hpke::DH_KEM_X25519_HKDF_SHA256_CHACHA20_POLY1305 as SUITE;
use rustls::crypto::hpke::{EncapsulatedSecret, Hpke, HpkePrivateKey, HpkePublicKey};
use serde_json::{Value, json};

pub(crate) use self::stream::{Opener, SealStreamError};
use crate::config::DlpScan;
use crate::random::{self, NoRandom};

const VERSION: u8 = 1;
const KEY_BYTES: usize = 32;
const KEY_ID_BYTES: usize = 4;

/// What is sealed belongs to this use of the key alone.
const INFO: &[u8] = b"gateway dlp payload 1";

/// Who may read what is sealed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PublicKey([u8; KEY_BYTES]);

/// Reads what was sealed to its public half.
pub(crate) struct PrivateKey([u8; KEY_BYTES]);

/// The text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key is 32 bytes in base64")]
pub(crate) struct NoKey;

/// What is sealed cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum OpenError {
    /// It is nothing that was sealed here.
    #[error("this is nothing sealed that this version knows")]
    Form,
    /// It was sealed to another key.
    #[error("it was sealed to another key")]
    OtherKey,
    /// It was changed, or stood in another record.
    #[error("it does not belong to this record, or was changed")]
    Changed,
}

/// What the machines must know to show and keep matches.
pub(crate) fn match_log(config: &DlpScan) -> MatchLog {
    let key = config.payload_key.parse::<PublicKey>().ok();
    MatchLog {
        shown_max: config.shown_matches_max,
        mask: config.mask.mask(),
        sealer: key.map(|key| Arc::new(key) as Arc<dyn Sealer>),
        payload_mask: config.payload_mask.mask(),
        ..MatchLog::default()
    }
}

impl Sealer for PublicKey {
    fn seal(
        &self,
        request_id: &str,
        direction: Direction,
        matches: &[PayloadMatch],
    ) -> Result<String, SealError> {
        let plain = matches.iter().map(json_of).collect::<Value>().to_string();
        let key = HpkePublicKey(self.0.to_vec());
        let sealed =
            SUITE.seal(INFO, &record(request_id, direction.as_str()), plain.as_bytes(), &key);
        let (secret, text) = sealed.map_err(|_| SealError)?;
        let mut bytes = vec![VERSION];
        bytes.extend(self.id());
        bytes.extend(secret.0);
        bytes.extend(text);
        Ok(STANDARD.encode(bytes))
    }
}

impl PublicKey {
    fn id(&self) -> [u8; KEY_ID_BYTES] {
        let mut id = [0; KEY_ID_BYTES];
        for (to, from) in id.iter_mut().zip(digest(&SHA256, &self.0).as_ref()) {
            *to = *from;
        }
        id
    }
}

impl PrivateKey {
    /// A new one.
    ///
    /// # Errors
    /// [`NoRandom`].
    pub(crate) fn generate() -> Result<Self, NoRandom> {
        random::bytes().map(Self)
    }

    /// The half that may be told.
    ///
    /// # Errors
    /// [`NoKey`] for what is no key of X25519.
    pub(crate) fn public(&self) -> Result<PublicKey, NoKey> {
        let key = Agreement::from_private_key(&X25519, &self.0).map_err(|_| NoKey)?;
        let public = key.compute_public_key().map_err(|_| NoKey)?;
        public.as_ref().try_into().map(PublicKey).map_err(|_| NoKey)
    }

    /// The key as text.
    pub(crate) fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// Opens what stands sealed in the record of `request_id`, of the body in `direction`.
    ///
    /// # Errors
    /// [`OpenError`].
    pub(crate) fn open(
        &self,
        request_id: &str,
        direction: &str,
        sealed: &str,
    ) -> Result<Value, OpenError> {
        let bytes = STANDARD.decode(sealed).map_err(|_| OpenError::Form)?;
        let (version, rest) = bytes.split_first().ok_or(OpenError::Form)?;
        let (id, rest) = rest.split_at_checked(KEY_ID_BYTES).ok_or(OpenError::Form)?;
        let (secret, text) = rest.split_at_checked(KEY_BYTES).ok_or(OpenError::Form)?;
        if *version != VERSION {
            return Err(OpenError::Form);
        }
        if id != self.public().map_err(|NoKey| OpenError::OtherKey)?.id() {
            return Err(OpenError::OtherKey);
        }
        let (secret, key) =
            (EncapsulatedSecret(secret.to_vec()), HpkePrivateKey::from(self.0.to_vec()));
        let plain = SUITE.open(&secret, INFO, &record(request_id, direction), text, &key);
        let plain = plain.map_err(|_| OpenError::Changed)?;
        serde_json::from_slice(&plain).map_err(|_| OpenError::Form)
    }
}

/// What binds sealed matches to the record that they stand in.
fn record(request_id: &str, direction: &str) -> Vec<u8> {
    format!("{request_id}/{direction}").into_bytes()
}

fn json_of(one: &PayloadMatch) -> Value {
    let profiles: Vec<&str> = one.profiles.iter().map(AsRef::as_ref).collect();
    json!({
        "entry": &*one.entry,
        "profiles": profiles,
        "confidence": match one.confidence {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        },
        "part": one.part,
        "start": one.start,
        "end": one.end,
        "before": one.before,
        "match": one.matched,
        "after": one.after,
    })
}

impl FromStr for PublicKey {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        key_bytes(text).map(Self)
    }
}

impl FromStr for PrivateKey {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        key_bytes(text).map(Self)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

fn key_bytes(text: &str) -> Result<[u8; KEY_BYTES], NoKey> {
    let bytes = STANDARD.decode(text.trim()).map_err(|_| NoKey)?;
    bytes.try_into().map_err(|_| NoKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len() / 2)
            .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
            .collect()
    }

    /// RFC 9180, appendix A.2.1: base mode of this suite, the first message.
    #[test]
    fn the_suite_is_that_of_rfc_9180() {
        let secret = EncapsulatedSecret(hex(
            "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a",
        ));
        let key = HpkePrivateKey::from(hex(
            "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb",
        ));
        let text = hex(concat!(
            "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db",
            "21993c62ce81883d2dd1b51a28"
        ));
        let plain = SUITE.open(&secret, b"Ode on a Grecian Urn", b"Count-0", &text, &key).unwrap();
        assert_eq!(plain, b"Beauty is truth, truth beauty");
    }

    #[test]
    fn only_the_key_opens_and_only_in_its_record() {
        let key = PrivateKey::generate().unwrap();
        let public = key.public().unwrap();
        let sealed = public.seal("r1", Direction::Upload, &[]).unwrap();
        assert_eq!(key.open("r1", "upload", &sealed), Ok(json!([])));
        assert_eq!(key.open("r2", "upload", &sealed), Err(OpenError::Changed));
        assert_eq!(key.open("r1", "download", &sealed), Err(OpenError::Changed));
        let other = PrivateKey::generate().unwrap();
        assert_eq!(other.open("r1", "upload", &sealed), Err(OpenError::OtherKey));
        // Though it says that it was sealed to this one.
        let mut bytes = STANDARD.decode(&sealed).unwrap();
        bytes[1..5].copy_from_slice(&other.public().unwrap().id());
        let forged = STANDARD.encode(&bytes);
        assert_eq!(other.open("r1", "upload", &forged), Err(OpenError::Changed));
        for wrong in ["", "AQ==", "?", &STANDARD.encode(&bytes[..30])] {
            assert_eq!(key.open("r1", "upload", wrong), Err(OpenError::Form), "{wrong}");
        }
        bytes[0] = 2;
        assert_eq!(key.open("r1", "upload", &STANDARD.encode(bytes)), Err(OpenError::Form));
        assert_ne!(
            sealed,
            public.seal("r1", Direction::Upload, &[]).unwrap(),
            "each has its own key"
        );
    }

    #[test]
    fn keys_are_text() {
        let key = PrivateKey::generate().unwrap();
        let public = key.public().unwrap();
        assert_eq!(public.to_string().parse(), Ok(public.clone()));
        let again: PrivateKey = key.to_base64().parse().unwrap();
        assert_eq!(again.public(), Ok(public));
        assert_eq!("AAAA".parse::<PublicKey>(), Err(NoKey));
        assert_eq!("no key".parse::<PublicKey>(), Err(NoKey));
    }
}
