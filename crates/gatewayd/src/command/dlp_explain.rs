//! `gateway-proxy dlp explain`: how a detector, a language, a profile, an entry of a policy or a rule of
//! a rule file works.

use std::error::Error;
use std::io::{self, Write};

use gateway_dlp::rule_file::RuleFile;
use gateway_dlp::{
    Change, Conditions, Detector, Exclusion, Instances, Precision, PredefinedProfile,
    ProfileConfig, Proximity, RegexEntry, SourceKind,
};
use gateway_inspect::{Confidence, Entry, HoldFrom};

use super::dlp_choice;
use crate::policy::DlpPolicy;
use crate::toml_file;

/// Explains what `policy` or the program has of the id; of the same id, a profile of the policy comes
/// first.
///
/// # Errors
///
/// There is nothing of the id, or writing failed.
pub(super) fn built_in_or_own(
    policy: Option<&DlpPolicy>,
    id: &str,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let mut own = policy.into_iter().flat_map(|policy| policy.builder.profiles());
    if let Some(config) = own.find(|config| config.id == id) {
        writeln!(out, "`{id}`: a profile of the policy")?;
        return Ok(profile(policy, config, out)?);
    }
    if let Ok(predefined) = PredefinedProfile::find(id) {
        writeln!(out, "`{id}`: {}, a profile that is built in", predefined.name())?;
        return Ok(profile(policy, &predefined.config(), out)?);
    }
    if let Some(one) = Detector::find(id) {
        return Ok(detector(one, out)?);
    }
    if let Some(kind) = SourceKind::ALL.into_iter().find(|kind| kind.id() == id) {
        return Ok(language(kind, out)?);
    }
    let mut entries = policy.into_iter().flat_map(|policy| policy.dlp.entries());
    if let Some(entry) = entries.find(|entry| *entry.id == *id) {
        return Ok(own_entry(entry, out)?);
    }
    Err(unknown(id, dlp_choice::known(policy)).into())
}

/// Explains a rule of a rule file.
///
/// # Errors
///
/// There is none of the id, or writing failed.
pub(super) fn rule(rules: &RuleFile, id: &str, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let found = rules.regexes.iter().find(|entry| entry.id == id);
    let entry = found.ok_or_else(|| unknown(id, rules.ids()))?;
    Ok(explain_rule(rules, entry, out)?)
}

fn unknown<'a>(id: &str, known: impl Iterator<Item = &'a str>) -> String {
    let meant = toml_file::nearest(id, known);
    let hint = meant.map(|meant| format!(", did you mean `{meant}`?")).unwrap_or_default();
    format!("no entry and no profile `{id}`{hint}")
}

/// By what a language is told.
fn language(kind: SourceKind, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "`{}`: {}", kind.id(), kind.name())?;
    writeln!(
        out,
        "\nFound are files, and pieces that are long enough to tell. Of the last 64 lines that are\n\
         neither empty nor comments, ten must begin as lines of the language do, in five different\n\
         ways, and be one in four at least (of C and C++ one in eight, if most others end as code\n\
         does), and more by a fifth than those of any other language. Found once in a part, with\n\
         medium confidence.\n\n\
         Lines begin so, whatever stands behind: W is any word, S a text in quotes, 0 a number, ..\n\
         anything up to what follows, $ the end of the line, ~ one that does not go on."
    )?;
    for form in kind.line_forms() {
        writeln!(out, "    {form}")?;
    }
    out.flush()
}

/// What an entry of a policy is; what it looks for may be a secret itself.
fn own_entry(entry: &Entry, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "`{}`: {}, an entry of the policy", entry.id, entry.name)?;
    let profiles: Vec<&str> = entry.profiles.iter().map(|profile| &*profile.id).collect();
    list_of(out, "Counted by", &profiles)?;
    out.flush()
}

/// When a profile matches, and what it counts.
fn profile(
    policy: Option<&DlpPolicy>,
    config: &ProfileConfig,
    out: &mut impl Write,
) -> io::Result<()> {
    let ProfileConfig { matches_min, distinct_min, within_bytes, hold_from, .. } = config;
    let findings = if *matches_min == 1 { "finding" } else { "findings" };
    write!(out, "Matches: from {matches_min} {findings} of its entries on")?;
    if *distinct_min > 1 {
        write!(out, ", {distinct_min} different entries among them")?;
        if let Some(bytes) = within_bytes {
            write!(out, " that start within {bytes} bytes of one part")?;
        }
    }
    writeln!(out)?;
    match hold_from {
        HoldFrom::FirstMatch => writeln!(out, "Holds: from its first finding on")?,
        HoldFrom::Threshold => writeln!(out, "Holds: from the finding on that makes it match")?,
    }
    precision(&config.precision, out)?;
    writeln!(out, "Entries: {}", config.entries.len())?;
    for id in &config.entries {
        writeln!(out, "    {id:<36} {}", name(policy, id))?;
    }
    out.flush()
}

/// What a profile makes of findings before it counts them.
fn precision(precision: &Precision, out: &mut impl Write) -> io::Result<()> {
    match precision.confidence_min {
        Confidence::Low => {}
        Confidence::Medium => writeln!(out, "Confidence: medium or high")?,
        Confidence::High => writeln!(out, "Confidence: high")?,
    }
    if let Some(bits) = precision.entropy_above {
        writeln!(out, "Entropy: more than {bits} bits a character")?;
    }
    if precision.instances == Instances::Different {
        writeln!(out, "Instances: equal values of an entry count once in a part")?;
    }
    if let Some(Proximity { keywords, before_bytes, after_bytes }) = &precision.proximity {
        let own = "those that detectors bring".to_owned();
        let keywords = if keywords.is_empty() { own } else { keywords.join(", ") };
        let around = format!("{before_bytes} bytes before, {after_bytes} behind");
        writeln!(out, "Surer by keywords ({around}): {keywords}")?;
    }
    for adjustment in &precision.adjust {
        let does = match adjustment.change {
            Change::Raise(steps) => format!("{steps} surer"),
            Change::Lower(steps) => format!("{steps} less sure"),
            Change::Set(Confidence::Low) => "low".to_owned(),
            Change::Set(Confidence::Medium) => "medium".to_owned(),
            Change::Set(Confidence::High) => "high".to_owned(),
            Change::Exclude => "not counted".to_owned(),
        };
        let (before, after) = (adjustment.before_bytes, adjustment.after_bytes);
        let pattern = &adjustment.pattern;
        writeln!(out, "Adjusted ({before} bytes before, {after} behind), {does}: {pattern}")?;
    }
    let words = precision.exclude.iter().map(|exclusion| match exclusion {
        Exclusion::Words(words) => words.len(),
        Exclusion::Regex(_) => 0,
    });
    let patterns = precision.exclude.iter().filter(|one| matches!(one, Exclusion::Regex(_)));
    match (words.sum::<usize>(), patterns.count()) {
        (0, 0) => Ok(()),
        (words, patterns) => writeln!(out, "Not counted: {words} words, {patterns} expressions"),
    }
}

/// The name of an entry, for people.
fn name(policy: Option<&DlpPolicy>, id: &str) -> String {
    let kind = SourceKind::ALL.into_iter().find(|kind| kind.id() == id);
    let mut entries = policy.into_iter().flat_map(|policy| policy.dlp.entries());
    let own = || entries.find(|entry| *entry.id == *id).map(|entry| entry.name.to_string());
    let detector = Detector::find(id).map(|detector| detector.name().to_owned());
    let name = detector.or_else(|| kind.map(|kind| kind.name().to_owned())).or_else(own);
    name.unwrap_or_default().lines().next().unwrap_or_default().to_owned()
}

/// The manual page of a detector.
fn detector(detector: &Detector, out: &mut impl Write) -> io::Result<()> {
    for line in detector.manual() {
        writeln!(out, "{line}")?;
    }
    writeln!(out)?;
    list_of(out, "Validators", detector.validators())?;
    list_of(out, "Keywords", detector.keywords())?;
    writeln!(out, "Longest: {} bytes", detector.match_bytes_max())?;
    writeln!(out, "Pattern: {}", detector.pattern())?;
    for example in detector.examples() {
        let text = example.text.replace('\n', "\\n");
        match example.found {
            [] => writeln!(out, "Not found in: {text}")?,
            found => writeln!(out, "Found in: {text}\n    {}", found.join("\n    "))?,
        }
    }
    out.flush()
}

/// What a rule of a file asks for.
fn explain_rule(rules: &RuleFile, entry: &RegexEntry, out: &mut impl Write) -> io::Result<()> {
    let Conditions { entropy_above, keywords, path, allow, required, .. } = &entry.conditions;
    writeln!(out, "`{}`: {}", entry.id, entry.name)?;
    writeln!(out, "Pattern: {}", entry.pattern)?;
    if let Some(bits) = entropy_above {
        writeln!(out, "Entropy: more than {bits} bits a character")?;
    }
    list_of(out, "Keywords", keywords)?;
    if let Some(path) = path {
        writeln!(out, "Path: {path}")?;
    }
    if !allow.is_empty() {
        writeln!(out, "Allow-lists: {}", allow.len())?;
    }
    let required: Vec<&str> = required.iter().map(|required| &*required.entry).collect();
    list_of(out, "Requires", &required)?;
    for not in rules.not_carried.iter().filter(|not| not.rule == entry.id) {
        writeln!(out, "Without: {} {}", not.reason, not.detail)?;
    }
    for example in rules.examples.iter().filter(|example| example.rule == entry.id) {
        let says = if example.is_found { "Found in" } else { "Not found in" };
        writeln!(out, "{says}: {}", example.text.trim_end().replace('\n', "\\n"))?;
    }
    out.flush()
}

fn list_of<S: AsRef<str>>(out: &mut impl Write, title: &str, list: &[S]) -> io::Result<()> {
    if list.is_empty() {
        return Ok(());
    }
    let list: Vec<&str> = list.iter().map(AsRef::as_ref).collect();
    writeln!(out, "{title}: {}", list.join(", "))
}
