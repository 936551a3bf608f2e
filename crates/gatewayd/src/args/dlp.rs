//! The part of the command line that is about data that must not leave.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What can be done with data that must not leave.
#[derive(Debug, Subcommand)]
pub(crate) enum DlpCommand {
    /// Find entries in texts: one JSON object a line in, one a line out, in order
    ///
    /// In: {"text", "rules": FILE or "profiles": [ID, ...], "path", "chunk"}; all but "text" may be
    /// left out. ID is anything that `dlp list` lists; without one, all profiles of the policy are
    /// asked, or all detectors, which source code is not among. Out:
    /// {"findings":[{"id","start","end","confidence","keywords","validators"}]}, with a policy also
    /// "profiles":[{"id","matches","matched"}], or {"error":{"kind","message"}}.
    Eval(DlpEvalArgs),
    /// Try entries on texts in a file: what each is expected to hold
    ///
    /// Exit status: 0 when all went as expected, 1 when not, 2 when the policy or the file is wrong.
    Test(DlpTestArgs),
    /// List detectors and profiles with their source, or the rules of a rule file
    List(DlpListArgs),
    /// Show how a detector, a language, a profile, or an entry or a rule of your own works
    Explain(DlpExplainArgs),
    /// Turn documents into fingerprints of their text, to find texts that are like them
    #[command(subcommand)]
    Fingerprint(DlpFingerprintCommand),
    /// Make a key to read sealed matches with: the private half goes to a file, the public half, for
    /// `payload_key` under `[dlp]`, is printed
    Key(DlpKeyArgs),
    /// Open the matches that records hold sealed; one JSON object a line
    ///
    /// In: records, one JSON object a line. Out: {"RequestID","Direction","Matches"} for each body with
    /// sealed matches. Exit status: 2 when some could not be opened.
    Decrypt(DlpDecryptArgs),
    /// Turn tables into salted hashes of their cells, to be found exactly
    #[command(subcommand)]
    Dataset(DlpDatasetCommand),
}

/// What can be done with fingerprints.
#[derive(Debug, Subcommand)]
pub(crate) enum DlpFingerprintCommand {
    /// Take the fingerprints of documents: text, Office, PDF, HTML and whatever else is unpacked
    Build(DlpFingerprintBuildArgs),
    /// Tell which documents a file has the fingerprints of
    Info(DlpFingerprintInfoArgs),
}

/// Flags of `dlp fingerprint build`.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct DlpFingerprintBuildArgs {
    /// The file to write
    #[arg(value_name = "OUT")]
    pub(crate) out: PathBuf,
    /// The documents
    #[arg(required = true, value_name = "DOCUMENT")]
    pub(crate) documents: Vec<PathBuf>,
}

/// Flags of `dlp fingerprint info`.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct DlpFingerprintInfoArgs {
    /// The fingerprints
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// Flags of `dlp key`.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct DlpKeyArgs {
    /// The file to write; it must not be there yet
    #[arg(value_name = "OUT")]
    pub(crate) out: PathBuf,
}

/// Flags of `dlp decrypt`.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct DlpDecryptArgs {
    /// The private key, as `dlp key` has written it
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// Files of records; `-` is standard input, as it is without any
    #[arg(value_name = "RECORDS")]
    pub(crate) records: Vec<PathBuf>,
}

/// What can be done with datasets.
#[derive(Debug, Subcommand)]
pub(crate) enum DlpDatasetCommand {
    /// Build a dataset from a table (CSV, titles in its first line)
    Build(DlpDatasetBuildArgs),
    /// Tell what a dataset holds, as far as it tells
    Info(DlpDatasetInfoArgs),
}

/// Flags of `dlp dataset build`.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct DlpDatasetBuildArgs {
    /// The table
    #[arg(value_name = "IN.csv")]
    pub(crate) table: PathBuf,
    /// The file to write
    #[arg(value_name = "OUT")]
    pub(crate) out: PathBuf,
    /// Title of a column whose cells are taken; may be repeated [default: all columns]
    #[arg(long = "column", value_name = "TITLE")]
    pub(crate) columns: Vec<String>,
    /// What stands between fields
    #[arg(long, value_name = "CHAR", default_value_t = ',')]
    pub(crate) delimiter: char,
    /// Bytes of the shortest cell that is taken, without what stands between its words
    #[arg(long, value_name = "BYTES", default_value_t = 6)]
    pub(crate) min_bytes: usize,
}

/// Flags of `dlp dataset info`.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct DlpDatasetInfoArgs {
    /// The dataset
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// Flags of `dlp eval`.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct DlpEvalArgs {
    /// A policy folder whose profiles requests may name
    #[arg(long, value_name = "DIR")]
    pub(crate) policy: Option<PathBuf>,
}

/// Flags of `dlp test`.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct DlpTestArgs {
    /// The texts: one JSON object a line, as for `dlp eval`, with `expect` (ids of entries),
    /// `expect_profiles` (ids of profiles that match) or both, and, if wanted, `name`
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// A policy folder whose profiles the texts may name
    #[arg(long, value_name = "DIR")]
    pub(crate) policy: Option<PathBuf>,
}

/// Flags of `dlp list`.
#[derive(Clone, Debug, Default, Args)]
#[group(multiple = false)]
pub(crate) struct DlpListArgs {
    /// A policy folder whose entries and profiles are listed too
    #[arg(long, value_name = "DIR")]
    pub(crate) policy: Option<PathBuf>,
    /// A rule file of gitleaks, betterleaks, kingfisher or noseyparker to list instead
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
}

/// Flags of `dlp explain`.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct DlpExplainArgs {
    /// The id of anything that `dlp list` lists, or of a rule in the rule file
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// A policy folder whose profiles and entries are explained too
    #[arg(long, value_name = "DIR", conflicts_with = "rules")]
    pub(crate) policy: Option<PathBuf>,
    /// A rule file of gitleaks, betterleaks, kingfisher or noseyparker
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
}
