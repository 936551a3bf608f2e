//! The table `[admin]`: where the gateway is administered.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigError;
use super::load::{Range, Setting};

/// Where the gateway is administered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Admin {
    /// Unix socket of the API, for the owner of the process alone; empty for none. Default
    /// `admin.sock`.
    pub(crate) socket: PathBuf,
    /// Addresses of loopback for the API and the page, for those who show the token. Default none.
    pub(crate) listen: Vec<SocketAddr>,
    /// File of the token; it is made when it is needed and not there. Default `admin.token`.
    pub(crate) token: PathBuf,
    /// Folder of the versions of the policy. Default `versions`.
    pub(crate) versions: PathBuf,
    /// Versions that are kept. Default 50.
    pub(crate) versions_max: usize,
}

impl Default for Admin {
    fn default() -> Self {
        Self {
            socket: "admin.sock".into(),
            listen: Vec::new(),
            token: "admin.token".into(),
            versions: "versions".into(),
            versions_max: 50,
        }
    }
}

impl Admin {
    /// Every path in it.
    pub(super) fn paths(&mut self) -> [&mut PathBuf; 3] {
        [&mut self.socket, &mut self.token, &mut self.versions]
    }
}

/// Checks the table.
///
/// # Errors
///
/// [`ConfigError`] with the setting.
pub(super) fn check(admin: &Admin, from: impl Fn(&[&str]) -> Setting) -> Result<(), ConfigError> {
    let reachable = admin.listen.iter().find(|address| !address.ip().is_loopback());
    if let Some(address) = reachable {
        return Err(ConfigError::Value {
            from: from(&["admin", "listen"]),
            found: address.to_string(),
            expected: "an address of loopback: the token would cross the network in the clear; \
                       come by SSH or through a server that speaks TLS",
        });
    }
    let found = u64::try_from(admin.versions_max).unwrap_or(u64::MAX);
    let expected = Range { min: 2, max: 10_000 };
    if !(expected.min..=expected.max).contains(&found) {
        return Err(ConfigError::Range { from: from(&["admin", "versions_max"]), found, expected });
    }
    for (key, path) in [("token", &admin.token), ("versions", &admin.versions)] {
        if path.as_os_str().is_empty() {
            return Err(ConfigError::Value {
                from: from(&["admin", key]),
                found: "nothing".to_owned(),
                expected: "a path",
            });
        }
    }
    Ok(())
}
