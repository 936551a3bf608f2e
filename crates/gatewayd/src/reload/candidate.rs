//! A policy folder that is to take the place of the one in force: checked as a whole where it
//! stands, then the two folders change places in one step.

use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::config::AvDatabases;
use crate::policy::{self, Before, PolicyError};

/// Why a candidate does not take the place of the policy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum CandidateError {
    /// It is wrong.
    #[error("the policy cannot be used:\n{0}")]
    Policy(#[from] PolicyError),
    /// The folders cannot change places.
    #[error("cannot put {} in the place of {}: {source}", .candidate.display(), .policy.display())]
    Exchange {
        /// The candidate.
        candidate: PathBuf,
        /// The policy folder.
        policy: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Whether the folder `candidate` is a policy that could be in force after `before`.
///
/// # Errors
///
/// [`CandidateError::Policy`] with everything that is wrong.
pub(super) fn check(
    candidate: &Path,
    before: Before<'_>,
    databases: &AvDatabases,
) -> Result<(), CandidateError> {
    policy::load_after(before, candidate, databases)?;
    Ok(())
}

/// Lets the folders `candidate` and `policy` change places: at no moment is either missing, and
/// nobody sees half of one.
///
/// # Errors
///
/// [`CandidateError::Exchange`], on two file systems for instance.
pub(super) fn exchange(candidate: &Path, policy: &Path) -> Result<(), CandidateError> {
    renameat_with(CWD, candidate, CWD, policy, RenameFlags::EXCHANGE).map_err(|source| {
        CandidateError::Exchange {
            candidate: candidate.to_owned(),
            policy: policy.to_owned(),
            source: source.into(),
        }
    })
}
