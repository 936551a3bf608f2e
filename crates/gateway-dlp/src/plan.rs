//! What a configuration asks for, checked and resolved: the entries to look for, with the profiles
//! that count them. Nothing is compiled yet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gateway_inspect::{Entry, Profile};
use regex_syntax::hir::Hir;

use crate::dataset::Dataset;
use crate::fingerprint::Fingerprints;
use crate::sample::Test;
use crate::sieve::SmallRegex;
use crate::suggest::nearest;
use crate::{
    BuildError, Conditions, DatasetEntry, FingerprintEntry, Limits, PathEntry, Precision,
    ProfileConfig, RegexEntry, SourceKind, WordsEntry,
};
use definition::{Definition, dataset_plan, define, fingerprint_plan, path_plan, source_plan};

mod definition;

/// The longest id, in bytes.
const ID_MAX: usize = 64;

/// One entry to look for.
pub(crate) struct EntryPlan {
    pub(crate) entry: Arc<Entry>,
    pub(crate) pattern: Pattern,
    pub(crate) preference: Preference,
    /// Bytes of its longest match.
    pub(crate) match_bytes_max: usize,
    pub(crate) test: Test,
    /// The regular expression with what a match must fulfil besides, if it is anything.
    pub(crate) conditions: Option<(String, Conditions)>,
    /// Words that people write near the real thing.
    pub(crate) keywords: Vec<String>,
}

/// What a path must match, and what is found then.
pub(crate) struct PathPlan {
    pub(crate) entry: Arc<Entry>,
    pub(crate) path: SmallRegex,
}

/// Everything that profiles may name besides detectors.
#[derive(Clone, Debug, Default)]
pub(crate) struct Custom {
    pub(crate) regexes: Vec<RegexEntry>,
    pub(crate) words: Vec<WordsEntry>,
    pub(crate) paths: Vec<PathEntry>,
    pub(crate) datasets: Vec<DatasetEntry>,
    pub(crate) fingerprints: Vec<FingerprintEntry>,
}

/// A table, and what is found where a cell of it is.
pub(crate) struct DatasetPlan {
    pub(crate) entry: Arc<Entry>,
    pub(crate) dataset: Arc<Dataset>,
}

/// Documents, and what is found where a text is like one.
pub(crate) struct FingerprintPlan {
    pub(crate) entry: Arc<Entry>,
    pub(crate) fingerprints: Arc<Fingerprints>,
    pub(crate) similarity_min: u8,
}

/// A language, and what is found where a text is written in it.
pub(crate) struct SourcePlan {
    pub(crate) entry: Arc<Entry>,
    pub(crate) kind: SourceKind,
}

/// What an entry looks for.
pub(crate) enum Pattern {
    Regex(Hir),
    Words(WordsEntry),
}

impl Pattern {
    /// The pattern as a regular expression.
    #[cfg(any(test, feature = "oracle"))]
    pub(crate) fn hir(&self) -> Hir {
        match self {
            Self::Regex(hir) => hir.clone(),
            Self::Words(words) => crate::pattern::words(words),
        }
    }
}

/// Which of several matches that begin at the same place is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preference {
    /// The one that the pattern prefers, as in Perl.
    First,
    /// The longest.
    Longest,
}

/// All entries that some profile counts in the order of their ids, and the profiles in theirs.
pub(crate) struct Plan {
    pub(crate) entries: Vec<EntryPlan>,
    pub(crate) profiles: Vec<Arc<Profile>>,
    /// In the order of their ids.
    pub(crate) paths: Vec<PathPlan>,
    /// In the order of their ids.
    pub(crate) datasets: Vec<DatasetPlan>,
    /// In the order of their ids.
    pub(crate) fingerprints: Vec<FingerprintPlan>,
    /// In the order of their ids.
    pub(crate) sources: Vec<SourcePlan>,
    /// What profiles make of findings, where it is anything, by profile.
    pub(crate) precisions: BTreeMap<Arc<str>, Precision>,
}

impl Plan {
    pub(crate) fn new(
        profiles: &[ProfileConfig],
        custom: &Custom,
        limits: &Limits,
    ) -> Result<Self, BuildError> {
        let definitions = define(custom)?;
        let mut by_id = BTreeMap::new();
        let mut precisions = BTreeMap::new();
        let mut counted: BTreeMap<&str, Vec<Arc<Profile>>> = BTreeMap::new();
        for config in profiles {
            check_id(&config.id, "")?;
            check_thresholds(config)?;
            let profile = Arc::new(Profile {
                id: config.id.as_str().into(),
                matches_min: config.matches_min,
                distinct_min: config.distinct_min,
                within_bytes: config.within_bytes,
                hold_from: config.hold_from,
                mask: config.mask,
                payload_mask: config.payload_mask,
            });
            if by_id.insert(config.id.as_str(), profile.clone()).is_some() {
                return Err(BuildError::DuplicateProfile { profile: config.id.clone() });
            }
            if config.precision != Precision::default() {
                precisions.insert(profile.id.clone(), config.precision.clone());
            }
            let mut named = BTreeSet::new();
            for entry in &config.entries {
                check_known(&config.id, entry, &definitions)?;
                if !named.insert(entry) {
                    let (profile, entry) = (config.id.clone(), entry.clone());
                    return Err(BuildError::RepeatedEntry { profile, entry });
                }
                counted.entry(entry).or_default().push(profile.clone());
            }
        }
        let mut entries = Vec::with_capacity(definitions.len());
        let (mut paths, mut datasets) = (Vec::new(), Vec::new());
        let (mut fingerprints, mut sources) = (Vec::new(), Vec::new());
        for (id, definition) in definitions {
            // A custom entry that no profile counts is still checked.
            match (counted.remove(id), definition) {
                (profiles, Definition::Path(entry)) => {
                    let plan = path_plan(entry, profiles.unwrap_or_default())?;
                    paths.extend((!plan.entry.profiles.is_empty()).then_some(plan));
                }
                (profiles, Definition::Dataset(entry)) => {
                    datasets.extend(profiles.map(|profiles| dataset_plan(entry, profiles)));
                }
                (profiles, Definition::Fingerprint(entry)) => {
                    let plan = fingerprint_plan(entry, profiles.unwrap_or_default())?;
                    fingerprints.extend((!plan.entry.profiles.is_empty()).then_some(plan));
                }
                (profiles, Definition::Source(kind)) => {
                    sources.extend(profiles.map(|profiles| source_plan(kind, profiles)));
                }
                (None, Definition::Detector(_)) => {}
                (None, custom) => drop(custom.plan(Vec::new(), limits)?),
                (Some(profiles), any) => entries.extend(any.plan(profiles, limits)?),
            }
        }
        let profiles = by_id.into_values().collect();
        Ok(Self { entries, profiles, paths, datasets, fingerprints, sources, precisions })
    }
}

impl Plan {
    /// Leaves the profiles of these ids, what they count, and what that requires.
    pub(crate) fn narrow(&mut self, ids: &[&str]) {
        let is_left = |profile: &Arc<Profile>| ids.contains(&&*profile.id);
        self.profiles.retain(is_left);
        self.precisions.retain(|id, _| ids.contains(&&**id));
        let narrow = |entry: &mut Arc<Entry>| {
            Arc::make_mut(entry).profiles.retain(is_left);
            !entry.profiles.is_empty()
        };
        self.paths.retain_mut(|plan| narrow(&mut plan.entry));
        self.datasets.retain_mut(|plan| narrow(&mut plan.entry));
        self.fingerprints.retain_mut(|plan| narrow(&mut plan.entry));
        self.sources.retain_mut(|plan| narrow(&mut plan.entry));
        let (mut left, mut others) = (Vec::new(), Vec::new());
        for mut plan in std::mem::take(&mut self.entries) {
            if narrow(&mut plan.entry) { left.push(plan) } else { others.push(plan) }
        }
        let mut from = 0;
        while from < left.len() {
            let to = left.len();
            let (required, rest) = others.into_iter().partition(|other: &EntryPlan| {
                left.iter().skip(from).any(|plan| plan.requires(&other.entry.id))
            });
            (from, others) = (to, rest);
            left.extend::<Vec<_>>(required);
        }
        left.sort_by(|one, other| one.entry.id.cmp(&other.entry.id));
        self.entries = left;
    }
}

impl EntryPlan {
    /// Whether a match of it must be near one of the entry `id`.
    fn requires(&self, id: &str) -> bool {
        let conditions = self.conditions.iter().flat_map(|(_, conditions)| &conditions.required);
        conditions.into_iter().any(|required| required.entry == id)
    }
}

/// Refuses what is no id, where `others` may be in it besides.
fn check_id(id: &str, others: &str) -> Result<(), BuildError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if (1..=ID_MAX).contains(&id.len()) && id.chars().all(|c| is_plain(c) || others.contains(c)) {
        Ok(())
    } else {
        Err(BuildError::InvalidId { id: id.to_owned() })
    }
}

fn check_thresholds(config: &ProfileConfig) -> Result<(), BuildError> {
    if config.entries.is_empty() {
        return Err(BuildError::EmptyProfile { profile: config.id.clone() });
    }
    let entries = u32::try_from(config.entries.len()).unwrap_or(u32::MAX);
    for (field, value, max) in [
        ("matches_min", config.matches_min, u32::MAX),
        ("distinct_min", config.distinct_min, entries),
    ] {
        if !(1..=max).contains(&value) {
            return Err(BuildError::Threshold { profile: config.id.clone(), field, value, max });
        }
    }
    Ok(())
}

fn check_known(
    profile: &str,
    entry: &str,
    definitions: &BTreeMap<&str, Definition<'_>>,
) -> Result<(), BuildError> {
    if definitions.contains_key(entry) {
        return Ok(());
    }
    Err(BuildError::UnknownEntry {
        profile: profile.to_owned(),
        entry: entry.to_owned(),
        suggestion: nearest(entry, definitions.keys().copied()).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DlpBuilder;

    fn error(builder: DlpBuilder) -> String {
        builder.build(&Limits::default()).unwrap_err().to_string()
    }

    fn profile(id: &str, entries: &[&str]) -> ProfileConfig {
        ProfileConfig::new(id, entries.iter().copied())
    }

    #[test]
    fn wrong_profiles_are_named() {
        let cases = [
            (
                profile("a b", &["us_ssn"]),
                "`a b` is not an id: 1 to 64 of a-z A-Z 0-9 _ - were expected",
            ),
            (profile("a", &[]), "profile `a` has no entries"),
            (profile("a", &["us_ssn", "us_ssn"]), "profile `a` names entry `us_ssn` twice"),
            (profile("a", &["us_sn"]), "profile `a`: no entry `us_sn`, did you mean `us_ssn`?"),
            (profile("a", &["no_such_entry"]), "profile `a`: no entry `no_such_entry`"),
            (
                ProfileConfig { matches_min: 0, ..profile("a", &["us_ssn"]) },
                "profile `a`: matches_min is 0, but 1 to 4294967295 was expected",
            ),
            (
                ProfileConfig { distinct_min: 2, ..profile("a", &["us_ssn"]) },
                "profile `a`: distinct_min is 2, but 1 to 1 was expected",
            ),
        ];
        for (profile, expected) in cases {
            assert_eq!(error(DlpBuilder::new().profile(profile)), expected);
        }
        let twice = DlpBuilder::new()
            .profile(profile("a", &["us_ssn"]))
            .profile(profile("a", &["payment_card"]));
        assert_eq!(error(twice), "profile `a` is defined twice");
    }

    #[test]
    fn wrong_patterns_are_named() {
        let too_large = "entry `x` needs tables of more than 4194304 bytes";
        let empty = "entry `x`: the pattern matches the empty string";
        let cases = [
            ("a(b", "entry `x`: pattern error at byte 1: unclosed group"),
            (
                "[z-a]",
                "entry `x`: pattern error at byte 1: invalid character class range, the start \
                 must be <= the end",
            ),
            (
                "(?=a)",
                "entry `x`: pattern error at byte 0: look-around, including look-ahead and \
                 look-behind, is not supported",
            ),
            ("a*", empty),
            (r"\b", empty),
            ("[a&&b]", "entry `x` can match nothing"),
            (r"(?u:\b)a", r"entry `x`: a Unicode word boundary is not supported, use (?-u:\b)"),
            (r"(?u)\w{900}", too_large),
            ("(?:(?:a{1000}){1000}){1000}", too_large),
        ];
        for (pattern, expected) in cases {
            let entry = RegexEntry::new("x", "", pattern);
            let profile = profile("p", &["x"]);
            assert_eq!(error(DlpBuilder::new().regex(entry).profile(profile)), expected);
        }
        // Even if no profile counts it.
        assert_eq!(error(DlpBuilder::new().regex(RegexEntry::new("x", "", "a*"))), empty);
    }

    #[test]
    fn wrong_entries_are_named() {
        let words = |id: &str, words: &[&str]| {
            DlpBuilder::new().words(WordsEntry::new(id, "", words.iter().copied()))
        };
        assert_eq!(error(words("w", &[])), "entry `w` can match nothing");
        assert_eq!(error(words("w", &["a", ""])), "entry `w`: word 1 is empty");
        assert_eq!(error(words("us_ssn", &["a"])), "entry `us_ssn` is defined twice");
        let long = "x".repeat(65);
        assert!(error(words(&long, &["a"])).contains("is not an id"));
        let regex = RegexEntry::new("w", "", "a");
        assert_eq!(error(words("w", &["a"]).regex(regex)), "entry `w` is defined twice");
    }
}
