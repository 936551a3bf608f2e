//! `[http1]`: how strictly HTTP/1 is read. What the checks are stands in the codec; rules may relax
//! them further.

use std::collections::BTreeMap;

use gateway_h1h2::h1::{Check, Checks, Severity};
use serde::Deserialize;

use super::load::{ConfigError, Setting};
use crate::toml_file;

/// The checks that do something else than by default, by their names, and what they do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Http1 {
    /// In the messages of clients. Default none.
    pub(crate) client_checks: BTreeMap<String, String>,
    /// In the messages of origins. Default none.
    pub(crate) origin_checks: BTreeMap<String, String>,
}

/// Why a check cannot be set so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum CheckError {
    /// There is no such check.
    #[error("no check is called `{check}`{}", .meant.map(|word| format!("; did you mean `{word}`?")).unwrap_or_default())]
    Unknown {
        /// The name.
        check: String,
        /// The check that was probably meant.
        meant: Option<&'static str>,
    },
    /// The check cannot do that.
    #[error("check `{check}`: found `{found}`, expected {offered}")]
    Severity {
        /// The check.
        check: &'static str,
        /// What it should do.
        found: String,
        /// What it can do.
        offered: String,
    },
}

/// Sets one check by name.
///
/// # Errors
///
/// [`CheckError`]; nothing is changed then.
pub(crate) fn set(checks: &mut Checks, check: &str, severity: &str) -> Result<(), CheckError> {
    let Some(found) = Check::by_id(check) else {
        let known = Check::ALL.iter().map(|check| check.id());
        let meant = toml_file::nearest(check, known);
        return Err(CheckError::Unknown { check: check.to_owned(), meant });
    };
    let set = Severity::by_name(severity).map(|severity| checks.set(found, severity));
    if let Some(Ok(())) = set {
        return Ok(());
    }
    let offered = Severity::ALL.into_iter().filter(|severity| found.offers(*severity));
    let offered = offered.map(|severity| format!("`{severity}`")).collect::<Vec<_>>().join(" or ");
    let (check, severity) = (found.id(), severity.to_owned());
    Err(CheckError::Severity { check, found: severity, offered })
}

impl Http1 {
    /// The checks of clients' and of origins' messages.
    pub(crate) fn checks(&self) -> (Checks, Checks) {
        let of = |settings: &BTreeMap<String, String>| {
            let mut checks = Checks::default();
            for (check, severity) in settings {
                // What cannot be set was refused when the file was read.
                let _ = set(&mut checks, check, severity);
            }
            checks
        };
        (of(&self.client_checks), of(&self.origin_checks))
    }
}

/// Checks the table.
pub(super) fn check(http1: &Http1, from: impl Fn(&[&str]) -> Setting) -> Result<(), ConfigError> {
    let sides = [("client_checks", &http1.client_checks), ("origin_checks", &http1.origin_checks)];
    for (key, settings) in sides {
        for (check, severity) in settings {
            set(&mut Checks::default(), check, severity).map_err(|source| ConfigError::Check {
                from: from(&["http1", key, check]),
                source: Box::new(source),
            })?;
        }
    }
    Ok(())
}
