//! `[quarantine]`: where bodies are kept that rules have kept aside, how many, and for how long.

use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigError;
use super::load::{Range, Setting};
use crate::payload::PublicKey;

/// Where bodies are kept that rules have kept aside.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Quarantine {
    /// The folder; empty for none, where nothing is kept. Default `quarantine`.
    pub(crate) dir: PathBuf,
    /// Bytes of a body; a longer one is not kept. Default 64 MiB.
    pub(crate) body_bytes_max: u64,
    /// Bytes of all files together; what does not fit is not kept. Default 1 GiB.
    pub(crate) total_bytes_max: u64,
    /// Bodies at a time. Default 10,000.
    pub(crate) bodies_max: u64,
    /// Days after which a body is deleted. Default 30.
    pub(crate) days_max: u64,
    /// The public key to which bodies are sealed, in base64; empty for none, the default.
    pub(crate) key: String,
}

impl Default for Quarantine {
    fn default() -> Self {
        Self {
            dir: "quarantine".into(),
            body_bytes_max: 64 << 20,
            total_bytes_max: 1 << 30,
            bodies_max: 10_000,
            days_max: 30,
            key: String::new(),
        }
    }
}

impl Quarantine {
    /// Whether anything is kept.
    pub(crate) fn is_on(&self) -> bool {
        !self.dir.as_os_str().is_empty()
    }
}

/// Checks the table.
///
/// # Errors
///
/// [`ConfigError`] with the setting.
pub(super) fn check(
    quarantine: &Quarantine,
    from: impl Fn(&[&str]) -> Setting,
) -> Result<(), ConfigError> {
    for (key, found, min, max) in [
        ("body_bytes_max", quarantine.body_bytes_max, 1 << 10, 1 << 32),
        ("total_bytes_max", quarantine.total_bytes_max, 1 << 20, 1 << 44),
        ("bodies_max", quarantine.bodies_max, 1, 1 << 20),
        ("days_max", quarantine.days_max, 1, 36_500),
    ] {
        if !(min..=max).contains(&found) {
            let (from, expected) = (from(&["quarantine", key]), Range { min, max });
            return Err(ConfigError::Range { from, found, expected });
        }
    }
    let key = &quarantine.key;
    if key.is_empty() || key.parse::<PublicKey>().is_ok() {
        return Ok(());
    }
    let expected = "a public key as `gateway-proxy dlp key` prints it";
    let from = from(&["quarantine", "key"]);
    Err(ConfigError::Endpoint { from, found: key.clone(), expected })
}
