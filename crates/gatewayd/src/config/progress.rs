//! `[progress]`: pages that stand for downloads while these are fetched and scanned.

use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigError;
use super::load::{Range, Setting};
use super::release::Way;
use super::validate::DAY_MS;

/// Pages that stand for downloads while these are fetched and scanned.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Progress {
    /// How whoever is no browser that navigates gets a body of such a type. Default hold.
    pub(crate) otherwise: Way,
    /// Milliseconds from the first byte of a body to the page. Default 2 s.
    pub(crate) after_ms: u64,
    /// Milliseconds without anybody asking for it after which a download is given up, or deleted. Default 5 min.
    pub(crate) keep_ms: u64,
    /// The folder for what is fetched; empty for none, where no page stands for anything. Default `downloads`.
    pub(crate) dir: PathBuf,
    /// Bytes of a download; a longer one fails. Default 1 GiB.
    pub(crate) body_bytes_max: u64,
    /// Bytes of all of them together; what does not fit fails. Default 4 GiB.
    pub(crate) total_bytes_max: u64,
    /// Downloads at a time, those that wait to be handed out included. Default 64.
    pub(crate) downloads_max: u64,
    /// The same of one client. Default 8.
    pub(crate) downloads_per_client_max: u64,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            otherwise: Way::Hold,
            after_ms: 2_000,
            keep_ms: 300_000,
            dir: "downloads".into(),
            body_bytes_max: 1 << 30,
            total_bytes_max: 4 << 30,
            downloads_max: 64,
            downloads_per_client_max: 8,
        }
    }
}

impl Progress {
    /// Whether a page may stand for anything.
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
    progress: &Progress,
    from: impl Fn(&[&str]) -> Setting,
) -> Result<(), ConfigError> {
    if progress.otherwise == Way::Progress {
        let (from, found) = (from(&["progress", "otherwise"]), "`progress`".to_owned());
        let expected = "\"hold\", \"tail\", \"trickle\" or \"pass\"";
        return Err(ConfigError::Value { from, found, expected });
    }
    for (key, found, min, max) in [
        ("after_ms", progress.after_ms, 0, 60_000),
        ("keep_ms", progress.keep_ms, 1_000, DAY_MS),
        ("body_bytes_max", progress.body_bytes_max, 1 << 10, 1 << 40),
        ("total_bytes_max", progress.total_bytes_max, 1 << 10, 1 << 44),
        ("downloads_max", progress.downloads_max, 1, 1 << 16),
        ("downloads_per_client_max", progress.downloads_per_client_max, 1, 1 << 16),
    ] {
        if !(min..=max).contains(&found) {
            let (from, expected) = (from(&["progress", key]), Range { min, max });
            return Err(ConfigError::Range { from, found, expected });
        }
    }
    Ok(())
}
