//! Scanners: `[av]` and `[dlp]`, and outside the process `[clamd]`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use gateway_inspect::Mask;
use gateway_proxy::{HeadScan, ScannedFields};
use serde::Deserialize;

/// What is looked for as data loss beyond what rules want to know, and what is recorded of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DlpScan {
    /// Of so many requests that no rule wants looked into, one is, for the record alone. Default 0:
    /// none.
    pub(crate) sample_one_in: u32,
    /// Whether the path and the query of requests are looked at as their bodies are. Default not.
    pub(crate) url: bool,
    /// Fields of heads that are, by name; `*` for all but those that carry credentials. Default none.
    pub(crate) headers: Vec<String>,
    /// Matches of each body that a record shows, masked. Default 0: none.
    pub(crate) shown_matches_max: usize,
    /// How much of them it shows. Default full: the form alone.
    pub(crate) mask: MaskName,
    /// The public key to which matches are sealed that rules have kept, in base64; empty for none, the
    /// default.
    pub(crate) payload_key: String,
    /// How much of matches is left in what is sealed. Default full: the form alone.
    pub(crate) payload_mask: MaskName,
}

impl DlpScan {
    /// What is looked at of heads.
    pub(crate) fn head_scan(&self) -> HeadScan {
        let (all, named): (Vec<_>, Vec<_>) = self.headers.iter().partition(|name| *name == "*");
        let named = named.into_iter().map(|name| name.to_ascii_lowercase()).collect();
        HeadScan { url: self.url, fields: ScannedFields { all: !all.is_empty(), named } }
    }
}

/// How much of a match is hidden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MaskName {
    /// All but its form.
    #[default]
    Full,
    /// All but a few characters.
    Partial,
    /// Nothing.
    Clear,
}

impl MaskName {
    pub(crate) const fn mask(self) -> Mask {
        match self {
            Self::Full => Mask::Full,
            Self::Partial => Mask::Partial,
            Self::Clear => Mask::Clear,
        }
    }
}

/// Signature databases in the policy folder.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AvDatabases {
    /// Whether a container that nobody vouches for is refused. Default true.
    pub(crate) strict: bool,
    /// Files of certificates, in PEM, of authorities that sign containers. Default none: those with the
    /// vendor's old signatures are trusted alone.
    pub(crate) certificates: Vec<PathBuf>,
    /// Bytes of a part that are kept for YARA rules. Default 16 MiB.
    pub(crate) yara_part_bytes_max: usize,
}

impl Default for AvDatabases {
    fn default() -> Self {
        Self { strict: true, certificates: Vec::new(), yara_part_bytes_max: 16 << 20 }
    }
}

/// A ClamAV daemon that bodies are copied to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Clamd {
    /// Where it listens: `unix:` and a path, or an IP address with a port; empty for none, the
    /// default.
    pub(crate) address: String,
    /// What becomes of a body on which it gives no verdict. Default block.
    pub(crate) on_error: OnError,
    /// What of a body waits for the verdict. Default the tail of `hold_tail_bytes`.
    pub(crate) hold: Hold,
    /// What its verdict counts for beside those of others. Default any.
    pub(crate) opinion: Opinion,
    /// How a body gets there. Default as it streams.
    pub(crate) transfer: Transfer,
    /// Bytes of a body that it is given; not more than its `StreamMaxLength`. Default 25 MiB.
    pub(crate) bytes_max: u64,
    /// Scans at a time. Default 10, as many threads as clamd has.
    pub(crate) scans_max: usize,
    /// To wait for a turn, and to connect, each. Default 1 s.
    pub(crate) connect_ms: u64,
    /// Without clamd taking a byte. Default 10 s.
    pub(crate) send_ms: u64,
    /// From the last byte to the verdict. Default 20 s.
    pub(crate) answer_ms: u64,
}

impl Default for Clamd {
    fn default() -> Self {
        Self {
            address: String::new(),
            on_error: OnError::default(),
            hold: Hold::default(),
            opinion: Opinion::default(),
            transfer: Transfer::default(),
            bytes_max: 25 << 20,
            scans_max: 10,
            connect_ms: 1_000,
            send_ms: 10_000,
            answer_ms: 20_000,
        }
    }
}

/// What the verdict of a scanner outside counts for beside those of others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Opinion {
    /// Whoever finds something first is enough.
    #[default]
    #[serde(alias = "first_hit")]
    Any,
    /// All look to the end.
    All,
    /// It comes later, and nobody waits for it.
    #[serde(alias = "async")]
    Second,
}

/// How a body gets to clamd.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Transfer {
    /// As it streams.
    #[default]
    Stream,
    /// As a file in memory, once it is whole; by a Unix socket alone.
    File,
}

/// What becomes of a message on which somebody outside gives no answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OnError {
    /// It is refused.
    #[default]
    Block,
    /// The rules alone decide.
    Allow,
}

/// What of a body waits for a verdict on the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Hold {
    /// Its last bytes.
    #[default]
    Tail,
    /// All of it, up to `held_bytes_max`.
    Whole,
}

/// Where somebody listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Endpoint {
    /// A socket in the file system.
    Unix(PathBuf),
    /// A TCP port.
    Tcp(SocketAddr),
}

/// The text names no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected \"unix:/path\" or an IP address with a port")]
pub(crate) struct NoEndpoint;

impl FromStr for Endpoint {
    type Err = NoEndpoint;

    fn from_str(text: &str) -> Result<Self, NoEndpoint> {
        match text.strip_prefix("unix:") {
            Some(path) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            Some(_) => Err(NoEndpoint),
            None => text.parse().map(Self::Tcp).map_err(|_| NoEndpoint),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        for (text, expected) in [
            ("unix:/run/clamd.ctl", Ok(Endpoint::Unix("/run/clamd.ctl".into()))),
            ("127.0.0.1:3310", Ok(Endpoint::Tcp(([127, 0, 0, 1], 3310).into()))),
            ("unix:clamd.ctl", Err(NoEndpoint)),
            ("/run/clamd.ctl", Err(NoEndpoint)),
            ("localhost:3310", Err(NoEndpoint)),
            ("", Err(NoEndpoint)),
        ] {
            assert_eq!(text.parse(), expected, "{text}");
        }
    }
}
