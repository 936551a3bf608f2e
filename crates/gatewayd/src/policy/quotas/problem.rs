//! What can be wrong with quotas.

use crate::place::Place;
use crate::policy::problem::hint;

/// One problem.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QuotaProblem {
    /// Two quotas have the same id.
    #[error("{place}: the id `{quota}` is taken by the quota in line {first}")]
    Twice {
        /// Where the second one stands.
        place: Place,
        /// The id.
        quota: String,
        /// The line of the first.
        first: usize,
    },
    /// A number of a quota lies outside its range.
    #[error("{place}: quota `{quota}`: {key}: found {found}, expected a number from 1 to {max}")]
    Range {
        /// Where it stands.
        place: Place,
        /// The id of the quota.
        quota: String,
        /// Its key.
        key: &'static str,
        /// The number.
        found: u64,
        /// The greatest that it can be.
        max: u64,
    },
    /// The filter of a quota is faulty.
    #[error("{place}: quota `{quota}`: {message}")]
    Filter {
        /// Where the fault is.
        place: Place,
        /// The id of the quota.
        quota: String,
        /// What is wrong.
        message: String,
    },
    /// There are too many quotas.
    #[error("{place}: there are more than {max} quotas, from `{quota}` on")]
    Count {
        /// Where the first that is too much stands.
        place: Place,
        /// Its id.
        quota: String,
        /// How many there can be.
        max: usize,
    },
    /// A rule asks for a quota that there is not.
    #[error("no quota is called `{quota}`{}", hint(.meant.as_deref()))]
    Unknown {
        /// The name.
        quota: String,
        /// The quota that was probably meant.
        meant: Option<String>,
    },
}

impl QuotaProblem {
    /// Where it stands, if it is about one place.
    pub(in crate::policy) const fn place(&self) -> Option<&Place> {
        match self {
            Self::Twice { place, .. }
            | Self::Range { place, .. }
            | Self::Filter { place, .. }
            | Self::Count { place, .. } => Some(place),
            Self::Unknown { .. } => None,
        }
    }
}
