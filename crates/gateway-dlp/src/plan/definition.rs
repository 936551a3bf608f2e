//! What profiles may name: detectors, kinds of source, and the entries of a configuration; and what is
//! looked for when one of them is named.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_inspect::{Confidence, Entry, Profile};

use super::{
    Custom, DatasetPlan, EntryPlan, FingerprintPlan, PathPlan, Pattern, Preference, SourcePlan,
    check_id,
};
use crate::detectors::{Detector, detectors};
use crate::sample::Test;
use crate::sieve::SmallRegex;
use crate::{
    BuildError, Conditions, DatasetEntry, FingerprintEntry, Limits, PathEntry, RegexEntry, SCANNER,
    SourceKind, WordsEntry, pattern,
};

/// What defines an entry.
#[derive(Clone, Copy)]
pub(super) enum Definition<'a> {
    Detector(&'static Detector),
    Regex(&'a RegexEntry),
    Words(&'a WordsEntry),
    Path(&'a PathEntry),
    Dataset(&'a DatasetEntry),
    Fingerprint(&'a FingerprintEntry),
    Source(SourceKind),
}

/// Everything that a profile may name, by id.
pub(super) fn define(custom: &Custom) -> Result<BTreeMap<&str, Definition<'_>>, BuildError> {
    let mut definitions: BTreeMap<&str, Definition<'_>> =
        detectors().iter().map(|d| (d.id(), Definition::Detector(d))).collect();
    definitions.extend(SourceKind::ALL.map(|kind| (kind.id(), Definition::Source(kind))));
    let regexes = custom.regexes.iter().map(|entry| (&*entry.id, Definition::Regex(entry)));
    let words = custom.words.iter().map(|entry| (&*entry.id, Definition::Words(entry)));
    let paths = custom.paths.iter().map(|entry| (&*entry.id, Definition::Path(entry)));
    let datasets = custom.datasets.iter();
    let datasets = datasets.map(|entry| (&*entry.id, Definition::Dataset(entry)));
    let fingerprints = custom.fingerprints.iter();
    let fingerprints = fingerprints.map(|entry| (&*entry.id, Definition::Fingerprint(entry)));
    let all = regexes.chain(words).chain(paths).chain(datasets).chain(fingerprints);
    for (id, definition) in all {
        check_id(id, ".")?;
        if definitions.insert(id, definition).is_some() {
            return Err(BuildError::DuplicateEntry { entry: id.to_owned() });
        }
    }
    Ok(definitions)
}

impl Definition<'_> {
    /// The plan of an entry that looks into parts.
    pub(super) fn plan(
        self,
        profiles: Vec<Arc<Profile>>,
        limits: &Limits,
    ) -> Result<Option<EntryPlan>, BuildError> {
        let custom = Test::Pattern(Confidence::Medium);
        let (mut conditions, mut keywords) = (None, Vec::new());
        let (id, name, pattern, preference, match_bytes_max, test) = match self {
            Definition::Detector(detector) => {
                let hir = pattern::regex(detector.id(), detector.pattern)?;
                // A judge picks among all matches, so the automaton must not prefer any.
                let preference = match detector.test {
                    Test::Judge(_)
                    | Test::Near(_)
                    | Test::Whole(..)
                    | Test::Sized(..)
                    | Test::Named(_)
                    | Test::Told(_) => Preference::Longest,
                    Test::Pattern(_) => Preference::First,
                };
                keywords.extend(detector.keywords().iter().copied().map(str::to_owned));
                let (id, name, hir) = (detector.id(), detector.name(), Pattern::Regex(hir));
                (id, name, hir, preference, detector.match_bytes_max, detector.test)
            }
            Definition::Regex(entry) => {
                let hir = pattern::regex(&entry.id, &entry.pattern)?;
                let (hir, first) = (Pattern::Regex(hir), Preference::First);
                let asked = &entry.conditions;
                if *asked != Conditions::default() {
                    keywords.extend(asked.keywords.iter().map(|word| word.to_lowercase()));
                    conditions = Some((entry.pattern.clone(), asked.clone()));
                }
                let test = Test::Pattern(asked.confidence);
                (&*entry.id, &*entry.name, hir, first, limits.match_bytes_max, test)
            }
            Definition::Words(entry) => {
                pattern::check_words(entry)?;
                let (words, longest) = (Pattern::Words(entry.clone()), Preference::Longest);
                (&*entry.id, &*entry.name, words, longest, limits.match_bytes_max, custom)
            }
            Definition::Path(_)
            | Definition::Dataset(_)
            | Definition::Fingerprint(_)
            | Definition::Source(_) => return Ok(None),
        };
        let entry = Entry { scanner: SCANNER, id: id.into(), name: name.into(), profiles };
        Ok(Some(EntryPlan {
            entry: Arc::new(entry),
            pattern,
            preference,
            match_bytes_max,
            test,
            conditions,
            keywords,
        }))
    }
}

pub(super) fn dataset_plan(entry: &DatasetEntry, profiles: Vec<Arc<Profile>>) -> DatasetPlan {
    let (id, name) = (entry.id.as_str().into(), entry.name.as_str().into());
    let dataset = Arc::clone(&entry.dataset);
    DatasetPlan { entry: Arc::new(Entry { scanner: SCANNER, id, name, profiles }), dataset }
}

pub(super) fn source_plan(kind: SourceKind, profiles: Vec<Arc<Profile>>) -> SourcePlan {
    let (id, name) = (kind.id().into(), kind.name().into());
    SourcePlan { entry: Arc::new(Entry { scanner: SCANNER, id, name, profiles }), kind }
}

pub(super) fn fingerprint_plan(
    entry: &FingerprintEntry,
    profiles: Vec<Arc<Profile>>,
) -> Result<FingerprintPlan, BuildError> {
    if !(1..=100).contains(&entry.similarity_min) {
        let (entry, value) = (entry.id.clone(), entry.similarity_min);
        return Err(BuildError::Similarity { entry, value });
    }
    let (id, name) = (entry.id.as_str().into(), entry.name.as_str().into());
    Ok(FingerprintPlan {
        entry: Arc::new(Entry { scanner: SCANNER, id, name, profiles }),
        fingerprints: Arc::clone(&entry.fingerprints),
        similarity_min: entry.similarity_min,
    })
}

pub(super) fn path_plan(
    entry: &PathEntry,
    profiles: Vec<Arc<Profile>>,
) -> Result<PathPlan, BuildError> {
    let path = SmallRegex::any(&[&entry.path]).map_err(|reason| BuildError::Condition {
        entry: entry.id.clone(),
        condition: "path",
        reason,
    })?;
    let (id, name) = (entry.id.as_str().into(), entry.name.as_str().into());
    let entry = Arc::new(Entry { scanner: SCANNER, id, name, profiles });
    Ok(PathPlan { entry, path })
}
