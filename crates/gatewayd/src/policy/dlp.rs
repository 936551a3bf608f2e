//! `dlp.toml`: from its text to the DLP scanner.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gateway_dlp::{
    Allowance, Bounds, BuildError, Case, Conditions, DatasetEntry, Dlp, DlpBuilder,
    FingerprintEntry, Limits, Precision, PredefinedProfile, ProfileConfig, RegexEntry, Required,
    Secret, WordsEntry,
};
use gateway_inspect::HoldFrom;
use serde::Deserialize;
use toml::Spanned;

use super::dlp_culprit::Culprit;
use super::dlp_files::Files;
use super::dlp_precision::{AdjustKeys, ConfidenceName, InstancesName, ProximityKeys, exclusions};
use super::{PolicyError, Problem, string_offset};
use crate::config::MaskName;
use crate::place::Place;
use crate::toml_file;

/// Percent of a document that a text must have if an entry does not say.
const SIMILARITY_MIN: u8 = 50;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DlpFile {
    #[serde(default)]
    predefined: Vec<Spanned<String>>,
    #[serde(default)]
    profile: Vec<ProfileEntry>,
    #[serde(default)]
    pub(super) entry: Vec<CustomEntry>,
    #[serde(default)]
    pub(super) rule_file: Vec<RuleFileEntry>,
}

/// One `[[rule_file]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFileEntry {
    pub(super) file: Spanned<PathBuf>,
    pub(super) profile: Option<Spanned<String>>,
}

/// What the file describes: the scanner, and what others can be built from.
#[derive(Clone, Debug)]
pub(crate) struct DlpPolicy {
    /// The scanner for all profiles.
    pub(crate) dlp: Dlp,
    /// What it is built from.
    pub(crate) builder: DlpBuilder,
}

impl DlpFile {
    /// Files that it names.
    fn named_files(&self) -> usize {
        let files = |entry: &&CustomEntry| entry.dataset.is_some() || entry.fingerprints.is_some();
        self.entry.iter().filter(files).count() + self.rule_file.len()
    }

    /// Where `id` is given last to an entry or a profile, if it is.
    fn offset_of(&self, id: Option<&str>) -> Option<usize> {
        let of_profiles = self.profile.iter().map(|profile| &profile.id);
        let of_entries = self.entry.iter().map(|entry| &entry.id);
        let of_files = self.rule_file.iter().filter_map(|file| file.profile.as_ref());
        let all = of_entries.chain(of_profiles).chain(of_files).chain(&self.predefined);
        let given = all.filter(|given| Some(given.get_ref().as_str()) == id);
        given.map(|given| given.span().start).max()
    }
}

/// One `[[profile]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileEntry {
    id: Spanned<String>,
    entries: Vec<String>,
    #[serde(default = "one")]
    matches_min: u32,
    matches_exceed: Option<u32>,
    #[serde(default = "one")]
    distinct_min: u32,
    within_bytes: Option<u64>,
    #[serde(default)]
    hold_from: HoldFromName,
    confidence_min: Option<ConfidenceName>,
    #[serde(default)]
    instances: InstancesName,
    entropy_above: Option<f64>,
    proximity: Option<ProximityKeys>,
    #[serde(default)]
    adjust: Vec<AdjustKeys>,
    #[serde(default)]
    exclude_words: Vec<String>,
    #[serde(default)]
    exclude_regexes: Vec<String>,
    mask: Option<MaskName>,
    payload_mask: Option<MaskName>,
}

const fn one() -> u32 {
    1
}

/// From when on bytes are held for a profile.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HoldFromName {
    FirstMatch,
    #[default]
    Threshold,
}

/// One `[[entry]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CustomEntry {
    pub(super) id: Spanned<String>,
    name: Option<String>,
    regex: Option<Spanned<String>>,
    words: Option<Vec<String>>,
    pub(super) dataset: Option<PathBuf>,
    pub(super) fingerprints: Option<PathBuf>,
    similarity_min: Option<u8>,
    case: Option<CaseName>,
    bounds: Option<BoundsName>,
    confidence: Option<ConfidenceName>,
    secret_group: Option<usize>,
    entropy_above: Option<f64>,
    keywords: Option<Vec<String>>,
    stop_words: Option<Vec<String>>,
    allow_regexes: Option<Vec<String>>,
    required: Option<Vec<String>>,
}

/// Whether case tells words apart.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CaseName {
    Insensitive,
    Sensitive,
}

/// Where words are found.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum BoundsName {
    Anywhere,
    WholeWords,
}

/// What `dlp.toml` in the folder `texts` describes, with the rule files that it names from the folder
/// `rest`; a scanner that looks for nothing where there is no such file.
///
/// # Errors
///
/// [`PolicyError`] with every problem of the file. What is not carried over of rule files is told
/// in `warnings`.
pub(crate) fn load(
    texts: &Path,
    rest: &Path,
    warnings: &mut Vec<Problem>,
) -> Result<DlpPolicy, PolicyError> {
    let file = texts.join("dlp.toml");
    let text = if file.exists() { toml_file::read(&file)? } else { String::new() };
    parse((&file, &text), rest, warnings)
}

/// The profiles of a new policy, for when no folder is named.
///
/// # Errors
///
/// [`PolicyError`], should the built-in text be wrong.
pub(crate) fn builtin() -> Result<DlpPolicy, PolicyError> {
    let file = (Path::new("built-in dlp.toml"), crate::state::DLP_TOML);
    parse(file, Path::new(""), &mut Vec::new())
}

fn parse(
    (file, text): (&Path, &str),
    rest: &Path,
    warnings: &mut Vec<Problem>,
) -> Result<DlpPolicy, PolicyError> {
    let contents: DlpFile = toml_file::parse(file, text)?;
    let place = |offset| Place::of(file, text, offset);
    let mut problems: Vec<Problem> =
        contents.entry.iter().filter_map(|entry| kind_problem(entry, &place)).collect();
    let exceed = |profile: &ProfileEntry| {
        let both = profile.matches_exceed.is_some() && profile.matches_min != one();
        let id = profile.id.get_ref().clone();
        both.then(|| Problem::ProfileCount { place: place(profile.id.span().start), profile: id })
    };
    problems.extend(contents.profile.iter().filter_map(exceed));
    if !problems.is_empty() {
        return Err(PolicyError::of_file(problems));
    }
    let mut predefined = Vec::with_capacity(contents.predefined.len());
    for id in &contents.predefined {
        match PredefinedProfile::find(id.get_ref()) {
            Ok(profile) => predefined.push(profile.config()),
            Err(source) => {
                problems.push(Problem::Dlp { place: place(id.span().start), source });
            }
        }
    }
    let files = Files::read(rest, &contents, &place, &mut problems, warnings);
    if !problems.is_empty() && files.count() < contents.named_files() {
        return Err(PolicyError::of_file(problems));
    }
    // What has a fault is taken out, or made harmless, until the rest builds, so that all faults
    // are told at once.
    let mut entries: Vec<(&CustomEntry, State)> =
        contents.entry.iter().map(|entry| (entry, State::Sound)).collect();
    let mut profiles: Vec<(&ProfileEntry, State)> =
        contents.profile.iter().map(|profile| (profile, State::Sound)).collect();
    loop {
        let builder = builder(&entries, &profiles, &predefined, &files);
        let source = match builder.build(&Limits::default()) {
            Ok(dlp) if problems.is_empty() => return Ok(DlpPolicy { dlp, builder }),
            Ok(_) => return Err(PolicyError::of_file(problems)),
            Err(source) => source,
        };
        let culprit = Culprit::of(&source);
        let offset = match culprit {
            Culprit::Entry(id) => take_last(&mut entries, |entry| entry.id.get_ref() == id)
                .map(|entry| entry_offset(entry, &source, text)),
            Culprit::Profile(id) => take_last(&mut profiles, |profile| profile.id.get_ref() == id)
                .map(|profile| profile.id.span().start),
            Culprit::Id(_) | Culprit::Unknown => None,
        };
        let at = offset.unwrap_or_else(|| contents.offset_of(culprit.id()).unwrap_or(0));
        problems.push(files.problem(place(at), source));
        if offset.is_none() {
            return Err(PolicyError::of_file(problems));
        }
    }
}

/// Whether an entry or a profile has shown a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Sound,
    Faulty,
}

/// Marks the last sound one that `is` is true of.
fn take_last<T: Copy>(list: &mut [(T, State)], is: impl Fn(T) -> bool) -> Option<T> {
    let found = list.iter_mut().rev().find(|(one, state)| *state == State::Sound && is(*one))?;
    found.1 = State::Faulty;
    Some(found.0)
}

fn kind_problem(entry: &CustomEntry, place: &impl Fn(usize) -> Place) -> Option<Problem> {
    let at = || place(entry.id.span().start);
    let id = || entry.id.get_ref().clone();
    let kinds = [
        entry.regex.is_some(),
        entry.words.is_some(),
        entry.dataset.is_some(),
        entry.fingerprints.is_some(),
    ];
    if kinds.into_iter().filter(|is_set| *is_set).count() != 1 {
        return Some(Problem::EntryKind { place: at(), entry: id() });
    }
    let of_words = [("case", entry.case.is_some()), ("bounds", entry.bounds.is_some())];
    let of_regexes = [
        ("confidence", entry.confidence.is_some()),
        ("secret_group", entry.secret_group.is_some()),
        ("entropy_above", entry.entropy_above.is_some()),
        ("keywords", entry.keywords.is_some()),
        ("stop_words", entry.stop_words.is_some()),
        ("allow_regexes", entry.allow_regexes.is_some()),
        ("required", entry.required.is_some()),
    ];
    let first = |settings: &[(&'static str, bool)]| {
        settings.iter().find(|(_, is_set)| *is_set).map(|(setting, _)| *setting)
    };
    let of_words = first(&of_words).filter(|_| entry.words.is_none()).map(|it| (it, "words"));
    let of_regexes = first(&of_regexes).filter(|_| entry.regex.is_none()).map(|it| (it, "regex"));
    let of_documents = entry.similarity_min.filter(|_| entry.fingerprints.is_none());
    let of_documents = of_documents.map(|_| ("similarity_min", "fingerprints"));
    let (setting, of) = of_words.or(of_regexes).or(of_documents)?;
    Some(Problem::EntrySetting { place: at(), entry: id(), setting, of })
}

/// Where in the file the fault of `entry` is: within its pattern, if it can be told.
fn entry_offset(entry: &CustomEntry, source: &BuildError, text: &str) -> usize {
    match (&entry.regex, source) {
        (Some(regex), BuildError::Syntax { at, .. }) => {
            string_offset::in_file(text, regex.span(), at.start)
        }
        (Some(regex), BuildError::MatchesEmpty { .. }) => regex.span().start,
        _ => entry.id.span().start,
    }
}

fn builder(
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
