//! The part of the command line that is about rules.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What can be done with rules.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Evaluate filters: one JSON object a line in, one a line out, in order
    Eval,
    /// Check rules without running anything, and find what is odd about them
    ///
    /// Exit status: 0 when they compile, 1 when something was found that `--deny` names, 2 when they
    /// do not compile.
    Check(RulesCheckArgs),
    /// Say why each rule holds or not: facts as JSON objects, one a line in
    ///
    /// Exit status: 0 when every line was understood, 2 when not, or when the policy is wrong.
    Explain(RulesExplainArgs),
    /// Write the filters of rules in one layout
    ///
    /// Exit status: 0 when all is well, with `--check` 1 when something would change, 2 when a file
    /// is wrong; then it stays as it is.
    Fmt(RulesFmtArgs),
    /// Make a policy of rules of another product
    #[command(subcommand)]
    Import(RulesImportCommand),
    /// Try rules on requests in a file: what each is expected to come to, and by which rule
    ///
    /// Exit status: 0 when all went as expected, 1 when not or when the coverage is too low, 2 when
    /// the policy or the file is wrong.
    Test(RulesTestArgs),
    /// List the fields that filters can use
    Fields,
}

/// Flags of `rules check`.
#[derive(Clone, Debug, Default, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["file", "policy"]))]
pub(crate) struct RulesCheckArgs {
    /// A rules.toml to check by itself
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// A policy folder to check as a whole
    #[arg(long, value_name = "DIR")]
    pub(crate) policy: Option<PathBuf>,
    /// Answer with one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// End with 1 when something of this weight, or a greater one, was found
    #[arg(long, value_name = "WEIGHT", value_enum)]
    pub(crate) deny: Option<Denied>,
}

/// From which weight on findings are a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Denied {
    /// Notes and warnings.
    Note,
    /// Warnings.
    Warning,
}

/// Flags of `rules fmt`.
#[derive(Clone, Debug, Args)]
pub(crate) struct RulesFmtArgs {
    /// Say what would change, and change nothing
    #[arg(long)]
    pub(crate) check: bool,
    /// The files of rules
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

/// Products whose rules can be imported.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesImportCommand {
    /// Rules as Cloudflare's Gateway API returns them
    ///
    /// What cannot be carried over is told on standard error and in comments. Exit status: 0 when
    /// everything was carried over, 1 when not, 2 when the file is not understood.
    Cloudflare(ImportCloudflareArgs),
}

/// Flags of `rules import cloudflare`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ImportCloudflareArgs {
    /// The answer of the API, or a list of rules; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The folder to write rules.toml, and lists.toml where there are lists, into; files that are
    /// there stay. Without it the rules go to standard output
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// Flags of `rules explain`.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct RulesExplainArgs {
    /// The policy folder whose rules are explained; without it each line brings its expression, as
    /// for `rules eval`
    #[arg(long, value_name = "DIR")]
    pub(crate) policy: Option<PathBuf>,
    /// Answer with one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Flags of `rules test`.
#[derive(Clone, Debug, Args)]
pub(crate) struct RulesTestArgs {
    /// The requests: one JSON object a line with `values` and `action`, and `rule` and `name` where
    /// wanted
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The policy folder whose rules are tried
    #[arg(long, value_name = "DIR")]
    pub(crate) policy: PathBuf,
    /// Tell of each rule how often it matched, and of each predicate how often it held
    #[arg(long)]
    pub(crate) coverage: bool,
    /// The least coverage, in percent: rules that matched, predicates that held and that failed
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(..=100))]
    pub(crate) threshold: Option<u8>,
}
