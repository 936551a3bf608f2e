//! `dlp.toml`: from its text to the DLP scanner.

mod build;

use std::path::{Path, PathBuf};

use gateway_dlp::{BuildError, Dlp, DlpBuilder, Limits, PredefinedProfile};
use serde::Deserialize;
use toml::Spanned;

use self::build::builder;
use super::dlp_culprit::Culprit;
use super::dlp_files::Files;
use super::dlp_precision::{AdjustKeys, ConfidenceName, InstancesName, ProximityKeys};
use super::{PolicyError, Problem, string_offset};
use crate::config::MaskName;
use crate::place::Place;
use crate::toml_file;

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
