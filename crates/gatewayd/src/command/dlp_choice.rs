//! From the ids that a person names to a scanner: profiles of a policy, predefined ones, detectors,
//! languages and entries of the policy, alone or together. Not for bodies that pass: these are
//! scanned for all profiles at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use gateway_dlp::{
    BuildError, Detector, Dlp, DlpBuilder, Limits, Precision, PredefinedProfile, ProfileConfig,
    Proximity, SourceKind, detectors, predefined_profiles,
};
use gateway_inspect::{Profile, Tally};
use serde_json::{Value as Json, json};

use crate::policy::DlpPolicy;
use crate::toml_file;

/// The profile that has single entries, if no other is called so.
const SINGLE: &str = "eval";

/// A scanner, and the profiles that were asked for.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    /// Finds what was asked for, as sure as these profiles alone make it.
    pub(super) dlp: Dlp,
    /// The profiles that were named, in the order of their ids; none of single entries.
    pub(super) profiles: Vec<Arc<Profile>>,
}

/// Why there is no such scanner.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChoiceFault {
    #[error("no profile and no detector `{id}`{}", hint(.meant.as_deref()))]
    Unknown { id: String, meant: Option<String> },
    #[error(transparent)]
    Build(#[from] BuildError),
}

fn hint(meant: Option<&str>) -> String {
    meant.map(|id| format!(", did you mean `{id}`?")).unwrap_or_default()
}

impl Chosen {
    /// All profiles of a policy.
    pub(super) fn all(policy: &DlpPolicy) -> Self {
        Self::of(policy.dlp.clone())
    }

    /// The profiles and entries of these ids. Of the same id, a profile of the policy comes first.
    /// Predefined profiles and single entries are weighed by keywords near them.
    pub(super) fn new(policy: Option<&DlpPolicy>, ids: &[String]) -> Result<Self, ChoiceFault> {
        let mut builder = policy.map(|policy| policy.builder.clone()).unwrap_or_default();
        let (mut profiles, mut entries) = (BTreeSet::new(), BTreeSet::new());
        for id in ids {
            let id = id.as_str();
            if profiles.contains(id) {
                continue;
            }
            if has_profile(&builder, id) {
                profiles.insert(id);
            } else if let Ok(predefined) = PredefinedProfile::find(id) {
                builder = builder.profile(near_keywords(predefined.config()));
                profiles.insert(id);
            } else if is_entry(policy, id) {
                entries.insert(id);
            } else {
                let meant = toml_file::nearest(id, known(policy)).map(str::to_owned);
                return Err(ChoiceFault::Unknown { id: id.to_owned(), meant });
            }
        }
        let mut single = SINGLE.to_owned();
        while has_profile(&builder, &single) {
            single.push('_');
        }
        let mut wanted: Vec<&str> = profiles.into_iter().collect();
        if !entries.is_empty() {
            builder = builder.profile(near_keywords(ProfileConfig::new(&single, entries)));
            wanted.push(&single);
        }
        let mut chosen = Self::of(builder.build_only(&wanted, &Limits::default())?);
        chosen.profiles.retain(|profile| *profile.id != *single);
        Ok(chosen)
    }

    /// All detectors. Source code is none.
    pub(super) fn detectors() -> Result<Self, ChoiceFault> {
        let all: Vec<String> = detectors().iter().map(|one| one.id().to_owned()).collect();
        Self::new(None, &all)
    }

    /// What `dlp` finds, with all of its profiles.
    pub(super) fn of(dlp: Dlp) -> Self {
        let profiles = dlp.profiles().cloned().collect();
        Self { dlp, profiles }
    }
}

fn has_profile(builder: &DlpBuilder, id: &str) -> bool {
    builder.profiles().iter().any(|profile| profile.id == id)
}

fn is_entry(policy: Option<&DlpPolicy>, id: &str) -> bool {
    let mut of_policy = policy.into_iter().flat_map(|policy| policy.dlp.entries());
    Detector::find(id).is_some()
        || SourceKind::ALL.iter().any(|kind| kind.id() == id)
        || of_policy.any(|entry| *entry.id == *id)
}

/// Every id that may be named.
pub(super) fn known<'a>(policy: Option<&'a DlpPolicy>) -> impl Iterator<Item = &'a str> {
    let profiles = policy.into_iter().flat_map(|policy| policy.builder.profiles());
    let entries = policy.into_iter().flat_map(|policy| policy.dlp.entries());
    let built_in = detectors().iter().map(Detector::id);
    let built_in = built_in.chain(predefined_profiles().iter().map(PredefinedProfile::id));
    let built_in = built_in.chain(SourceKind::ALL.into_iter().map(SourceKind::id));
    let built_in = built_in.map(|id| -> &'a str { id });
    built_in.chain(profiles.map(|profile| &*profile.id)).chain(entries.map(|entry| &*entry.id))
}

fn near_keywords(profile: ProfileConfig) -> ProfileConfig {
    let proximity = Some(Proximity::default());
    ProfileConfig { precision: Precision { proximity, ..Precision::default() }, ..profile }
}

/// What `tally` says of a profile.
pub(super) fn told(profile: &Profile, tally: &Tally) -> Json {
    json!({
        "id": &*profile.id,
        "matches": tally.matches(&profile.id),
        "matched": tally.profiles().any(|id| *id == profile.id),
    })
}
