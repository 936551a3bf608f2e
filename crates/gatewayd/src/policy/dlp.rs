//! `dlp.toml`: from its text to the DLP scanner.

use std::path::Path;

use gateway_dlp::{
    Bounds, BuildError, Case, Dlp, DlpBuilder, Limits, PredefinedProfile, ProfileConfig,
    RegexEntry, WordsEntry,
};
use gateway_inspect::HoldFrom;
use serde::Deserialize;
use toml::Spanned;

use super::{PolicyError, Problem, string_offset};
use crate::place::Place;
use crate::toml_file;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DlpFile {
    #[serde(default)]
    predefined: Vec<Spanned<String>>,
    #[serde(default)]
    profile: Vec<ProfileEntry>,
    #[serde(default)]
    entry: Vec<CustomEntry>,
}

/// One `[[profile]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileEntry {
    id: Spanned<String>,
    entries: Vec<String>,
    #[serde(default = "one")]
    matches_min: u32,
    #[serde(default = "one")]
    distinct_min: u32,
    within_bytes: Option<u64>,
    #[serde(default)]
    hold_from: HoldFromName,
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
struct CustomEntry {
    id: Spanned<String>,
    name: Option<String>,
    regex: Option<Spanned<String>>,
    words: Option<Vec<String>>,
    case: Option<CaseName>,
    bounds: Option<BoundsName>,
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

/// The scanner that `dlp.toml` in the policy folder `dir` describes; one that looks for nothing
/// where there is no such file.
///
/// # Errors
///
/// [`PolicyError`] with every problem of the file.
pub(crate) fn load(dir: &Path) -> Result<Dlp, PolicyError> {
    let file = dir.join("dlp.toml");
    let text = if file.exists() { toml_file::read(&file)? } else { String::new() };
    parse(&file, &text)
}

/// The scanner of a new policy, for when no folder is named.
///
/// # Errors
///
/// [`PolicyError`], should the built-in text be wrong.
pub(crate) fn builtin() -> Result<Dlp, PolicyError> {
    parse(Path::new("built-in dlp.toml"), crate::state::DLP_TOML)
}

fn parse(file: &Path, text: &str) -> Result<Dlp, PolicyError> {
    let contents: DlpFile = toml_file::parse(file, text)?;
    let place = |offset| Place::of(file, text, offset);
    let mut problems: Vec<Problem> =
        contents.entry.iter().filter_map(|entry| kind_problem(entry, &place)).collect();
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
    // What has a fault is taken out, or made harmless, until the rest builds, so that all faults
    // are told at once.
    let mut entries: Vec<(&CustomEntry, State)> =
        contents.entry.iter().map(|entry| (entry, State::Sound)).collect();
    let mut profiles: Vec<(&ProfileEntry, State)> =
        contents.profile.iter().map(|profile| (profile, State::Sound)).collect();
    loop {
        let source = match build(&entries, &profiles, &predefined) {
            Ok(dlp) if problems.is_empty() => return Ok(dlp),
            Ok(_) => return Err(PolicyError::of_file(problems)),
            Err(source) => source,
        };
        let culprit = Culprit::of(&source);
        let offset = match culprit {
            Culprit::Entry(id) => take_last(&mut entries, |entry| entry.id.get_ref() == id)
                .map(|entry| entry_offset(entry, &source, text)),
            Culprit::Profile(id) => take_last(&mut profiles, |profile| profile.id.get_ref() == id)
                .map(|profile| profile.id.span().start),
            Culprit::Unknown => None,
        };
        problems.push(Problem::Dlp { place: place(offset.unwrap_or(0)), source });
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

/// What an error is about.
enum Culprit<'a> {
    Entry(&'a str),
    Profile(&'a str),
    Unknown,
}

impl<'a> Culprit<'a> {
    fn of(error: &'a BuildError) -> Self {
        match error {
            BuildError::DuplicateEntry { entry }
            | BuildError::EmptyWord { entry, .. }
            | BuildError::LongWord { entry, .. }
            | BuildError::MatchesEmpty { entry }
            | BuildError::MatchesNothing { entry }
            | BuildError::Syntax { entry, .. }
            | BuildError::TooLarge { entry, .. }
            | BuildError::TooManyWords { entry, .. }
            | BuildError::UnicodeWordBoundary { entry } => Self::Entry(entry),
            BuildError::DuplicateProfile { profile }
            | BuildError::EmptyProfile { profile }
            | BuildError::RepeatedEntry { profile, .. }
            | BuildError::Threshold { profile, .. }
            | BuildError::UnknownEntry { profile, .. } => Self::Profile(profile),
            _ => Self::Unknown,
        }
    }
}

fn kind_problem(entry: &CustomEntry, place: &impl Fn(usize) -> Place) -> Option<Problem> {
    let at = || place(entry.id.span().start);
    let id = || entry.id.get_ref().clone();
    if entry.regex.is_some() == entry.words.is_some() {
        return Some(Problem::EntryKind { place: at(), entry: id() });
    }
    let setting = match (entry.case, entry.bounds) {
        (Some(_), _) => "case",
        (None, Some(_)) => "bounds",
        (None, None) => return None,
    };
    entry.regex.as_ref().map(|_| Problem::EntrySetting { place: at(), entry: id(), setting })
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

fn build(
    entries: &[(&CustomEntry, State)],
    profiles: &[(&ProfileEntry, State)],
    predefined: &[ProfileConfig],
) -> Result<Dlp, BuildError> {
    let mut builder = predefined.iter().cloned().fold(DlpBuilder::new(), DlpBuilder::profile);
    for (entry, state) in entries {
        let id = entry.id.get_ref();
        let name = entry.name.as_ref().unwrap_or(id);
        builder = match (state, &entry.regex, &entry.words) {
            // Profiles may name it all the same.
            (State::Faulty, ..) => builder.words(WordsEntry::new(id, name, ["x"])),
            (State::Sound, Some(regex), _) => {
                builder.regex(RegexEntry::new(id, name, regex.get_ref()))
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
    builder.build(&Limits::default())
}

fn profile_config(profile: &ProfileEntry) -> ProfileConfig {
    ProfileConfig {
        matches_min: profile.matches_min,
        distinct_min: profile.distinct_min,
        within_bytes: profile.within_bytes,
        hold_from: match profile.hold_from {
            HoldFromName::FirstMatch => HoldFrom::FirstMatch,
            HoldFromName::Threshold => HoldFrom::Threshold,
        },
        ..ProfileConfig::new(profile.id.get_ref(), profile.entries.iter().cloned())
    }
}
