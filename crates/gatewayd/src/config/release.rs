//! `[release]`: what of a body leaves before it has been scanned as a whole, by its type.

use std::collections::BTreeMap;
use std::time::Duration;

use gateway_inspect::{HoldPolicy, PartKind};
use serde::Deserialize;

use super::load::{Range, Setting};
use super::validate::DAY_MS;
use super::{Config, ConfigError};

/// What leaves, by type.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Release {
    /// How bodies of a type are released, by its name. Default none: all keep back their tail.
    pub(crate) types: BTreeMap<String, Way>,
    /// Bytes that leave at a time of what trickles. Default 1,024.
    pub(crate) trickle_bytes: u64,
    /// Milliseconds between two times. Default 1 s.
    pub(crate) trickle_ms: u64,
}

impl Default for Release {
    fn default() -> Self {
        Self { types: BTreeMap::new(), trickle_bytes: 1_024, trickle_ms: 1_000 }
    }
}

/// A way to release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Way {
    /// Nothing leaves before.
    Hold,
    /// All but the tail leaves.
    Tail,
    /// A little leaves from time to time.
    Trickle,
    /// All leaves but the end.
    Pass,
    /// A browser that navigates gets a page that stands for it meanwhile; who else asks gets it otherwise.
    Progress,
}

impl Config {
    /// How bodies are released by their type.
    pub(crate) fn release(&self) -> gateway_proxy::Release {
        let mut release = gateway_proxy::Release::default();
        release.set_page_after(Duration::from_millis(self.progress.after_ms));
        for (name, way) in &self.release.types {
            let Some(kind) = kind(name) else { continue };
            if *way != Way::Progress {
                release.set(kind, self.hold_as(*way));
            } else if self.progress.is_on() {
                release.set_behind_page(kind, self.hold_as(self.progress.otherwise));
            } else {
                release.set(kind, self.hold_as(self.progress.otherwise));
            }
        }
        release
    }

    fn hold_as(&self, way: Way) -> HoldPolicy {
        match way {
            // No page stands for what a page stands for otherwise.
            Way::Hold | Way::Progress => HoldPolicy::Whole,
            Way::Tail => self.hold_policy(),
            Way::Trickle => HoldPolicy::Trickle {
                bytes: self.release.trickle_bytes,
                every_ms: self.release.trickle_ms,
            },
            Way::Pass => HoldPolicy::Pass,
        }
    }
}

/// The type of this name.
fn kind(name: &str) -> Option<PartKind> {
    let all = PartKind::ALL.iter().copied().chain([PartKind::Unknown]);
    all.into_iter().find(|kind| kind.name() == name)
}

/// Checks the table.
///
/// # Errors
///
/// [`ConfigError`] with the setting.
pub(super) fn check(
    release: &Release,
    from: impl Fn(&[&str]) -> Setting,
) -> Result<(), ConfigError> {
    for (name, way) in &release.types {
        let expected = match (kind(name), way) {
            (None, _) => "the name of a file type, as in http.download.file_types",
            // Links and frames of a page lead elsewhere when it has another address.
            (Some(PartKind::Html), Way::Progress) => {
                "a type that is downloaded, not shown as a page"
            }
            (Some(_), _) => continue,
        };
        let (from, found) = (from(&["release", "types", name]), format!("`{name}`"));
        return Err(ConfigError::Value { from, found, expected });
    }
    for (key, found, max) in [
        ("trickle_bytes", release.trickle_bytes, 1 << 20),
        ("trickle_ms", release.trickle_ms, DAY_MS),
    ] {
        if !(1..=max).contains(&found) {
            let expected = Range { min: 1, max };
            return Err(ConfigError::Range { from: from(&["release", key]), found, expected });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_as_in_rules() {
        let ways =
            [("exe", Way::Hold), ("zip", Way::Trickle), ("png", Way::Pass), ("unknown", Way::Tail)];
        let types = ways.iter().map(|(name, way)| ((*name).to_owned(), *way)).collect();
        let config =
            Config { release: Release { types, ..Release::default() }, ..Config::default() };
        let release = config.release();
        for (kind, policy) in [
            (PartKind::Pe, Some(HoldPolicy::Whole)),
            (PartKind::Zip, Some(HoldPolicy::Trickle { bytes: 1_024, every_ms: 1_000 })),
            (PartKind::Png, Some(HoldPolicy::Pass)),
            (PartKind::Unknown, Some(config.hold_policy())),
            (PartKind::Pdf, None),
        ] {
            assert_eq!(release.of(kind), policy, "{kind}");
        }
    }

    #[test]
    fn a_page_stands_for_a_type_where_there_is_a_folder() {
        let types = [("zip".to_owned(), Way::Progress)].into();
        let mut config =
            Config { release: Release { types, ..Release::default() }, ..Config::default() };
        for (dir, otherwise, is_on, policy) in [
            ("downloads", Way::Hold, true, HoldPolicy::Whole),
            ("downloads", Way::Tail, true, config.hold_policy()),
            ("", Way::Pass, false, HoldPolicy::Pass),
        ] {
            config.progress.dir = dir.into();
            config.progress.otherwise = otherwise;
            let release = config.release();
            assert_eq!(release.is_behind_page(PartKind::Zip), is_on, "{dir}");
            assert_eq!(release.of(PartKind::Zip), Some(policy), "{dir}");
            assert!(!release.is_behind_page(PartKind::Pdf));
        }
    }
}
