//! From the entries and profiles of `dlp.toml` to what the scanner is built from.

use std::sync::Arc;

use gateway_dlp::{
    Allowance, Bounds, Case, Conditions, DatasetEntry, DlpBuilder, FingerprintEntry, Precision,
    ProfileConfig, RegexEntry, Required, Secret, WordsEntry,
};
use gateway_inspect::HoldFrom;

use super::{BoundsName, CaseName, CustomEntry, HoldFromName, ProfileEntry, State};
use crate::config::MaskName;
use crate::policy::dlp_files::Files;
use crate::policy::dlp_precision::{AdjustKeys, ConfidenceName, ProximityKeys, exclusions};

/// Percent of a document that a text must have if an entry does not say.
const SIMILARITY_MIN: u8 = 50;

pub(super) fn builder(
    entries: &[(&CustomEntry, State)],
    profiles: &[(&ProfileEntry, State)],
    predefined: &[ProfileConfig],
    files: &Files,
) -> DlpBuilder {
    let mut builder = predefined.iter().cloned().fold(DlpBuilder::new(), DlpBuilder::profile);
    for (file, profile) in &files.rules {
        builder = file.add_to(builder);
        if let Some(id) = profile {
            builder = builder.profile(file.profile(id));
        }
    }
    for (entry, state) in entries {
        let id = entry.id.get_ref();
        let name = entry.name.as_ref().unwrap_or(id);
        if let (State::Sound, Some(dataset)) = (state, files.datasets.get(id)) {
            let (id, name, dataset) = (id.clone(), name.clone(), Arc::clone(dataset));
            builder = builder.dataset(DatasetEntry { id, name, dataset });
            continue;
        }
        if let (State::Sound, Some(fingerprints)) = (state, files.fingerprints.get(id)) {
            let (id, name, fingerprints) = (id.clone(), name.clone(), Arc::clone(fingerprints));
            let similarity_min = entry.similarity_min.unwrap_or(SIMILARITY_MIN);
            builder =
                builder.fingerprint(FingerprintEntry { id, name, fingerprints, similarity_min });
            continue;
        }
        builder = match (state, &entry.regex, &entry.words) {
            // Profiles may name it all the same.
            (State::Faulty, ..) => builder.words(WordsEntry::new(id, name, ["x"])),
            (State::Sound, Some(regex), _) => {
                let plain = RegexEntry::new(id, name, regex.get_ref());
                builder.regex(RegexEntry { conditions: conditions(entry), ..plain })
            }
            (State::Sound, None, words) => {
                let mut words = WordsEntry::new(id, name, words.iter().flatten());
                words.case = match entry.case {
                    Some(CaseName::Sensitive) => Case::Sensitive,
                    Some(CaseName::Insensitive) | None => Case::Insensitive,
                };
                words.bounds = match entry.bounds {
                    Some(BoundsName::Anywhere) => Bounds::Anywhere,
                    Some(BoundsName::WholeWords) | None => Bounds::WholeWords,
                };
                builder.words(words)
            }
        };
    }
    for (profile, state) in profiles {
        if *state == State::Sound {
            builder = builder.profile(profile_config(profile));
        }
    }
    builder
}

/// What a match of a regular expression must fulfil besides.
fn conditions(entry: &CustomEntry) -> Conditions {
    let list = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
    let (stop_words, regexes) = (list(&entry.stop_words), list(&entry.allow_regexes));
    let mut allow = Vec::new();
    if !stop_words.is_empty() || !regexes.is_empty() {
        allow.push(Arc::new(Allowance { stop_words, regexes, ..Allowance::default() }));
    }
    let required = |entry| Required { entry, lines_max: None, columns_max: None };
    let plain = Conditions::default();
    Conditions {
        confidence: entry.confidence.map_or(plain.confidence, ConfidenceName::confidence),
        secret: entry.secret_group.map_or(plain.secret, Secret::Group),
        entropy_above: entry.entropy_above,
        keywords: list(&entry.keywords),
        allow,
        required: list(&entry.required).into_iter().map(required).collect(),
        ..Conditions::default()
    }
}

fn precision(profile: &ProfileEntry) -> Precision {
    let plain = Precision::default();
    Precision {
        proximity: profile.proximity.as_ref().map(ProximityKeys::proximity),
        adjust: profile.adjust.iter().map(AdjustKeys::adjustment).collect(),
        exclude: exclusions(&profile.exclude_words, &profile.exclude_regexes),
        confidence_min: profile
            .confidence_min
            .map_or(plain.confidence_min, ConfidenceName::confidence),
        entropy_above: profile.entropy_above,
        instances: profile.instances.instances(),
    }
}

fn profile_config(profile: &ProfileEntry) -> ProfileConfig {
    let exceed = profile.matches_exceed.map(|count| count.saturating_add(1));
    ProfileConfig {
        precision: precision(profile),
        matches_min: exceed.unwrap_or(profile.matches_min),
        distinct_min: profile.distinct_min,
        within_bytes: profile.within_bytes,
        mask: profile.mask.map(MaskName::mask),
        payload_mask: profile.payload_mask.map(MaskName::mask),
        hold_from: match profile.hold_from {
            HoldFromName::FirstMatch => HoldFrom::FirstMatch,
            HoldFromName::Threshold => HoldFrom::Threshold,
        },
        ..ProfileConfig::new(profile.id.get_ref(), profile.entries.iter().cloned())
    }
}
