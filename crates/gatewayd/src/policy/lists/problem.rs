//! What can be wrong with lists and with the files that hold their entries.

use std::io;
use std::path::PathBuf;

use gateway_rules::{EntryError, ListError};

use crate::place::Place;

/// One problem, or one warning.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListProblem {
    /// A list cannot be used.
    #[error("{place}: list `{list}`: {source}")]
    Built {
        /// Where its fault stands.
        place: Place,
        /// The id of the list.
        list: String,
        /// What is wrong.
        source: ListError,
    },
    /// Two lists have the same id.
    #[error("{place}: the id `{list}` is taken by the list in line {first}")]
    Twice {
        /// Where the second one stands.
        place: Place,
        /// The id.
        list: String,
        /// The line of the first.
        first: usize,
    },
    /// A list names a file outside of the folder of lists.
    #[error("{place}: list `{list}`: found `{file}`, expected a path below `lists/` without `..`")]
    Path {
        /// Where the file is named.
        place: Place,
        /// The id of the list.
        list: String,
        /// What is named.
        file: String,
    },
    /// A file of entries cannot be read.
    #[error("{place}: list `{list}`: cannot read {}: {source}", .path.display())]
    File {
        /// Where it is named.
        place: Place,
        /// The id of the list.
        list: String,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A line of a file of entries is wrong.
    #[error("{place}: list `{list}`: {source}")]
    Line {
        /// The line.
        place: Place,
        /// The id of the list.
        list: String,
        /// What is wrong with it.
        source: EntryError,
    },
    /// More lines of a file of entries are wrong than are told one by one.
    #[error("{}: list `{list}`: {more} more lines are wrong", .path.display())]
    Lines {
        /// The file.
        path: PathBuf,
        /// The id of the list.
        list: String,
        /// How many more.
        more: usize,
    },
    /// Lines of a file of entries mean what no entry can say.
    #[error("{place}: list `{list}`: passed over from here on: {what}, lines {lines}")]
    PassedOver {
        /// The first of them.
        place: Place,
        /// The id of the list.
        list: String,
        /// How many there are.
        lines: usize,
        /// What they are.
        what: &'static str,
    },
    /// A file of a category has nothing that such a list can hold.
    #[error("{}: list `{list}`: not read: a list of the type `{kind}` cannot hold it", .path.display())]
    Skipped {
        /// The id of the list.
        list: String,
        /// The file.
        path: PathBuf,
        /// The type of the list.
        kind: &'static str,
    },
    /// A list without a file has a setting that is about one.
    #[error("{place}: list `{list}`: `{setting}` belongs to `file`")]
    Setting {
        /// Where it stands.
        place: Place,
        /// The id of the list.
        list: String,
        /// The setting.
        setting: &'static str,
    },
    /// A list says neither `entries` nor `file`.
    #[error("{place}: list `{list}`: expected `entries`, `file` or both")]
    Nothing {
        /// Where the list stands.
        place: Place,
        /// Its id.
        list: String,
    },
}

impl ListProblem {
    /// Where it stands, if it is about one place.
    pub(in crate::policy) const fn place(&self) -> Option<&Place> {
        match self {
            Self::Built { place, .. }
            | Self::Twice { place, .. }
            | Self::Path { place, .. }
            | Self::File { place, .. }
            | Self::Line { place, .. }
            | Self::PassedOver { place, .. }
            | Self::Setting { place, .. }
            | Self::Nothing { place, .. } => Some(place),
            Self::Lines { .. } | Self::Skipped { .. } => None,
        }
    }
}
