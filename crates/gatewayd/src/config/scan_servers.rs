//! Servers in front of the gateway's own scanners: `[clamd_server]` and `[icap_server]`.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use gateway_dlp::Dlp;
use serde::Deserialize;

use super::load::{Range, Setting};
use super::validate::DAY_MS;
use super::{ConfigError, Endpoint, Loaded, is_local_or_in};
use crate::net::Cidr;
use crate::toml_file;

/// A socket that speaks the protocol of `clamd`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClamdServer {
    /// Where it listens: `unix:` and a path, or an address of loopback with a port. Default nowhere.
    pub(crate) listen: Vec<String>,
    /// The rights of Unix sockets, in octal digits. Default 600: the owner of the process alone.
    pub(crate) socket_mode: String,
    /// Bytes of one content. Default 25 MiB.
    pub(crate) stream_bytes_max: u64,
    /// Which files clients may have looked at besides what they send. Default those that they have opened.
    pub(crate) files: ServedFiles,
    /// Connections at a time; each scans one content at a time. Default 32.
    pub(crate) connections_max: usize,
    /// Without a byte from a client. Default 30 s.
    pub(crate) read_ms: u64,
    /// Without a client taking a byte. Default 10 s.
    pub(crate) send_ms: u64,
}

impl Default for ClamdServer {
    fn default() -> Self {
        Self {
            listen: Vec::new(),
            socket_mode: "600".into(),
            stream_bytes_max: 25 << 20,
            files: ServedFiles::default(),
            connections_max: 32,
            read_ms: 30_000,
            send_ms: 10_000,
        }
    }
}

/// Which files clients may have looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ServedFiles {
    /// None.
    Off,
    /// Those that they have opened themselves.
    #[default]
    Opened,
    /// Those, and by name all that the gateway can read.
    Named,
}

/// A service of ICAP.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct IcapServer {
    /// Addresses to listen on. Default none.
    pub(crate) listen: Vec<SocketAddr>,
    /// Addresses to listen on for TLS. Default none.
    pub(crate) tls_listen: Vec<SocketAddr>,
    /// The certificate that is shown there, PEM, with what leads to its authority. Default none.
    pub(crate) certificate: PathBuf,
    /// The key of that, PEM. Default none.
    pub(crate) key: PathBuf,
    /// Whose certificates clients must show there, PEM; empty for no matter, the default.
    pub(crate) client_ca: PathBuf,
    /// Networks, besides loopback, whose hosts may use it. Default none; must name some when an address to
    /// listen on is not loopback.
    pub(crate) clients: Vec<Cidr>,
    /// DLP profiles for which a message is refused. Default none.
    pub(crate) block_profiles: Vec<String>,
    /// Bytes of a body of which the client keeps none that are held until it has been scanned. Default 16
    /// MiB.
    pub(crate) held_bytes_max: u64,
    /// Connections at a time. Default 64.
    pub(crate) connections_max: usize,
    /// Without a byte from a client in the middle of a message. Default 30 s.
    pub(crate) read_ms: u64,
    /// Between two messages. Default 60 s.
    pub(crate) idle_ms: u64,
    /// Without a client taking a byte. Default 10 s.
    pub(crate) send_ms: u64,
}

impl Default for IcapServer {
    fn default() -> Self {
        Self {
            listen: Vec::new(),
            tls_listen: Vec::new(),
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            client_ca: PathBuf::new(),
            clients: Vec::new(),
            block_profiles: Vec::new(),
            held_bytes_max: 16 << 20,
            connections_max: 64,
            read_ms: 30_000,
            idle_ms: 60_000,
            send_ms: 10_000,
        }
    }
}

impl IcapServer {
    /// The files that it names.
    pub(super) fn paths(&mut self) -> [&mut PathBuf; 3] {
        [&mut self.certificate, &mut self.key, &mut self.client_ca]
    }

    /// The first of its profiles that `dlp` does not have, with its number from 0.
    pub(crate) fn unknown_profile(&self, dlp: &Dlp) -> Option<(usize, UnknownProfile)> {
        let is_known = |id: &str| dlp.profiles().any(|profile| *profile.id == *id);
        let mut named = self.block_profiles.iter().enumerate();
        let (at, profile) = named.find(|(_, id)| !is_known(id))?;
        let meant = toml_file::nearest(profile, dlp.profiles().map(|profile| &*profile.id));
        let (profile, meant) = (profile.clone(), meant.map(str::to_owned));
        Some((at, UnknownProfile { profile, meant }))
    }

    /// Whether a host at `address` may use it.
    pub(crate) fn admits(&self, address: IpAddr) -> bool {
        is_local_or_in(&self.clients, address)
    }
}

impl ClamdServer {
    /// The rights of Unix sockets; those of the owner alone where they are malformed, which is an error
    /// of the configuration.
    pub(crate) fn mode(&self) -> u32 {
        u32::from_str_radix(&self.socket_mode, 8).unwrap_or(0o600)
    }

    /// Where it listens; what is malformed is an error of the configuration.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = Endpoint> {
        self.listen.iter().filter_map(|text| text.parse().ok())
    }
}

/// A setting names a DLP profile that the policy does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the policy has no DLP profile `{profile}`{}",
    .meant.as_deref().map(|id| format!("; did you mean `{id}`?")).unwrap_or_default()
)]
pub(crate) struct UnknownProfile {
    profile: String,
    meant: Option<String>,
}

/// Checks that the profiles that settings name are those of the policy: one that is not would let pass
/// what it was meant to refuse.
///
/// # Errors
///
/// [`ConfigError::Profile`].
pub(crate) fn check_profiles(loaded: &Loaded, dlp: &Dlp) -> Result<(), ConfigError> {
    let Some((at, source)) = loaded.config.icap_server.unknown_profile(dlp) else { return Ok(()) };
    let place = loaded.place_of(&["icap_server", "block_profiles", &at.to_string()]);
    let key = "icap_server.block_profiles".to_owned();
    Err(ConfigError::Profile { from: Setting::File { place, key }, source: Box::new(source) })
}

/// Checks both tables.
///
/// # Errors
///
/// [`ConfigError`] with the setting.
pub(super) fn check(
    clamd: &ClamdServer,
    icap: &IcapServer,
    from: impl Fn(&[&str]) -> Setting,
) -> Result<(), ConfigError> {
    for text in &clamd.listen {
        let is_local = match text.parse() {
            Ok(Endpoint::Unix(_)) => true,
            Ok(Endpoint::Tcp(address)) => address.ip().is_loopback(),
            Err(_) => false,
        };
        if !is_local {
            let expected = "\"unix:/path\" or an address of loopback with a port: nobody is asked who \
                            they are";
            let from = from(&["clamd_server", "listen"]);
            return Err(ConfigError::Endpoint { from, found: text.clone(), expected });
        }
    }
    let digits = clamd.socket_mode.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    if !digits || clamd.socket_mode.len() != 3 {
        return Err(ConfigError::Value {
            from: from(&["clamd_server", "socket_mode"]),
            found: format!("`{}`", clamd.socket_mode),
            expected: "three octal digits such as \"660\"",
        });
    }
    for (key, addresses) in [("listen", &icap.listen), ("tls_listen", &icap.tls_listen)] {
        let reachable = addresses.iter().find(|it| !it.ip().to_canonical().is_loopback());
        if let (Some(address), true) = (reachable, icap.clients.is_empty()) {
            return Err(ConfigError::Endpoint {
                from: from(&["icap_server", key]),
                found: address.to_string(),
                expected: "an address of loopback, or networks that may use it in \
                           icap_server.clients",
            });
        }
    }
    let has_both = [&icap.certificate, &icap.key].iter().all(|file| **file != Path::new(""));
    if !icap.tls_listen.is_empty() && !has_both {
        let what = "a `certificate` and its `key` beside it";
        return Err(ConfigError::Needs { from: from(&["icap_server", "tls_listen"]), what });
    }
    let wide = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    for (table, key, found, min, max) in [
        ("clamd_server", "stream_bytes_max", clamd.stream_bytes_max, 1 << 10, 1 << 40),
        ("clamd_server", "connections_max", wide(clamd.connections_max), 1, 1 << 12),
        ("clamd_server", "read_ms", clamd.read_ms, 1, DAY_MS),
        ("clamd_server", "send_ms", clamd.send_ms, 1, DAY_MS),
        ("icap_server", "held_bytes_max", icap.held_bytes_max, 64 << 10, 1 << 32),
        ("icap_server", "connections_max", wide(icap.connections_max), 1, 1 << 12),
        ("icap_server", "read_ms", icap.read_ms, 1, DAY_MS),
        ("icap_server", "idle_ms", icap.idle_ms, 1, DAY_MS),
        ("icap_server", "send_ms", icap.send_ms, 1, DAY_MS),
    ] {
        if !(min..=max).contains(&found) {
            let expected = Range { min, max };
            return Err(ConfigError::Range { from: from(&[table, key]), found, expected });
        }
    }
    Ok(())
}
