//! `gateway-proxy dlp test`: texts in a file, each with the entries that are to be found in it.
//!
//! The file has one JSON object a line: a request of `dlp eval`, with `expect` besides: a list of
//! ids, or of `{"id", "start", "end"}` with byte offsets. A case passes if all of them are found,
//! and no other entry is. `name` is for people. Blank lines and lines that begin with `#` are
//! passed over.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use gateway_dlp::Dlp;
use gateway_inspect::Finding;
use serde::Deserialize;

use super::Ended;
use super::dlp_eval::{Fault, Request, Scanners, place};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: Option<String>,
    text: String,
    rules: Option<PathBuf>,
    profiles: Option<Vec<String>>,
    path: Option<String>,
    chunk: Option<NonZeroUsize>,
    expect: Vec<Expected>,
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
    policy: Option<Dlp>,
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
    let Case { name, text, rules, profiles, path, chunk, expect } = serde_json::from_str(line)?;
    let request = Request { text, rules, profiles, path, chunk };
    let (_, findings) = scanners.find(&request)?;
    let mut complaints = Vec::new();
    for expected in &expect {
        if !findings.iter().any(|finding| expected.is(finding)) {
            let at = match expected {
                Expected::Id(_) => String::new(),
                Expected::At { start, end, .. } => format!(" at {start}..{end}"),
            };
            complaints.push(format!("`{}` is not found{at}", expected.id()));
        }
    }
    for finding in &findings {
        let known = |expected: &Expected| match expected {
            Expected::Id(id) => *finding.entry.id == **id,
            Expected::At { .. } => expected.is(finding),
        };
        if !expect.iter().any(known) {
            let (start, end) = place(finding);
            complaints.push(format!("`{}` is found at {start}..{end}", finding.entry.id));
        }
    }
    Ok((name, complaints))
}
