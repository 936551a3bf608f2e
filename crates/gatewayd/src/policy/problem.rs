//! What can be wrong with a policy folder: each problem with its file, its line, what was found
//! and what to write.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use gateway_dlp::BuildError;
use gateway_proxy::CatalogFault;
use gateway_rules::{ActionError, ConstantError, Diagnostic, Severity};

use super::av::AvProblem;
use super::dataset_file::DatasetFault;
use super::fingerprint_file::FingerprintFault;
use super::lists::ListProblem;
use super::quotas::QuotaProblem;
use super::rule_extras::ExtraFault;
use super::rule_files::RuleFileFault;
use super::scan_groups::ScanGroupFault;
use super::workers::WorkerProblem;
use super::yara::YaraProblem;
use crate::config::CheckError;
use crate::place::Place;
use crate::toml_file::TomlError;

/// A policy folder that cannot be used, with everything that is wrong in it.
#[derive(Debug)]
pub(crate) struct PolicyError {
    /// The problems, file by file; at least one.
    pub(crate) problems: Vec<Problem>,
}

impl PolicyError {
    /// The problems of one file, in the order in which they stand there.
    pub(super) fn of_file(mut problems: Vec<Problem>) -> Self {
        problems.sort_by(|a, b| a.place().cmp(&b.place()));
        Self { problems }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.problems.iter().enumerate() {
            let line_end = if number == 0 { "" } else { "\n" };
            write!(f, "{line_end}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PolicyError {}

impl<P: Into<Problem>> From<P> for PolicyError {
    fn from(problem: P) -> Self {
        Self { problems: vec![problem.into()] }
    }
}

/// One problem, or one warning.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Problem {
    /// A file could not be read or is not of the expected form.
    #[error(transparent)]
    Toml(#[from] TomlError),
    /// What was told of databases that have not changed since.
    #[error("{0}")]
    Again(Arc<Self>),
    /// A folder could not be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A rule asks for an action that there is not.
    #[error("{place}: rule `{rule}`: {source}")]
    Action {
        /// Where the action stands.
        place: Place,
        /// The id of the rule.
        rule: String,
        /// What is wrong with it.
        source: ActionError,
    },
    /// A rule sets a check of HTTP/1 that there is not, or to what it cannot do.
    #[error("{place}: rule `{rule}`: {source}")]
    Check {
        /// Where it is set.
        place: Place,
        /// The id of the rule.
        rule: String,
        /// What is wrong with it.
        source: Box<CheckError>,
    },
    /// A rule sets checks although nothing of what it wins is read or goes on.
    #[error("{place}: rule `{rule}`: `checks` belongs to `allow`, `noscan` and `forward`")]
    ChecksUnused {
        /// Where they are set.
        place: Place,
        /// The id of the rule.
        rule: String,
    },
    /// A schedule, an end or tenant control of a rule is wrong.
    #[error("{place}: rule `{rule}`: {source}")]
    RuleExtra {
        /// Where it stands.
        place: Place,
        /// The id of the rule.
        rule: String,
        /// What is wrong with it.
        source: ExtraFault,
    },
    /// A line of a file of data is wrong.
    #[error("{place}: {source}")]
    Catalog {
        /// The line.
        place: Place,
        /// What is wrong with it.
        source: CatalogFault,
    },
    /// A rule reads what nobody has told.
    #[error("`{field}` has no value: there is no {}", .path.display())]
    NoData {
        /// The file that would tell.
        path: PathBuf,
        /// The field.
        field: String,
    },
    /// About quotas.
    #[error(transparent)]
    Quota(#[from] QuotaProblem),
    /// A group of scanners is wrong, or a rule names one that there is not.
    #[error("{place}: scan group `{group}`: {source}")]
    ScanGroup { place: Place, group: String, source: ScanGroupFault },
    /// Two rules have the same id.
    #[error("{place}: the id `{rule}` is taken by the rule in line {first}")]
    RuleTwice {
        /// Where the second one stands.
        place: Place,
        /// The id.
        rule: String,
        /// The line of the first.
        first: usize,
    },
    /// A constant cannot be called so.
    #[error("{place}: constant `{name}`: {source}")]
    Constant {
        /// Where it stands.
        place: Place,
        /// Its name.
        name: String,
        /// What is wrong with it.
        source: ConstantError,
    },
    /// A constant has no value that filters compare with.
    #[error(
        "{place}: constant `{name}`: found {found}, expected a text, a whole number, `true`, \
         `false`, or an address as {{ ip = \"192.0.2.1\" }}"
    )]
    ConstantValue {
        /// Where it stands.
        place: Place,
        /// Its name.
        name: String,
        /// What is there.
        found: String,
    },
    /// About a list or the files that hold its entries.
    #[error(transparent)]
    List(#[from] ListProblem),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    NoRandom,
    /// A filter has a fault, or is perhaps not what was meant.
    #[error("{place}: rule `{rule}`: {}", explain(.diagnostic, .line, .place.column))]
    Filter {
        /// Where in the file the fault is.
        place: Place,
        /// The id of the rule.
        rule: String,
        /// What is wrong.
        diagnostic: Diagnostic,
        /// The line of the file.
        line: String,
    },
    /// A rule asks for a DLP profile that `dlp.toml` does not define.
    #[error("{place}: no profile is called `{profile}`{}", hint(.meant.as_deref()))]
    UnknownProfile {
        /// Where the rule names it.
        place: Place,
        /// The name.
        profile: String,
        /// The profile that was probably meant.
        meant: Option<String>,
    },
    /// About Workers.
    #[error(transparent)]
    Worker(#[from] WorkerProblem),
    /// A DLP profile or entry is wrong.
    #[error("{place}: {source}")]
    Dlp {
        /// Where it stands.
        place: Place,
        /// What is wrong.
        source: BuildError,
    },
    /// A dataset cannot be used.
    #[error("{place}: entry `{entry}`: {source}")]
    Dataset {
        /// Where its entry stands.
        place: Place,
        /// The id of the entry.
        entry: String,
        /// What is wrong.
        source: DatasetFault,
    },
    /// The fingerprints of a custom entry cannot be used.
    #[error("{place}: entry `{entry}`: {source}")]
    Fingerprints {
        /// Where the entry stands.
        place: Place,
        /// Its id.
        entry: String,
        /// Why not.
        source: FingerprintFault,
    },
    /// A custom entry says none, or several, of `regex`, `words`, `dataset` and `fingerprints`.
    #[error(
        "{place}: entry `{entry}`: expected one of `regex`, `words`, `dataset` and `fingerprints`"
    )]
    EntryKind {
        /// Where it stands.
        place: Place,
        /// Its id.
        entry: String,
    },
    /// A custom entry of one kind has a setting of the other.
    #[error("{place}: entry `{entry}`: `{setting}` belongs to `{of}`")]
    EntrySetting {
        /// Where the entry stands.
        place: Place,
        /// Its id.
        entry: String,
        /// The setting.
        setting: &'static str,
        /// The kind that it is a setting of.
        of: &'static str,
    },
    /// A profile says twice from which count on it matches.
    #[error("{place}: profile `{profile}`: expected one of `matches_min` and `matches_exceed`")]
    ProfileCount {
        /// Where the profile stands.
        place: Place,
        /// Its id.
        profile: String,
    },
    /// A file of rules of another scanner cannot be used.
    #[error("{place}: {source}")]
    RuleFile {
        /// Where it is named.
        place: Place,
        /// What is wrong.
        source: RuleFileFault,
    },
    /// A profile names a rule of another scanner that is not carried over.
    #[error("{place}: profile `{profile}`: the rule `{rule}` is not loaded: {reason}")]
    RuleLeftOut {
        /// Where the profile stands.
        place: Place,
        /// Its id.
        profile: String,
        /// The rule.
        rule: String,
        /// Why it is not carried over.
        reason: String,
    },
    /// Something of the rules of another scanner is not carried over.
    #[error("{}: {report}; `gateway-proxy dlp list --rules` tells of each", .path.display())]
    RulesNotCarried {
        /// The file.
        path: PathBuf,
        /// How many rules, by reason.
        report: String,
    },
    /// About signature databases.
    #[error(transparent)]
    Av(#[from] AvProblem),
    /// About YARA rules.
    #[error(transparent)]
    Yara(#[from] YaraProblem),
}

impl Problem {
    /// Where it stands, if it is about a place in a file of ours.
    pub(crate) fn place(&self) -> Option<&Place> {
        match self {
            Self::Again(problem) => problem.place(),
            Self::Toml(TomlError::Parse { place, .. })
            | Self::Action { place, .. }
            | Self::Check { place, .. }
            | Self::ChecksUnused { place, .. }
            | Self::RuleExtra { place, .. }
            | Self::Catalog { place, .. }
            | Self::ScanGroup { place, .. }
            | Self::RuleTwice { place, .. }
            | Self::Constant { place, .. }
            | Self::ConstantValue { place, .. }
            | Self::Filter { place, .. }
            | Self::UnknownProfile { place, .. }
            | Self::Dlp { place, .. }
            | Self::EntryKind { place, .. }
            | Self::RuleLeftOut { place, .. }
            | Self::EntrySetting { place, .. }
            | Self::Dataset { place, .. }
            | Self::Fingerprints { place, .. }
            | Self::ProfileCount { place, .. }
            | Self::RuleFile { place, .. } => Some(place),
            Self::List(problem) => problem.place(),
            Self::Quota(problem) => problem.place(),
            Self::Worker(problem) => problem.place(),
            Self::Yara(problem) => problem.place(),
            Self::Toml(TomlError::Read { .. })
            | Self::Read { .. }
            | Self::NoData { .. }
            | Self::NoRandom
            | Self::Av(_)
            | Self::RulesNotCarried { .. } => None,
        }
    }
}

pub(super) fn hint(meant: Option<&str>) -> String {
    meant.map(|word| format!("; did you mean `{word}`?")).unwrap_or_default()
}

/// The headline of a diagnostic, then the line that it is about with a caret below the place, then
/// what helps.
fn explain(diagnostic: &Diagnostic, line: &str, column: usize) -> String {
    let severity = match diagnostic.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let code = diagnostic.problem().code();
    let indent: String =
        line.chars().take(column - 1).map(|c| if c == '\t' { c } else { ' ' }).collect();
    let mut text = format!("{severity}[{code}]: {diagnostic}\n    {line}\n    {indent}^");
    if let Some(help) = diagnostic.problem().help() {
        text.push_str(&format!("\n    help: {help}"));
    }
    text
}
