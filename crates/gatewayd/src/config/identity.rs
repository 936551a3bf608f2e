//! The `[identity]` part of the configuration: who vouches for clients.

use std::path::PathBuf;

use serde::Deserialize;

use crate::net::Cidr;

/// Who vouches for clients. By default nobody does, and nobody is asked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Identity {
    /// Whether clients for whom nobody vouches are asked who they are, and get nothing else.
    /// Default false.
    pub(crate) required: bool,
    /// What clients show to people whom they ask for a password. Default `gateway`.
    pub(crate) realm: String,
    /// File of users and their passwords; empty for none. Default none.
    pub(crate) users: PathBuf,
    /// How long, in milliseconds, credentials that were right are taken without another look.
    /// Default 5 min.
    pub(crate) cache_ms: u64,
    /// How long credentials that were wrong are refused without another look. Default 10 s.
    pub(crate) refused_cache_ms: u64,
    /// Wrong passwords of one user from one address, after which no more are looked at for
    /// `lock_ms`; ten times as many of one address, whoever the user. Default 5.
    pub(crate) attempts_max: u32,
    /// How long that is, in milliseconds. Default 1 min.
    pub(crate) lock_ms: u64,
    /// Tokens of an identity provider.
    pub(crate) jwt: Jwt,
    /// Certificates of devices, on proxy ports in TLS.
    pub(crate) device: Device,
    /// Users by the network that they come from; the first one that holds the client counts.
    pub(crate) network: Vec<Network>,
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            required: false,
            realm: "gateway".into(),
            users: PathBuf::new(),
            cache_ms: 300_000,
            refused_cache_ms: 10_000,
            attempts_max: 5,
            lock_ms: 60_000,
            jwt: Jwt::default(),
            device: Device::default(),
            network: Vec::new(),
        }
    }
}

/// Tokens that an identity provider signs (RFC 7519).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Jwt {
    /// File of the provider's public keys (RFC 7517); empty for none. Default none.
    pub(crate) jwks: PathBuf,
    /// The provider, as `iss` names it. Must be set where there are keys.
    pub(crate) issuer: String,
    /// Whom tokens must be meant for, one of those in `aud`. Must be set where there are keys.
    pub(crate) audience: Vec<String>,
    /// Signatures that are taken, whatever a token says of itself. Default RS256, ES256, EdDSA.
    pub(crate) algorithms: Vec<Algorithm>,
    /// By how many seconds clocks may differ. Default 60.
    pub(crate) leeway_s: u64,
    /// The claim that holds the e-mail address. Default `email`.
    pub(crate) email_claim: String,
    /// The claim that holds the name for people. Default `name`.
    pub(crate) name_claim: String,
    /// The claim that holds the groups. Default `groups`.
    pub(crate) groups_claim: String,
}

impl Default for Jwt {
    fn default() -> Self {
        Self {
            jwks: PathBuf::new(),
            issuer: String::new(),
            audience: Vec::new(),
            algorithms: vec![Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa],
            leeway_s: 60,
            email_claim: "email".into(),
            name_claim: "name".into(),
            groups_claim: "groups".into(),
        }
    }
}

/// A signature with a key that can be made public (RFC 7518 §3.1, RFC 8037).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Algorithm {
    /// RSA PKCS #1, SHA-256.
    Rs256,
    /// RSA PKCS #1, SHA-384.
    Rs384,
    /// RSA PKCS #1, SHA-512.
    Rs512,
    /// RSA PSS, SHA-256.
    Ps256,
    /// RSA PSS, SHA-384.
    Ps384,
    /// RSA PSS, SHA-512.
    Ps512,
    /// ECDSA with P-256.
    Es256,
    /// ECDSA with P-384.
    Es384,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// Certificates that devices show on proxy ports in TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Device {
    /// Files of the authorities that certify devices, PEM. Default none: no certificate is asked
    /// for.
    pub(crate) ca: Vec<PathBuf>,
    /// Whether a client without such a certificate is refused by TLS. Default false.
    pub(crate) required: bool,
    /// Posture checks besides `certificate`, which every certified device passes.
    pub(crate) check: Vec<PostureCheck>,
}

/// A posture check that a device passes if its certificate says all of this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PostureCheck {
    /// What rules call it.
    pub(crate) id: String,
    /// One of the organizations of its subject.
    pub(crate) organization: Option<String>,
    /// One of the organizational units of its subject.
    pub(crate) organizational_unit: Option<String>,
    /// The common name of its issuer.
    pub(crate) issuer: Option<String>,
}

/// The user of all hosts of a network.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Network {
    /// The network.
    pub(crate) from: Cidr,
    /// What names the user; empty for none.
    #[serde(default)]
    pub(crate) user: String,
    /// E-mail address; empty for none.
    #[serde(default)]
    pub(crate) email: String,
    /// Name for people; empty for none.
    #[serde(default)]
    pub(crate) name: String,
    /// Groups that the user is in.
    #[serde(default)]
    pub(crate) groups: Vec<String>,
}
