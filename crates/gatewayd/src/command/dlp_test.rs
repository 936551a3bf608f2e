//! `gateway-proxy dlp test`: texts in a file, each with the entries that are to be found in it.
//!
//! The file has one JSON object a line: a request of `dlp eval`, with `expect` besides: a list of
//! ids, or of `{"id", "start", "end"}` with byte offsets. A case passes if all of them are found,
//! and no other entry is. `expect_profiles`, with it or instead of it, are the profiles that match: all
//! of them, and of those that are asked no other. `name` is for people. Blank lines and lines that begin with `#` are
//! passed over.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use gateway_inspect::Finding;
use serde::Deserialize;

use super::Ended;
use super::dlp_eval::{Answer, Fault, Request, Scanners, place};
use crate::policy::DlpPolicy;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: Option<String>,
    text: String,
    rules: Option<PathBuf>,
    profiles: Option<Vec<String>>,
    path: Option<String>,
    chunk: Option<NonZeroUsize>,
    expect: Option<Vec<Expected>>,
    expect_profiles: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Expected {
    Id(String),
    At { id: String, start: u64, end: u64 },
}

impl Expected {
    fn id(&self) -> &str {
        match self {
            Self::Id(id) | Self::At { id, .. } => id,
        }
    }

    fn is(&self, finding: &Finding) -> bool {
        match self {
            Self::Id(id) => *finding.entry.id == **id,
            Self::At { id, start, end } => {
                *finding.entry.id == **id && place(finding) == (*start, *end)
            }
        }
    }
}

/// Tries the cases in `text`, the contents of `file`, with `policy` as for `dlp eval`.
///
/// # Errors
///
/// Writing failed.
pub(super) fn run(
    policy: Option<DlpPolicy>,
    (file, text): (&Path, &str),
    out: &mut impl Write,
) -> io::Result<Ended> {
    let mut scanners = Scanners::new(policy);
    let (mut passed, mut failed, mut faulty) = (0_usize, 0_usize, 0_usize);
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place = format!("{}:{}", file.display(), number + 1);
        match try_case(&mut scanners, line) {
            Ok((_, complaints)) if complaints.is_empty() => passed += 1,
            Ok((name, complaints)) => {
                failed += 1;
                let name = name.map(|name| format!("{name}: ")).unwrap_or_default();
                for complaint in complaints {
                    writeln!(out, "{place}: {name}{complaint}")?;
                }
            }
            Err(fault) => {
                faulty += 1;
                writeln!(out, "{place}: {fault}")?;
            }
        }
    }
    writeln!(out, "passed {passed}, failed {failed}, not understood {faulty}")?;
    out.flush()?;
    Ok(match (failed, faulty) {
        (0, 0) => Ended::Well,
        (_, 0) => Ended::Found,
        _ => Ended::Wrong,
    })
}

/// The name of the case, and what is not as expected.
fn try_case(scanners: &mut Scanners, line: &str) -> Result<(Option<String>, Vec<String>), Fault> {
    let case: Case = serde_json::from_str(line)?;
    let Case { name, text, rules, profiles, path, chunk, expect, expect_profiles } = case;
    if expect.is_none() && expect_profiles.is_none() {
        return Err(Fault::NothingExpected);
    }
    let answer = scanners.find(&Request { text, rules, profiles, path, chunk })?;
    let mut complaints = expect.map_or_else(Vec::new, |expect| compare(&answer.findings, &expect));
    if let Some(expected) = expect_profiles {
        complaints.extend(compare_profiles(&answer, &expected));
    }
    Ok((name, complaints))
}

/// What of the profiles that match is not as expected.
fn compare_profiles(answer: &Answer, expected: &[String]) -> Vec<String> {
    let mut complaints = Vec::new();
    for id in expected {
        if !answer.chosen.profiles.iter().any(|profile| *profile.id == **id) {
            complaints.push(format!("profile `{id}` is not asked"));
        }
    }
    for profile in &answer.chosen.profiles {
        let is_expected = expected.iter().any(|id| **id == *profile.id);
        let is_matched = answer.tally.profiles().any(|id| *id == profile.id);
        let does = match (is_expected, is_matched) {
            (true, false) => "does not match",
            (false, true) => "matches",
            _ => continue,
        };
        let matches = answer.tally.matches(&profile.id);
        complaints.push(format!("profile `{}` {does}: it counts {matches}", profile.id));
    }
    complaints
}

/// What of the findings is not as expected.
fn compare(findings: &[Finding], expect: &[Expected]) -> Vec<String> {
    let mut complaints = Vec::new();
    for expected in expect {
        if !findings.iter().any(|finding| expected.is(finding)) {
            let at = match expected {
                Expected::Id(_) => String::new(),
                Expected::At { start, end, .. } => format!(" at {start}..{end}"),
            };
            complaints.push(format!("`{}` is not found{at}", expected.id()));
        }
    }
    for finding in findings {
        let known = |expected: &Expected| match expected {
            Expected::Id(id) => *finding.entry.id == **id,
            Expected::At { .. } => expected.is(finding),
        };
        if !expect.iter().any(known) {
            let (start, end) = place(finding);
            complaints.push(format!("`{}` is found at {start}..{end}", finding.entry.id));
        }
    }
    complaints
}
