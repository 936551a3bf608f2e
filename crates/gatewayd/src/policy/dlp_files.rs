//! The files that `dlp.toml` names: datasets, fingerprints, and rule files of other scanners.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use gateway_dlp::BuildError;
use gateway_dlp::dataset::Dataset;
use gateway_dlp::fingerprint::Fingerprints;
use gateway_dlp::rule_file::RuleFile;

use super::dlp::{CustomEntry, DlpFile, RuleFileEntry};
use super::rule_files::{NoRules, RuleFileFault};
use super::{Problem, dataset_file, fingerprint_file, rule_files};
use crate::place::Place;

/// What is read from other files.
pub(super) struct Files {
    /// Rule files, each with the profile that its rules make.
    pub(super) rules: Vec<(RuleFile, Option<String>)>,
    /// Datasets, by entry.
    pub(super) datasets: BTreeMap<String, Arc<Dataset>>,
    /// Fingerprints, by entry.
    pub(super) fingerprints: BTreeMap<String, Arc<Fingerprints>>,
}

impl Files {
    /// Those that `contents` names, from the folder `dir`. What is wrong with them goes to `problems`, and
    /// what is not carried over of rule files to `warnings`.
    pub(super) fn read(
        dir: &Path,
        contents: &DlpFile,
        place: &impl Fn(usize) -> Place,
        problems: &mut Vec<Problem>,
        warnings: &mut Vec<Problem>,
    ) -> Self {
        Self {
            rules: read_rule_files(dir, &contents.rule_file, place, problems, warnings),
            datasets: read_datasets(dir, &contents.entry, place, problems),
            fingerprints: read_fingerprints(dir, &contents.entry, place, problems),
        }
    }

    /// What is wrong at `place`: if it is that an entry is not there, why rule files do not have it.
    pub(super) fn problem(&self, place: Place, source: BuildError) -> Problem {
        if let BuildError::UnknownEntry { profile, entry, .. } = &source {
            let mut left_out = self.rules.iter().flat_map(|(file, _)| file.left_out());
            if let Some(not) = left_out.find(|not| not.rule == *entry) {
                let detail = if not.detail.is_empty() { "" } else { ": " };
                let reason = format!("{}{detail}{}", not.reason, not.detail);
                let (profile, rule) = (profile.clone(), entry.clone());
                return Problem::RuleLeftOut { place, profile, rule, reason };
            }
        }
        Problem::Dlp { place, source }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.rules.len() + self.datasets.len() + self.fingerprints.len()
    }
}

/// The datasets that entries name, by entry.
fn read_datasets(
    dir: &Path,
    entries: &[CustomEntry],
    place: &impl Fn(usize) -> Place,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, Arc<Dataset>> {
    let mut datasets = BTreeMap::new();
    for entry in entries {
        let Some(file) = &entry.dataset else { continue };
        let id = entry.id.get_ref().clone();
        match dataset_file::read(&dir.join(file)) {
            Ok(dataset) => {
                datasets.insert(id, Arc::new(dataset));
            }
            Err(source) => {
                let place = place(entry.id.span().start);
                problems.push(Problem::Dataset { place, entry: id, source });
            }
        }
    }
    datasets
}

/// The fingerprints that entries name, by entry.
fn read_fingerprints(
    dir: &Path,
    entries: &[CustomEntry],
    place: &impl Fn(usize) -> Place,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, Arc<Fingerprints>> {
    let mut all = BTreeMap::new();
    for entry in entries {
        let Some(file) = &entry.fingerprints else { continue };
        let id = entry.id.get_ref().clone();
        match fingerprint_file::read(&dir.join(file)) {
            Ok(fingerprints) => {
                all.insert(id, Arc::new(fingerprints));
            }
            Err(source) => {
                let place = place(entry.id.span().start);
                problems.push(Problem::Fingerprints { place, entry: id, source });
            }
        }
    }
    all
}

/// The rule files that are named, each with the profile that its rules make.
fn read_rule_files(
    dir: &Path,
    named: &[RuleFileEntry],
    place: &impl Fn(usize) -> Place,
    problems: &mut Vec<Problem>,
    warnings: &mut Vec<Problem>,
) -> Vec<(RuleFile, Option<String>)> {
    let mut files = Vec::with_capacity(named.len());
    for entry in named {
        let path = dir.join(entry.file.get_ref());
        match rule_files::read(&path) {
            Ok(rules) => {
                if rules.ids().next().is_none() && entry.profile.is_some() {
                    let place = place(entry.file.span().start);
                    let source = RuleFileFault::Nothing(NoRules::of(&path, &rules));
                    problems.push(Problem::RuleFile { place, source });
                    continue;
                }
                if !rules.not_carried.is_empty() {
                    let report = rules.to_string();
                    warnings.push(Problem::RulesNotCarried { path, report });
                }
                let profile = entry.profile.as_ref().map(|profile| profile.get_ref().clone());
                files.push((rules, profile));
            }
            Err(source) => {
                let place = place(entry.file.span().start);
                problems.push(Problem::RuleFile { place, source });
            }
        }
    }
    files
}
