//! `gateway-proxy dlp eval`: JSON lines in, one JSON line out for each, in order.
//!
//! A request is an object: `text` is what is scanned; `rules` is a rule file of gitleaks,
//! kingfisher or noseyparker, or `profiles` the ids of profiles of the policy, of predefined
//! profiles or of detectors; without both, all profiles of the policy, or all detectors. `path` is
//! the path that the part has, `chunk` the number of bytes that are scanned at a time.
//!
//! An answer is `{"findings": [{"id", "start", "end", "confidence", "keywords", "validators"}]}`, with
//! `failed` behind `validators` where a name alone made up for validators that failed, in
//! the order of the places, with byte offsets; or `{"error": {"kind", "message"}}`.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use gateway_dlp::{
    BuildError, Detector, Dlp, DlpBuilder, Limits, Precision, PredefinedProfile, ProfileConfig,
    Proximity, SCANNER, detectors,
};
use gateway_inspect::{
    Chain, Confidence, Examiner, Finding, Findings, Part, PartKind, Place, Unscannable, Wanted,
};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::policy::rule_files::{self, RuleFileFault};

/// Findings of one text; more are an error.
const FINDINGS_MAX: usize = 100_000;
/// Scanners that are kept; with more, all are forgotten.
const SCANNERS_MAX: usize = 64;

/// Answers every line of `input` on `output`; `policy` is the scanner of a policy folder, if one is
/// named. Blank lines are passed over.
///
/// # Errors
/// Reading or writing failed; a faulty request is answered instead.
pub(super) fn run(
    policy: Option<Dlp>,
    input: impl BufRead,
    mut output: impl Write,
) -> io::Result<()> {
    let mut scanners = Scanners::new(policy);
    for line in input.split(b'\n') {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer = scanners.answer(&line).unwrap_or_else(|fault| fault.to_json());
        writeln!(output, "{answer}")?;
    }
    output.flush()
}

/// One request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    pub(super) text: String,
    pub(super) rules: Option<PathBuf>,
    pub(super) profiles: Option<Vec<String>>,
    pub(super) path: Option<String>,
    pub(super) chunk: Option<NonZeroUsize>,
}

/// Why a request cannot be answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("the request is not understood: {0}")]
    Request(#[from] serde_json::Error),
    #[error("expected one of `rules` and `profiles`, not both")]
    Both,
    #[error("no profile and no detector `{id}`{}", hint(.meant.as_deref()))]
    UnknownProfile { id: String, meant: Option<String> },
    #[error(transparent)]
    Rules(#[from] RuleFileFault),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error("the text cannot be scanned: {0}")]
    Unscannable(Unscannable),
    #[error("more than {FINDINGS_MAX} findings")]
    TooMany,
}

fn hint(meant: Option<&str>) -> String {
    meant.map(|id| format!(", did you mean `{id}`?")).unwrap_or_default()
}

impl Fault {
    fn to_json(&self) -> Json {
        let kind = match self {
            Self::Request(_) | Self::Both => "request",
            Self::UnknownProfile { .. } => "profiles",
            Self::Rules(_) => "rules",
            Self::Build(_) => "build",
            Self::Unscannable(_) | Self::TooMany => "text",
        };
        json!({"error": {"kind": kind, "message": self.to_string()}})
    }
}

/// What a scanner looks for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Wish {
    Rules(PathBuf),
    /// Predefined profiles and detectors.
    Predefined(Vec<String>),
}

/// The scanners that were asked for, so that many lines need one of them once.
pub(super) struct Scanners {
    policy: Option<Dlp>,
    built: BTreeMap<Wish, Dlp>,
}

impl Scanners {
    /// Those of a policy, if there is one, and more as they are asked for.
    pub(super) const fn new(policy: Option<Dlp>) -> Self {
        Self { policy, built: BTreeMap::new() }
    }

    fn answer(&mut self, line: &[u8]) -> Result<Json, Fault> {
        let request: Request = serde_json::from_slice(line)?;
        let (dlp, findings) = self.find(&request)?;
        let text = request.text.as_bytes();
        let findings: Vec<Json> =
            findings.iter().map(|finding| to_json(&dlp, finding, text)).collect();
        Ok(json!({ "findings": findings }))
    }

    /// What is found for a request, by place, and by which scanner.
    pub(super) fn find(&mut self, request: &Request) -> Result<(Dlp, Vec<Finding>), Fault> {
        let (dlp, wanted) = self.scanner(request.rules.clone(), request.profiles.clone())?;
        let path = request.path.clone().unwrap_or_default();
        let findings = scan(&dlp, &wanted, request.text.as_bytes(), path, request.chunk)?;
        Ok((dlp, findings))
    }

    /// The scanner for a request, and what is wanted of it.
    fn scanner(
        &mut self,
        rules: Option<PathBuf>,
        profiles: Option<Vec<String>>,
    ) -> Result<(Dlp, Wanted), Fault> {
        let wish = match (rules, profiles) {
            (Some(_), Some(_)) => return Err(Fault::Both),
            (Some(file), None) => Wish::Rules(file),
            (None, profiles) => {
                let of_policy = |id: &String| {
                    let mut all = self.policy.iter().flat_map(Dlp::profiles);
                    all.any(|profile| *profile.id == **id)
                };
                match (&self.policy, profiles) {
                    (Some(dlp), None) => return Ok((dlp.clone(), Wanted::all())),
                    (Some(dlp), Some(ids)) if ids.iter().all(of_policy) => {
                        let ids = ids.iter().map(|id| format!("{SCANNER}.{id}"));
                        return Ok((dlp.clone(), ids.collect()));
                    }
                    (_, ids) => Wish::Predefined(ids.unwrap_or_default()),
                }
            }
        };
        if let Some(dlp) = self.built.get(&wish) {
            return Ok((dlp.clone(), Wanted::all()));
        }
        let dlp = match &wish {
            Wish::Rules(file) => of_rules(file)?,
            Wish::Predefined(ids) => of_predefined(ids)?,
        };
        if self.built.len() >= SCANNERS_MAX {
            self.built.clear();
        }
        self.built.insert(wish, dlp.clone());
        Ok((dlp, Wanted::all()))
    }
}

/// A scanner for the rules of `file`.
fn of_rules(file: &Path) -> Result<Dlp, Fault> {
    let rules = rule_files::read(file)?;
    let builder = rules.add_to(DlpBuilder::new()).profile(rules.profile("rules"));
    Ok(builder.build(&Limits::default())?)
}

/// A scanner for predefined profiles and detectors of these ids; for all detectors, if there are
/// none. Keywords near findings make them surer.
fn of_predefined(ids: &[String]) -> Result<Dlp, Fault> {
    let mut entries: Vec<&str> = Vec::new();
    for id in ids {
        match (Detector::find(id), PredefinedProfile::find(id)) {
            (Ok(detector), _) => entries.push(detector.id()),
            (_, Ok(profile)) => entries.extend(profile.detectors().map(Detector::id)),
            (Err(meant), _) => {
                let (id, meant) = (id.clone(), meant.map(str::to_owned));
                return Err(Fault::UnknownProfile { id, meant });
            }
        }
    }
    if ids.is_empty() {
        entries.extend(detectors().iter().map(Detector::id));
    }
    entries.sort_unstable();
    entries.dedup();
    let proximity = Some(Proximity::default());
    let precision = Precision { proximity, ..Precision::default() };
    let profile = ProfileConfig { precision, ..ProfileConfig::new("eval", entries) };
    Ok(DlpBuilder::new().profile(profile).build(&Limits::default())?)
}

/// What is found in `text`, by place.
fn scan(
    dlp: &Dlp,
    wanted: &Wanted,
    text: &[u8],
    path: String,
    chunk: Option<NonZeroUsize>,
) -> Result<Vec<Finding>, Fault> {
    let mut part = Part::root(PartKind::Text, None);
    part.name = path;
    let limits = gateway_inspect::Limits {
        findings_max: FINDINGS_MAX,
        ..gateway_inspect::Limits::default()
    };
    let mut chain = Chain::new(dlp.open(&part, wanted), &limits);
    let mut found = Findings::new(FINDINGS_MAX);
    for piece in text.chunks(chunk.map_or(usize::MAX, NonZeroUsize::get)) {
        chain.push(piece, &mut found);
    }
    let outcome = chain.finish(&mut found);
    if found.missed() > 0 {
        return Err(Fault::TooMany);
    }
    if let Some(reason) = outcome.unscannable {
        return Err(Fault::Unscannable(reason));
    }
    let mut findings: Vec<Finding> = found.drain().collect();
    findings
        .sort_by(|one, other| (place(one), &one.entry.id).cmp(&(place(other), &other.entry.id)));
    Ok(findings)
}

/// The bytes that a finding is about; none of a part as a whole.
pub(super) fn place(finding: &Finding) -> (u64, u64) {
    match finding.place {
        Place::Content { span, .. } => (span.start.as_u64(), span.end.as_u64()),
        Place::Structural { .. } => (0, 0),
    }
}

/// The name of a confidence.
const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

fn to_json(dlp: &Dlp, finding: &Finding, text: &[u8]) -> Json {
    let (start, end) = place(finding);
    let evidence = dlp.evidence(finding, text);
    let mut answer = json!({
        "id": &*finding.entry.id,
        "start": start,
        "end": end,
        "confidence": confidence(finding.confidence),
        "keywords": evidence.keywords,
        "validators": evidence.validators,
    });
    if !evidence.failed.is_empty() {
        answer["failed"] = evidence.failed.into();
    }
    answer
}
