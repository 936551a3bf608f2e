//! The part of the command line that is about databases of malware signatures.

use std::path::PathBuf;

use clap::{ArgAction, Args, Subcommand};

use crate::config::AvDatabases;

/// What is asked of containers of signatures (`.cvd`, `.cld`).
#[derive(Clone, Debug, Args)]
pub(crate) struct AvTrustArgs {
    /// Whether containers of signatures that nobody vouches for are refused
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, default_value_t = true)]
    pub(crate) strict: bool,
    /// Certificates, in PEM, of authorities that sign containers; may be repeated
    #[arg(long = "certificate", value_name = "FILE")]
    pub(crate) certificates: Vec<PathBuf>,
}

impl Default for AvTrustArgs {
    fn default() -> Self {
        Self { strict: true, certificates: Vec::new() }
    }
}

impl AvTrustArgs {
    /// As settings say it.
    pub(crate) fn settings(&self) -> AvDatabases {
        let certificates = self.certificates.clone();
        AvDatabases { strict: self.strict, certificates, ..AvDatabases::default() }
    }
}

/// What can be done with malware signatures.
#[derive(Debug, Subcommand)]
pub(crate) enum AvCommand {
    /// Compile, show, check and verify databases
    #[command(subcommand)]
    Db(AvDbCommand),
}

/// What can be done with databases of malware signatures.
#[derive(Debug, Subcommand)]
pub(crate) enum AvDbCommand {
    /// Compile a folder of databases into one image, or its YARA rules into one file, which loads in a
    /// fraction of the time
    Build(AvDbBuildArgs),
    /// Tell what containers and images hold
    Info(AvDbFilesArgs),
    /// Load a folder and tell all that is wrong, and what is not supported, by reason
    ///
    /// Exit status: 0 when all files load, 2 when not.
    Lint(AvDbLintArgs),
    /// Carry out scripts of changes (.cdiff) on the databases of a folder
    ///
    /// The database of a script is that of its name: `daily-27000.cdiff` is for `daily.cvd`, `daily.cld`,
    /// or the unpacked files of `daily.info`, and makes `daily.cld` of it. Each script must be signed and
    /// of the next version. Where one of them cannot be carried out, nothing is changed.
    Update(AvDbUpdateArgs),
    /// Verify the signatures of containers and scripts (.cdiff), and the sums of images
    ///
    /// Exit status: 0 when all hold, 1 when not.
    Verify(AvDbFilesArgs),
}

/// Flags of `av db build`.
#[derive(Clone, Debug, Args)]
pub(crate) struct AvDbBuildArgs {
    /// The folder
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// The file to write: an image under the extension .avimg, compiled YARA rules under .yarac
    #[arg(value_name = "OUT")]
    pub(crate) out: PathBuf,
    /// Compile all of it, also where OUT is an image already of which little has changed: otherwise what
    /// has changed is put behind what is there, so that a gateway which has that in force reads that alone
    #[arg(long)]
    pub(crate) whole: bool,
    /// What is asked of containers.
    #[command(flatten)]
    pub(crate) trust: AvTrustArgs,
}

/// Flags of `av db lint`.
#[derive(Clone, Debug, Args)]
pub(crate) struct AvDbLintArgs {
    /// The folder
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// What is asked of containers.
    #[command(flatten)]
    pub(crate) trust: AvTrustArgs,
}

/// Flags of `av db update`.
#[derive(Clone, Debug, Args)]
pub(crate) struct AvDbUpdateArgs {
    /// The folder
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// The scripts, those of one database in the order of their versions
    #[arg(required = true, value_name = "FILE")]
    pub(crate) scripts: Vec<PathBuf>,
    /// What is asked of scripts and of containers.
    #[command(flatten)]
    pub(crate) trust: AvTrustArgs,
}

/// Flags of `av db info` and `av db verify`.
#[derive(Clone, Debug, Args)]
pub(crate) struct AvDbFilesArgs {
    /// Containers (.cvd, .cld, .cud), images (.avimg) and, to verify, scripts (.cdiff)
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// What is asked of containers.
    #[command(flatten)]
    pub(crate) trust: AvTrustArgs,
}
