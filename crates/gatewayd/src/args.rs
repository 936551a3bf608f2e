//! The command line of `gateway-proxy`: every sub-command and flag, with the help that is printed
//! for it. Decides nothing beyond what the line says.

mod av;
mod dlp;
mod quarantine;
mod rules;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args as ClapArgs, CommandFactory, Parser, Subcommand, ValueEnum};

pub(crate) use self::av::{
    AvCommand, AvDbBuildArgs, AvDbCommand, AvDbFilesArgs, AvDbLintArgs, AvDbUpdateArgs, AvTrustArgs,
};
pub(crate) use self::dlp::{
    DlpCommand, DlpDatasetBuildArgs, DlpDatasetCommand, DlpDecryptArgs, DlpExplainArgs,
    DlpFingerprintBuildArgs, DlpFingerprintCommand, DlpKeyArgs, DlpListArgs, DlpTestArgs,
};
pub(crate) use self::quarantine::{QuarantineCommand, QuarantineDeleteArgs, QuarantineReleaseArgs};
pub(crate) use self::rules::{
    Denied, ImportCloudflareArgs, RulesCheckArgs, RulesCommand, RulesExplainArgs, RulesFmtArgs,
    RulesImportCommand, RulesTestArgs,
};

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
    /// "findings":[{"by":"dlp|av","id","name","part","start","end"}],"parts","bytes"}; where DLP
    /// profiles count findings, "profiles":[{"id","matches","matched"}] is added; an unscannable file
    /// adds "reasons". Exit status: 0 when all files are clean, 1 when something
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
    /// Scan for data loss; without --dlp, --profile and --av, for both
    ///
    /// Without --policy and --profile, what a new policy looks for is looked for: payment cards, US
    /// social security numbers and a few kinds of keys. Source code and all other detectors that `dlp
    /// list` lists are looked for where --profile names them.
    #[arg(long)]
    pub(crate) dlp: bool,
    /// Scan for malware; without --dlp, --profile and --av, for both
    #[arg(long)]
    pub(crate) av: bool,
    /// Scan for data loss by this alone; may be repeated [default: all profiles of the policy]
    ///
    /// A profile, a detector, a language of source code or an entry: any id that `dlp list` lists, such
    /// as source_code.
    #[arg(long = "profile", value_name = "ID")]
    pub(crate) profiles: Vec<String>,
    /// Folder of ClamAV databases to load besides those of the policy
    #[arg(long, value_name = "DIR")]
    pub(crate) db: Option<PathBuf>,
    /// Policy folder whose DLP profiles and AV databases to use [default: those of a new policy]
    #[arg(long, value_name = "DIR")]
    pub(crate) policy: Option<PathBuf>,
    /// What is asked of containers of signatures.
    #[command(flatten)]
    pub(crate) trust: AvTrustArgs,
    /// Files to scan; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
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
