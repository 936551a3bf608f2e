//! Rule files of other scanners, with the files that they extend.

use std::io;
use std::path::{Path, PathBuf};

use gateway_dlp::rule_file::{RuleFile, RuleFileError};

/// Files that one may extend, one by way of the other.
const EXTENDED_MAX: usize = 4;

/// Why a rule file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum RuleFileFault {
    /// It cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is no rule file.
    #[error("{}: {source}", .path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: RuleFileError,
    },
    /// It extends too many others, or itself.
    #[error("{}: extends more than {EXTENDED_MAX} files", .path.display())]
    Deep {
        /// The file.
        path: PathBuf,
    },
    /// None of its rules is loaded, and a profile of them is asked for.
    #[error(transparent)]
    Nothing(NoRules),
}

/// No rule of a file is loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: no rule is loaded: {reason}", .path.display())]
pub(crate) struct NoRules {
    path: PathBuf,
    /// How many are left out by reason, and the first with what is wrong with it.
    reason: String,
}

impl NoRules {
    /// Why `rules`, those of `path`, are none.
    pub(crate) fn of(path: &Path, rules: &RuleFile) -> Self {
        let reason = match rules.left_out().next() {
            None => "there are none in it".to_owned(),
            Some(not) => {
                let detail = if not.detail.is_empty() { "" } else { ": " };
                format!("{rules}; first `{}`: {}{detail}{}", not.rule, not.reason, not.detail)
            }
        };
        Self { path: path.to_owned(), reason }
    }
}

/// Reads the rule file `path`. A file that it extends is named from where it lies.
///
/// # Errors
///
/// [`RuleFileFault`]; what is wrong with single rules is in the rule file.
pub(crate) fn read(path: &Path) -> Result<RuleFile, RuleFileFault> {
    let mut file = read_one(path)?;
    let mut at = path.to_owned();
    for _ in 0..EXTENDED_MAX {
        let Some(base) = file.extends.take() else { return Ok(file) };
        at = at.parent().unwrap_or_else(|| Path::new("")).join(base);
        let base = read_one(&at)?;
        file.extend_by(base);
    }
    match file.extends {
        None => Ok(file),
        Some(_) => Err(RuleFileFault::Deep { path: path.to_owned() }),
    }
}

fn read_one(path: &Path) -> Result<RuleFile, RuleFileFault> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| RuleFileFault::Read { path: path.to_owned(), source })?;
    let parsed = RuleFile::parse(&text);
    parsed.map_err(|source| RuleFileFault::Parse { path: path.to_owned(), source })
}
