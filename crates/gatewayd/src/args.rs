//! The command line of `gateway-proxy`: every sub-command and flag, with the help that is printed
//! for it. Decides nothing beyond what the line says.

mod quarantine;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgAction, Args as ClapArgs, CommandFactory, Parser, Subcommand, ValueEnum};

pub(crate) use self::quarantine::{QuarantineCommand, QuarantineDeleteArgs, QuarantineReleaseArgs};
use crate::config::AvDatabases;

/// An open secure web gateway: intercepts TLS, decides by rules, scans for data loss and malware,
/// logs every decision.
#[derive(Debug, Parser)]
#[command(name = "gateway-proxy", version)]
#[command(after_help = "Without a command, `run` is meant.")]
pub(crate) struct Args {
    /// Flags that every command takes.
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    /// The flags of `run`, for when no command is named.
    #[command(flatten)]
    run: RunArgs,
    /// What to do.
    #[command(subcommand)]
    command: Option<Command>,
}

/// Flags that every command takes.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct GlobalArgs {
    /// Folder of the CA, the configuration, the policy and the log; made at the first start
    /// [default: $XDG_STATE_HOME/gateway or ~/.local/state/gateway]
    #[arg(long, global = true, display_order = 100, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// The configuration file [default: gateway.toml in the state folder]
    #[arg(long, global = true, display_order = 100, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// What `gateway-proxy` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the gateway until SIGTERM or SIGINT (what happens when no command is named)
    Run(RunArgs),
    /// Check configuration, policy and CA without running anything
    ///
    /// Prints what was loaded and every warning. Exit status: 0 when the gateway would start,
    /// 2 when not.
    Check(CheckArgs),
    /// Create, show or export the certificate authority, or tell how to trust it
    #[command(subcommand)]
    Ca(CaCommand),
    /// Make what the file of users needs
    #[command(subcommand)]
    Identity(IdentityCommand),
    /// Scan files for data loss and malware, as bodies are scanned in the gateway
    ///
    /// Prints one JSON object per file: {"path","verdict":"clean|found|unscannable",
    /// "findings":[{"by":"dlp|av","id","name","part","start","end"}],"parts","bytes"}; an
    /// unscannable file adds "reasons". Exit status: 0 when all files are clean, 1 when something
    /// was found or could not be scanned in full, 2 on an error.
    Scan(ScanArgs),
    /// Evaluate, explain, check or test filter rules, or list the fields that they can use
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Find data that must not leave in texts, and list and explain what is looked for
    #[command(subcommand)]
    Dlp(DlpCommand),
    /// Look at databases of malware signatures, and compile them
    #[command(subcommand)]
    Av(AvCommand),
    /// Look at bodies that rules have kept aside, take them out, or delete them
    #[command(subcommand)]
    Quarantine(QuarantineCommand),
    /// Show on loopback what the gateway does, step by step: malware, data leaks, people, reloads
    ///
    /// Runs an origin and the gateway for the time of the demo, and compares what the client saw with
    /// the record. With the workerd that the configuration names, or one in PATH, a Worker answers too;
    /// clamd and c-icap scan where they are installed. Exit status: 0 when every step went as expected,
    /// 1 when not.
    Demo,
    /// Become another program that ends when the process that started this one does
    ///
    /// The gateway starts the processes of Workers by it.
    #[command(hide = true)]
    Bound(BoundArgs),
}

/// Flags of `bound`.
#[derive(Debug, ClapArgs)]
pub(crate) struct BoundArgs {
    /// The process that this one was started by
    #[arg(long, value_name = "PID")]
    pub(crate) to: i32,
    /// The program to become
    pub(crate) program: PathBuf,
    /// Its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) args: Vec<OsString>,
}

/// Flags of `run`.
#[derive(Clone, Debug, Default, PartialEq, Eq, ClapArgs)]
pub(crate) struct RunArgs {
    /// Address to listen on, instead of the configured ones; may be repeated; port 0 takes a free
    /// one
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Vec<SocketAddr>,
    /// Certificate of the CA, PEM, instead of the configured one
    #[arg(long, value_name = "FILE", requires = "ca_key")]
    pub(crate) ca_cert: Option<PathBuf>,
    /// Key of the CA, PKCS#8 PEM, instead of the configured one
    #[arg(long, value_name = "FILE", requires = "ca_cert")]
    pub(crate) ca_key: Option<PathBuf>,
    /// Further CA certificates, PEM, to trust for origins; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) origin_ca: Vec<PathBuf>,
    /// Policy folder, instead of the configured one
    #[arg(long, value_name = "DIR")]
    pub(crate) policy: Option<PathBuf>,
}

/// Flags of `check`.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct CheckArgs {
    /// Policy folder, instead of the configured one
    #[arg(long, value_name = "DIR")]
    pub(crate) policy: Option<PathBuf>,
}

/// What can be done with the certificate authority.
#[derive(Debug, Subcommand)]
pub(crate) enum CaCommand {
    /// Create the CA if there is none yet; an existing one is never overwritten
    Init(CaInitArgs),
    /// Show subject, validity and SHA-256 fingerprint of the CA
    Show,
    /// Write the certificate of the CA (never its key) to standard output
    Export(CaExportArgs),
    /// Tell how to make systems, browsers and languages trust the CA
    Trust,
}

/// Flags of `ca init`.
#[derive(Debug, ClapArgs)]
pub(crate) struct CaInitArgs {
    /// Common name of the CA [default: "Gateway CA" and a few random digits]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Validity in days
    #[arg(long, value_name = "DAYS", default_value_t = crate::ca::VALIDITY_DAYS)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(crate) days: u32,
}

/// Flags of `ca export`.
#[derive(Debug, ClapArgs)]
pub(crate) struct CaExportArgs {
    /// Encoding
    #[arg(long, value_enum, default_value_t = CertificateForm::Pem)]
    pub(crate) form: CertificateForm,
}

/// Encodings of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CertificateForm {
    /// Text, as most programs take it
    Pem,
    /// Binary, as Windows and Java take it too
    Der,
}

/// What can be made for the file of users.
#[derive(Debug, Subcommand)]
pub(crate) enum IdentityCommand {
    /// Read a password from standard input and print its line for the file of users
    Hash,
}

/// Flags of `scan`.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct ScanArgs {
    /// Scan for data loss; without --dlp and --av, both
    #[arg(long)]
    pub(crate) dlp: bool,
    /// Scan for malware; without --dlp and --av, both
    #[arg(long)]
    pub(crate) av: bool,
    /// Folder of ClamAV databases to load besides those of the policy
    #[arg(long, value_name = "DIR")]
    pub(crate) db: Option<PathBuf>,
    /// Policy folder whose DLP profiles and AV databases to use [default: the built-in profiles]
    #[arg(long, value_name = "DIR")]
    pub(crate) policy: Option<PathBuf>,
    /// What is asked of containers of signatures.
    #[command(flatten)]
    pub(crate) trust: AvTrustArgs,
    /// Files to scan; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

/// What is asked of containers of signatures (`.cvd`, `.cld`).
#[derive(Clone, Debug, ClapArgs)]
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
    /// Verify the signatures of containers and scripts (.cdiff), and the sums of images
    ///
    /// Exit status: 0 when all hold, 1 when not.
    Verify(AvDbFilesArgs),
}

/// Flags of `av db build`.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct AvDbBuildArgs {
    /// The folder
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// The file to write: an image under the extension .avimg, compiled YARA rules under .yarac
    #[arg(value_name = "OUT")]
    pub(crate) out: PathBuf,
    /// What is asked of containers.
    #[command(flatten)]
    pub(crate) trust: AvTrustArgs,
}

/// Flags of `av db lint`.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct AvDbLintArgs {
    /// The folder
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// What is asked of containers.
    #[command(flatten)]
    pub(crate) trust: AvTrustArgs,
}

/// Flags of `av db info` and `av db verify`.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct AvDbFilesArgs {
    /// Containers (.cvd, .cld, .cud), images (.avimg) and, to verify, scripts (.cdiff)
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// What is asked of containers.
    #[command(flatten)]
    pub(crate) trust: AvTrustArgs,
}

/// What can be done with data that must not leave.
#[derive(Debug, Subcommand)]
pub(crate) enum DlpCommand {
    /// Find entries in texts: one JSON object a line in, one a line out, in order
    ///
    /// In: {"text", "rules": FILE or "profiles": [ID, ...], "path", "chunk"}; all but "text" may be
    /// left out. Out: {"findings":[{"id","start","end","confidence","keywords","validators"}]}, or
    /// {"error":{"kind","message"}}.
    Eval(DlpEvalArgs),
    /// Try entries on texts in a file: what each is expected to hold
    ///
    /// Exit status: 0 when all went as expected, 1 when not, 2 when the policy or the file is wrong.
    Test(DlpTestArgs),
    /// List detectors and profiles with their source, or the rules of a rule file
    List(DlpListArgs),
    /// Show how a detector works: format, validator, source, examples
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
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct DlpFingerprintBuildArgs {
    /// The file to write
    #[arg(value_name = "OUT")]
    pub(crate) out: PathBuf,
    /// The documents
    #[arg(required = true, value_name = "DOCUMENT")]
    pub(crate) documents: Vec<PathBuf>,
}

/// Flags of `dlp fingerprint info`.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct DlpFingerprintInfoArgs {
    /// The fingerprints
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// Flags of `dlp key`.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct DlpKeyArgs {
    /// The file to write; it must not be there yet
    #[arg(value_name = "OUT")]
    pub(crate) out: PathBuf,
}

/// Flags of `dlp decrypt`.
#[derive(Clone, Debug, Default, ClapArgs)]
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
#[derive(Clone, Debug, Default, ClapArgs)]
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
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct DlpDatasetInfoArgs {
    /// The dataset
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// Flags of `dlp eval`.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct DlpEvalArgs {
    /// A policy folder whose profiles requests may name
    #[arg(long, value_name = "DIR")]
    pub(crate) policy: Option<PathBuf>,
}

/// Flags of `dlp test`.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct DlpTestArgs {
    /// The texts: one JSON object a line, as for `dlp eval`, with `expect` and, if wanted, `name`
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// A policy folder whose profiles the texts may name
    #[arg(long, value_name = "DIR")]
    pub(crate) policy: Option<PathBuf>,
}

/// Flags of `dlp list`.
#[derive(Clone, Debug, Default, ClapArgs)]
#[group(multiple = false)]
pub(crate) struct DlpListArgs {
    /// A policy folder whose entries and profiles are listed too
    #[arg(long, value_name = "DIR")]
    pub(crate) policy: Option<PathBuf>,
    /// A rule file of gitleaks, kingfisher or noseyparker to list instead
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
}

/// Flags of `dlp explain`.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(crate) struct DlpExplainArgs {
    /// The id of a detector, or of a rule in the rule file
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// A rule file of gitleaks, kingfisher or noseyparker
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
}

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
#[derive(Clone, Debug, Default, ClapArgs)]
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
#[derive(Clone, Debug, ClapArgs)]
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
#[derive(Clone, Debug, ClapArgs)]
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
#[derive(Clone, Debug, Default, ClapArgs)]
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
#[derive(Clone, Debug, ClapArgs)]
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

impl Args {
    /// Reads the command line of the process; prints help or the error and ends it where one is
    /// due.
    pub(crate) fn from_command_line() -> Self {
        Self::try_parse().and_then(Self::checked).unwrap_or_else(|error| error.exit())
    }

    /// Refuses flags of `run` before another command, which would silently do nothing.
    fn checked(self) -> Result<Self, clap::Error> {
        if self.command.is_some() && self.run != RunArgs::default() {
            let hint = "the flags of `run` stand after `run`, and no other command takes them";
            return Err(Self::command().error(ErrorKind::ArgumentConflict, hint));
        }
        Ok(self)
    }

    /// What to do, `run` when nothing is named.
    pub(crate) fn split(self) -> (GlobalArgs, Command) {
        let Self { global, run, command } = self;
        (global, command.unwrap_or(Command::Run(run)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<(GlobalArgs, Command), String> {
        let words = std::iter::once("gateway-proxy").chain(line.split_whitespace());
        Args::try_parse_from(words)
            .and_then(Args::checked)
            .map(Args::split)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_definition_is_sound_and_every_flag_is_explained() {
        let mut root = Args::command();
        root.build();
        root.clone().debug_assert();
        let mut open = vec![root];
        while let Some(command) = open.pop() {
            for argument in command.get_arguments() {
                let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(!help.is_empty(), "{}: {}", command.get_name(), argument.get_id());
            }
            open.extend(command.get_subcommands().cloned());
        }
    }

    #[test]
    fn run_is_meant_when_nothing_is_named() {
        let (global, command) = parse("--state /s --listen 127.0.0.1:1 --listen [::1]:2").unwrap();
        assert_eq!(global.state, Some("/s".into()));
        let Command::Run(run) = command else { panic!("{command:?}") };
        assert_eq!(run.listen, ["127.0.0.1:1".parse().unwrap(), "[::1]:2".parse().unwrap()]);
        assert!(matches!(parse("").unwrap().1, Command::Run(run) if run == RunArgs::default()));
    }

    #[test]
    fn global_flags_stand_before_or_after_the_command() {
        for line in ["--state /s check", "check --state /s", "ca --state /s show"] {
            assert_eq!(parse(line).unwrap().0.state, Some("/s".into()), "{line}");
        }
    }

    #[test]
    fn wrong_lines_say_what_is_wrong() {
        for (line, says) in [
            ("--listen 127.0.0.1:1 check", "after `run`"),
            ("run --ca-cert a.pem", "--ca-key"),
            ("scan", "<FILE>"),
            ("rules check", "--policy"),
            ("rules check a --policy b", "cannot be used with"),
            ("run --listen localhost", "invalid socket address"),
            ("ca init --days 0", "0 is not in"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(says), "{line}: {error}");
        }
    }
}
