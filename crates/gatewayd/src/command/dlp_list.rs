//! `gateway-proxy dlp list`: what can be looked for, and where it comes from.

use std::io::{self, Write};
use std::path::Path;

use gateway_dlp::rule_file::{Extent, RuleFile};
use gateway_dlp::{Category, Detector, Dlp, SourceKind, detectors, predefined_profiles};

/// Lists detectors and predefined profiles, then what `policy` adds, if it is there.
///
/// # Errors
///
/// Writing failed.
pub(super) fn list(policy: Option<&Dlp>, out: &mut impl Write) -> io::Result<()> {
    for detector in detectors() {
        let source = format!("built in, {}", category(detector.category()));
        row(out, "detector", detector.id(), &source, detector.name())?;
    }
    for kind in SourceKind::ALL {
        row(out, "language", kind.id(), "built in, source code", kind.name())?;
    }
    for profile in predefined_profiles() {
        let source = match (profile.detectors().count(), profile.sources().len()) {
            (0, languages) => format!("built in, {languages} languages"),
            (detectors, _) => format!("built in, {detectors} detectors"),
        };
        row(out, "profile", profile.id(), &source, profile.name())?;
    }
    let Some(dlp) = policy else { return out.flush() };
    for entry in dlp.entries().filter(|entry| !is_built_in(&entry.id)) {
        row(out, "entry", &entry.id, "policy", &entry.name)?;
    }
    for profile in dlp.profiles() {
        let counts = |entry: &&std::sync::Arc<gateway_inspect::Entry>| {
            entry.profiles.iter().any(|of| of.id == profile.id)
        };
        let source = format!("policy, {} entries", dlp.entries().filter(counts).count());
        row(out, "profile", &profile.id, &source, "")?;
    }
    out.flush()
}

/// Lists the rules of a file, then what of them is not carried over, and how many are loaded.
///
/// # Errors
///
/// Writing failed.
pub(super) fn list_rules(file: &Path, rules: &RuleFile, out: &mut impl Write) -> io::Result<()> {
    let source = file.display().to_string();
    for entry in &rules.regexes {
        row(out, "rule", &entry.id, &source, &entry.name)?;
    }
    for entry in &rules.paths {
        row(out, "rule", &entry.id, &source, &entry.name)?;
    }
    for not in &rules.not_carried {
        let extent = match not.extent {
            Extent::Whole => "not carried",
            Extent::Part => "carried without",
        };
        let detail = if not.detail.is_empty() { "" } else { ": " };
        writeln!(out, "{extent}: `{}`: {}{detail}{}", not.rule, not.reason, not.detail)?;
    }
    writeln!(out, "{source}: {rules}")?;
    out.flush()
}

/// Whether an entry is a detector or a language of source code.
fn is_built_in(id: &str) -> bool {
    Detector::find(id).is_some() || SourceKind::ALL.iter().any(|kind| kind.id() == id)
}

fn row(out: &mut impl Write, kind: &str, id: &str, source: &str, name: &str) -> io::Result<()> {
    let name = name.lines().next().unwrap_or_default();
    writeln!(out, "{kind:<9} {id:<36} {source:<28} {name}")
}

const fn category(category: Category) -> &'static str {
    match category {
        Category::Credentials => "credentials and secrets",
        Category::Financial => "financial",
        Category::General => "general",
        Category::Health => "health",
        Category::Identity => "identity",
        Category::Personal => "contact",
        _ => "other",
    }
}
