//! `gateway-proxy dlp eval`: JSON lines in, one JSON line out for each, in order.
//!
//! A request is an object: `text` is what is scanned; `rules` is a rule file of gitleaks,
//! kingfisher or noseyparker, or `profiles` the ids of profiles of the policy, of predefined
//! profiles, of detectors, languages or entries of the policy; without both, all profiles of the
//! policy, or all detectors. `path` is the path that the part has, `chunk` the number of bytes that
//! are scanned at a time.
//!
//! An answer is `{"findings": [{"id", "start", "end", "confidence", "keywords", "validators"}]}`, with
//! `failed` behind `validators` where a name alone made up for validators that failed, in
//! the order of the places, with byte offsets; or `{"error": {"kind", "message"}}`. With a policy,
//! `profiles` besides tells of each profile that was asked how many findings it counts, and whether
//! it matches: `[{"id", "matches", "matched"}]`.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use gateway_dlp::{BuildError, Dlp, DlpBuilder, Limits};
use gateway_inspect::{
    Chain, Confidence, Examiner, Finding, Findings, Part, PartKind, Place, Tally, Unscannable,
    Wanted,
};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::dlp_choice::{self, ChoiceFault, Chosen};
use crate::policy::DlpPolicy;
use crate::policy::rule_files::{self, NoRules, RuleFileFault};

/// Findings of one text; more are an error.
const FINDINGS_MAX: usize = 100_000;
/// Scanners that are kept; with more, all are forgotten.
const SCANNERS_MAX: usize = 64;

/// Answers every line of `input` on `output`; `policy` is that of a policy folder, if one is named.
/// Blank lines are passed over.
///
/// # Errors
/// Reading or writing failed; a faulty request is answered instead.
pub(super) fn run(
    policy: Option<DlpPolicy>,
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
    #[error("expected `expect`, or `expect_profiles`, or both")]
    NothingExpected,
    #[error(transparent)]
    Choice(#[from] ChoiceFault),
    #[error(transparent)]
    Rules(#[from] RuleFileFault),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error("the text cannot be scanned: {0}")]
    Unscannable(Unscannable),
    #[error("more than {FINDINGS_MAX} findings")]
    TooMany,
}

impl Fault {
    fn to_json(&self) -> Json {
        let kind = match self {
            Self::Request(_) | Self::Both | Self::NothingExpected => "request",
            Self::Choice(ChoiceFault::Unknown { .. }) => "profiles",
            Self::Rules(_) => "rules",
            Self::Choice(ChoiceFault::Build(_)) | Self::Build(_) => "build",
            Self::Unscannable(_) | Self::TooMany => "text",
        };
        json!({"error": {"kind": kind, "message": self.to_string()}})
    }
}

/// What a scanner looks for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Wish {
    Rules(PathBuf),
    /// Profiles and single entries.
    Named(Vec<String>),
    /// All profiles of the policy, or all detectors.
    All,
}

/// The scanners that were asked for, so that many lines need one of them once.
pub(super) struct Scanners {
    policy: Option<DlpPolicy>,
    built: BTreeMap<Wish, Chosen>,
}

/// What is found for a request.
pub(super) struct Answer {
    /// Who has found it.
    pub(super) chosen: Chosen,
    /// By place.
    pub(super) findings: Vec<Finding>,
    /// What it comes to.
    pub(super) tally: Tally,
}

impl Scanners {
    /// Those of a policy, if there is one, and more as they are asked for.
    pub(super) const fn new(policy: Option<DlpPolicy>) -> Self {
        Self { policy, built: BTreeMap::new() }
    }

    fn answer(&mut self, line: &[u8]) -> Result<Json, Fault> {
        let request: Request = serde_json::from_slice(line)?;
        let Answer { chosen, findings, tally } = self.find(&request)?;
        let text = request.text.as_bytes();
        let findings: Vec<Json> =
            findings.iter().map(|finding| to_json(&chosen.dlp, finding, text)).collect();
        let mut answer = json!({ "findings": findings });
        if self.policy.is_some() && request.rules.is_none() && !chosen.profiles.is_empty() {
            let told = chosen.profiles.iter().map(|profile| dlp_choice::told(profile, &tally));
            answer["profiles"] = told.collect();
        }
        Ok(answer)
    }

    /// What is found for a request, and by which scanner.
    pub(super) fn find(&mut self, request: &Request) -> Result<Answer, Fault> {
        let chosen = self.scanner(request.rules.clone(), request.profiles.clone())?;
        let path = request.path.clone().unwrap_or_default();
        let findings = scan(&chosen.dlp, request.text.as_bytes(), path, request.chunk)?;
        let mut tally = Tally::default();
        for finding in &findings {
            tally.fold(finding, None);
        }
        Ok(Answer { chosen, findings, tally })
    }

    /// The scanner for a request.
    fn scanner(
        &mut self,
        rules: Option<PathBuf>,
        profiles: Option<Vec<String>>,
    ) -> Result<Chosen, Fault> {
        let wish = match (rules, profiles) {
            (Some(_), Some(_)) => return Err(Fault::Both),
            (Some(file), None) => Wish::Rules(file),
            // Without a policy, an empty list always meant all.
            (None, Some(ids)) if self.policy.is_some() || !ids.is_empty() => Wish::Named(ids),
            (None, _) => Wish::All,
        };
        if let Some(chosen) = self.built.get(&wish) {
            return Ok(chosen.clone());
        }
        let chosen = match (&wish, &self.policy) {
            (Wish::Rules(file), _) => of_rules(file)?,
            (Wish::Named(ids), policy) => Chosen::new(policy.as_ref(), ids)?,
            (Wish::All, Some(policy)) => Chosen::all(policy),
            (Wish::All, None) => Chosen::detectors()?,
        };
        if self.built.len() >= SCANNERS_MAX {
            self.built.clear();
        }
        self.built.insert(wish, chosen.clone());
        Ok(chosen)
    }
}

/// A scanner for the rules of `file`.
fn of_rules(file: &Path) -> Result<Chosen, Fault> {
    let rules = rule_files::read(file)?;
    if rules.ids().next().is_none() {
        return Err(RuleFileFault::Nothing(NoRules::of(file, &rules)).into());
    }
    let builder = rules.add_to(DlpBuilder::new()).profile(rules.profile("rules"));
    Ok(Chosen::of(builder.build(&Limits::default())?))
}

/// What is found in `text`, by place.
fn scan(
    dlp: &Dlp,
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
    let mut chain = Chain::new(dlp.open(&part, &Wanted::all()), &limits);
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
