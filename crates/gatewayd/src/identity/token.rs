//! Tokens that an identity provider has signed (RFC 7519): checked against its public keys, for
//! signatures, issuer, audience and times, and read for who the user is.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use gateway_proxy::{Group, Source, User};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};

use super::password::group;
use crate::config::{self, Jwt};
use crate::place::Place;

/// Keys of one provider.
const KEYS_MAX: usize = 64;
/// Groups of one user.
const GROUPS_MAX: usize = 512;

/// Why the keys of a provider cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum JwksError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", .file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no set of keys.
    #[error("{place}: expected a set of keys (RFC 7517): {message}")]
    Form {
        /// Where.
        place: Place,
        /// What was found.
        message: String,
    },
    /// It holds no key that could sign, or too many.
    #[error("{}: found {count} keys for the signatures that are taken, expected 1 to 64", .file.display())]
    Count {
        /// The file.
        file: PathBuf,
        /// How many.
        count: usize,
    },
    /// A key cannot be used.
    #[error("{}: key {number}: {source}", .file.display())]
    Key {
        /// The file.
        file: PathBuf,
        /// Its position, from 1.
        number: usize,
        /// What is wrong.
        source: Error,
    },
}

/// The text of a file of keys.
pub(super) fn read(file: &Path) -> Result<String, JwksError> {
    std::fs::read_to_string(file)
        .map_err(|source| JwksError::Read { file: file.to_owned(), source })
}

/// What signs tokens, and what must stand in them.
pub(super) struct Tokens {
    keys: Vec<Key>,
    email: String,
    name: String,
    groups: String,
}

struct Key {
    id: Option<String>,
    key: DecodingKey,
    /// With the algorithms that are taken for this key, whatever a token says.
    validation: Validation,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl Tokens {
    /// What `settings` ask for with the keys in `text`. Keys that are for something else than the
    /// signatures that are taken are passed over.
    pub(super) fn parse(settings: &Jwt, text: &str) -> Result<Self, JwksError> {
        let file = &settings.jwks;
        let set: JwkSet = serde_json::from_str(text).map_err(|error| {
            let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
            let offset = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
            JwksError::Form { place: Place::of(file, text, offset), message: error.to_string() }
        })?;
        let mut keys = Vec::new();
        for (index, jwk) in set.keys.iter().enumerate() {
            let algorithms = algorithms(settings, jwk);
            let other_use = jwk.common.public_key_use.as_ref();
            if algorithms.is_empty() || other_use.is_some_and(|u| *u != PublicKeyUse::Signature) {
                continue;
            }
            let key = DecodingKey::from_jwk(jwk).map_err(|source| JwksError::Key {
                file: file.clone(),
                number: index + 1,
                source,
            })?;
            let validation = validation(settings, algorithms);
            keys.push(Key { id: jwk.common.key_id.clone(), key, validation });
        }
        if keys.is_empty() || keys.len() > KEYS_MAX {
            return Err(JwksError::Count { file: file.clone(), count: keys.len() });
        }
        Ok(Self {
            keys,
            email: settings.email_claim.clone(),
            name: settings.name_claim.clone(),
            groups: settings.groups_claim.clone(),
        })
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whose token that is, and how long from `now_unix_s` on.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn check(&self, token: &str, now_unix_s: u64) -> Result<(User, Duration), Error> {
        let header = jsonwebtoken::decode_header(token)?;
        // What must be understood and is not (RFC 7515 §4.1.11).
        if header.crit.is_some() {
            return Err(ErrorKind::InvalidToken.into());
        }
        let named = |key: &&Key| match (&header.kid, &key.id) {
            (Some(wanted), Some(id)) => wanted == id,
            // A key without a name, or a token that names none, may belong together.
            (None, _) | (_, None) => true,
        };
        let mut last = Error::from(ErrorKind::InvalidSignature);
        for key in self.keys.iter().filter(named) {
            match jsonwebtoken::decode::<Map<String, Value>>(token, &key.key, &key.validation) {
                Ok(data) => {
                    let leeway = key.validation.leeway;
                    let ends = data.claims.get("exp").and_then(Value::as_f64).unwrap_or(0.0);
                    let left = (ends - now_unix_s as f64).clamp(0.0, 1e9);
                    let left = Duration::from_secs_f64(left) + Duration::from_secs(leeway);
                    return Ok((self.user(&data.claims), left));
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn user(&self, claims: &Map<String, Value>) -> User {
        User {
            id: text(claims.get("sub")),
            email: text(claims.get(&self.email)),
            name: text(claims.get(&self.name)),
            groups: groups(claims.get(&self.groups)),
            claims: claims_of(claims),
            source: Source::Token,
        }
    }
}

/// The claims that have a text, a number or a truth value, or several: each as `"name=value"`.
fn claims_of(claims: &Map<String, Value>) -> Vec<Bytes> {
    let one = |name: &str, value: &Value| {
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(value) => value.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        let fits = name.len() + value.len() <= CLAIM_BYTES_MAX;
        fits.then(|| Bytes::from(format!("\"{name}={value}\"")))
    };
    let each = |(name, value): (&String, &Value)| -> Vec<Bytes> {
        match value {
            Value::Array(all) => all.iter().filter_map(|value| one(name, value)).collect(),
            value => one(name, value).into_iter().collect(),
        }
    };
    claims.iter().flat_map(each).take(CLAIMS_MAX).collect()
}

/// The most claims of a token that rules see.
const CLAIMS_MAX: usize = 256;

/// The most bytes of the name and the value of one that they see.
const CLAIM_BYTES_MAX: usize = 1_024;

fn text(claim: Option<&Value>) -> Bytes {
    let text = claim.and_then(Value::as_str).unwrap_or_default();
    Bytes::copy_from_slice(text.as_bytes())
}

/// Groups are names, or objects with `id`, `name` and `email`.
fn groups(claim: Option<&Value>) -> Vec<Group> {
    let one = |value: &Value| match value {
        Value::String(name) => Some(group(name)),
        Value::Object(members) => Some(Group {
            id: text(members.get("id")),
            name: text(members.get("name")),
            email: text(members.get("email")),
        }),
        _ => None,
    };
    match claim {
        Some(Value::Array(all)) => all.iter().filter_map(one).take(GROUPS_MAX).collect(),
        Some(value) => one(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Which of the signatures that are taken a key can make.
fn algorithms(settings: &Jwt, jwk: &Jwk) -> Vec<Algorithm> {
    use config::JwtAlgorithm as Taken;
    let declared = jwk.common.key_algorithm.map(|algorithm| algorithm.to_string());
    let of_this_kind = |taken: Taken| {
        let (algorithm, fits) = match taken {
            Taken::Rs256 => (Algorithm::RS256, is_rsa(jwk)),
            Taken::Rs384 => (Algorithm::RS384, is_rsa(jwk)),
            Taken::Rs512 => (Algorithm::RS512, is_rsa(jwk)),
            Taken::Ps256 => (Algorithm::PS256, is_rsa(jwk)),
            Taken::Ps384 => (Algorithm::PS384, is_rsa(jwk)),
            Taken::Ps512 => (Algorithm::PS512, is_rsa(jwk)),
            Taken::Es256 => (Algorithm::ES256, is_ec(jwk)),
            Taken::Es384 => (Algorithm::ES384, is_ec(jwk)),
            Taken::EdDsa => (Algorithm::EdDSA, is_ed(jwk)),
        };
        let meant = declared.as_ref().is_none_or(|name| *name == format!("{algorithm:?}"));
        (fits && meant).then_some(algorithm)
    };
    settings.algorithms.iter().copied().filter_map(of_this_kind).collect()
}

const fn is_rsa(jwk: &Jwk) -> bool {
    matches!(jwk.algorithm, AlgorithmParameters::RSA(_))
}

const fn is_ec(jwk: &Jwk) -> bool {
    matches!(jwk.algorithm, AlgorithmParameters::EllipticCurve(_))
}

const fn is_ed(jwk: &Jwk) -> bool {
    matches!(jwk.algorithm, AlgorithmParameters::OctetKeyPair(_))
}

fn validation(settings: &Jwt, algorithms: Vec<Algorithm>) -> Validation {
    let first = algorithms.first().copied().unwrap_or(Algorithm::EdDSA);
    let mut validation = Validation::new(first);
    validation.algorithms = algorithms;
    validation.leeway = settings.leeway_s;
    validation.validate_exp = true;
    validation.validate_nbf = true;
    validation.validate_aud = true;
    validation.set_audience(&settings.audience);
    validation.set_issuer(&[&settings.issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    validation
}
