//! The part of the command line that is about the store of bodies that rules have kept aside.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::quarantine::Id;

/// What can be done with bodies that rules have kept aside.
#[derive(Debug, Subcommand)]
pub(crate) enum QuarantineCommand {
    /// List them, the oldest first: one JSON object a line
    ///
    /// Exit status: 2 when what tells of some cannot be read.
    List,
    /// Show what is known of one, as JSON
    Show(QuarantineShowArgs),
    /// Write one to a file, as it came; it stays in the store
    ///
    /// The file holds what was refused: take care what opens it.
    Release(QuarantineReleaseArgs),
    /// Delete some
    Delete(QuarantineDeleteArgs),
    /// Delete those that are too old
    Purge(QuarantinePurgeArgs),
}

/// Flags of `quarantine show`.
#[derive(Clone, Debug, Args)]
pub(crate) struct QuarantineShowArgs {
    /// Its name, as `list` and the record's QuarantineID tell it
    #[arg(value_name = "ID")]
    pub(crate) id: Id,
}

/// Flags of `quarantine release`.
#[derive(Clone, Debug, Args)]
pub(crate) struct QuarantineReleaseArgs {
    /// Its name
    #[arg(value_name = "ID")]
    pub(crate) id: Id,
    /// The file to write; it must not be there yet
    #[arg(value_name = "OUT")]
    pub(crate) out: PathBuf,
    /// The private key, as `dlp key` has written it, where it is sealed
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

/// Flags of `quarantine delete`.
#[derive(Clone, Debug, Args)]
pub(crate) struct QuarantineDeleteArgs {
    /// Their names
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<Id>,
}

/// Flags of `quarantine purge`.
#[derive(Clone, Debug, Args)]
pub(crate) struct QuarantinePurgeArgs {
    /// Their age in days; 0 for all of them [default: days_max of the configuration]
    #[arg(long, value_name = "DAYS")]
    pub(crate) days: Option<u64>,
}
