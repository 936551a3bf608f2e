//! `scan_groups.toml`: scanners that look for malware together, for rules to name. Which scanners there are
//! is a matter of settings, not of the policy: what a group names is looked for when both come together.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::problem::hint;
use super::{PolicyError, Problem};
use crate::config::{OnError, Opinion};
use crate::place::Place;
use crate::toml_file;

/// The name of the scanners within.
pub(crate) const WITHIN: &str = "gateway";

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupsFile {
    #[serde(default)]
    scan_group: Vec<GroupEntry>,
}

/// One `[[scan_group]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupEntry {
    name: Spanned<String>,
    scanners: Spanned<Vec<Spanned<String>>>,
    opinion: Option<Opinion>,
    on_error: Option<OnError>,
}

/// What is wrong with a group.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ScanGroupFault {
    /// There is another of the name.
    #[error("the name is taken by the one in line {first}")]
    NameTaken {
        /// The line of the first.
        first: usize,
    },
    /// It names somebody twice.
    #[error("it names `{scanner}` twice")]
    ScannerTwice {
        /// The scanner.
        scanner: String,
    },
    /// Nobody is in it.
    #[error("found an empty list, expected at least one scanner")]
    Empty,
    /// A rule names it, and there is none.
    #[error("there is none of that name{}", hint(.meant.as_deref()))]
    Unknown {
        /// The group that was probably meant.
        meant: Option<String>,
    },
}

/// A group.
#[derive(Clone, Debug)]
pub(crate) struct ScanGroup {
    /// Its name.
    pub(crate) name: String,
    /// Who is of it, and where that is said: [`WITHIN`], or the name of a scanner outside. At least one,
    /// and each once.
    pub(crate) scanners: Vec<(String, Place)>,
    /// What the verdicts of those outside count for; `None` for what their own settings say.
    pub(crate) opinion: Option<Opinion>,
    /// What becomes of a body on which one of them gives no verdict; `None` for the same.
    pub(crate) on_error: Option<OnError>,
}

/// The groups in the policy folder `dir`; none where there is no such file.
///
/// # Errors
///
/// [`PolicyError`] with every problem of the file.
pub(crate) fn load(dir: &Path) -> Result<Vec<ScanGroup>, PolicyError> {
    let file = dir.join("scan_groups.toml");
    let text = if file.exists() { toml_file::read(&file)? } else { String::new() };
    let entries = toml_file::parse::<GroupsFile>(&file, &text)?.scan_group;
    let place = |offset: usize| Place::of(&file, &text, offset);
    let (mut groups, mut problems) = (Vec::new(), Vec::new());
    let mut wrong = |place, group: &str, source| {
        problems.push(Problem::ScanGroup { place, group: group.to_owned(), source });
    };
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in &entries {
        let name = entry.name.get_ref();
        let at = place(entry.name.span().start);
        if let Some(&first) = first.get(name.as_str()) {
            wrong(at, name, ScanGroupFault::NameTaken { first });
            continue;
        }
        first.insert(name, at.line);
        let mut scanners: Vec<(String, Place)> = Vec::new();
        for scanner in entry.scanners.get_ref() {
            let (place, scanner) = (place(scanner.span().start), scanner.get_ref().clone());
            if scanners.iter().any(|(known, _)| *known == scanner) {
                wrong(place, name, ScanGroupFault::ScannerTwice { scanner });
            } else {
                scanners.push((scanner, place));
            }
        }
        if scanners.is_empty() {
            wrong(place(entry.scanners.span().start), name, ScanGroupFault::Empty);
        }
        let (opinion, on_error) = (entry.opinion, entry.on_error);
        groups.push(ScanGroup { name: name.clone(), scanners, opinion, on_error });
    }
    if problems.is_empty() { Ok(groups) } else { Err(PolicyError::of_file(problems)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn check(text: &str, expected: Result<usize, &[&str]>) {
        let dir = Scratch::new();
        std::fs::write(dir.path().join("scan_groups.toml"), text).unwrap();
        match (load(dir.path()), expected) {
            (Ok(groups), Ok(count)) => assert_eq!(groups.len(), count, "{text}"),
            (Err(error), Err(parts)) => {
                let told = error.to_string();
                assert!(parts.iter().all(|part| told.contains(part)), "{told}");
            }
            (loaded, expected) => panic!("{loaded:?}, not {expected:?}"),
        }
    }

    #[test]
    fn groups_are_read_and_faults_told() {
        let group = "[[scan_group]]\nname = \"g\"\nscanners = [\"gateway\", \"clamd\"]\n";
        check("", Ok(0));
        check(&format!("{group}opinion = \"all\"\non_error = \"allow\"\n"), Ok(1));
        check(&format!("{group}opinion = \"first_hit\"\n"), Ok(1));
        check(&format!("{group}opinion = \"most\"\n"), Err(&["scan_groups.toml:4:11", "`most`"]));
        check(
            &format!("{group}{group}"),
            Err(&["scan_groups.toml:5:8", "taken by the one in line 2"]),
        );
        check(
            &group.replace("clamd", "gateway"),
            Err(&["scan_groups.toml:3:24", "names `gateway` twice"]),
        );
        check(
            "[[scan_group]]\nname = \"g\"\nscanners = []\n",
            Err(&["scan_groups.toml:3:12", "at least one scanner"]),
        );
    }
}
