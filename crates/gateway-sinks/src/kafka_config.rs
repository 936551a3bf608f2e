//! How Kafka is reached, as plain values. Known in every build, so that a configuration means the
//! same everywhere; whether this build can deliver is another matter.

use std::path::PathBuf;
use std::time::Duration;

use crate::secret::SecretSource;

/// Where and how records go to Kafka.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KafkaConfig {
    /// Brokers to ask first, as `host:port`.
    pub brokers: Vec<String>,
    /// The topic. Default `gateway-records`.
    pub topic: String,
    /// How batches are packed. Default LZ4.
    pub compression: KafkaCompression,
    /// TLS; none for plain text. Default none.
    pub tls: Option<KafkaTls>,
    /// Who the gateway is; none to stay anonymous. Default none.
    pub sasl: Option<KafkaSasl>,
    /// How long one batch may take before it goes to the spool. Default 10 s.
    pub timeout: Duration,
}

impl KafkaConfig {
    /// The defaults, for these brokers.
    #[must_use]
    pub fn new(brokers: Vec<String>) -> Self {
        Self {
            brokers,
            topic: "gateway-records".into(),
            compression: KafkaCompression::default(),
            tls: None,
            sasl: None,
            timeout: Duration::from_secs(10),
        }
    }
}

/// How batches are packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum KafkaCompression {
    /// LZ4.
    #[default]
    Lz4,
    /// Snappy.
    Snappy,
    /// Not at all.
    None,
}

/// TLS towards brokers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KafkaTls {
    /// File of CA certificates to trust, PEM; those of the system if there is none.
    pub ca: Option<PathBuf>,
    /// The gateway's certificate, PEM.
    pub certificate: Option<PathBuf>,
    /// The key of that certificate, PEM.
    pub key: Option<PathBuf>,
}

/// Who the gateway is, by SASL (RFC 4422).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KafkaSasl {
    /// How that is shown.
    pub mechanism: KafkaMechanism,
    /// The user.
    pub user: String,
    /// Where the password is read from.
    pub password: SecretSource,
}

/// SASL mechanisms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KafkaMechanism {
    /// PLAIN (RFC 4616); with TLS only.
    Plain,
    /// SCRAM-SHA-256 (RFC 7677).
    ScramSha256,
    /// SCRAM-SHA-512.
    ScramSha512,
}
