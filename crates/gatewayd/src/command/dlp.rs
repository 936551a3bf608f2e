//! `gateway-proxy dlp`: evaluate, test, list and explain what counts as data that must not leave.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use super::{
    Ended, dlp_dataset, dlp_eval, dlp_explain, dlp_fingerprint, dlp_list, dlp_payload, dlp_test,
};
use crate::args::{DlpCommand, DlpExplainArgs, DlpListArgs, DlpTestArgs};
use crate::policy::{self, DlpPolicy, PolicyError, Problem, rule_files};
use crate::toml_file;

/// Carries out `command`.
pub(super) fn dlp(command: &DlpCommand, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    match command {
        DlpCommand::Eval(args) => {
            dlp_eval::run(load(args.policy.as_deref())?, io::stdin().lock(), out)?;
            Ok(Ended::Well)
        }
        DlpCommand::Test(args) => test(args, out),
        DlpCommand::List(args) => list(args, out),
        DlpCommand::Explain(args) => explain(args, out),
        DlpCommand::Fingerprint(command) => dlp_fingerprint::fingerprint(command, out),
        DlpCommand::Key(args) => dlp_payload::key(args, out),
        DlpCommand::Decrypt(args) => dlp_payload::decrypt(args, out),
        DlpCommand::Dataset(command) => dlp_dataset::dataset(command, out),
    }
}

/// What a policy folder has of DLP, if one is named.
fn load(dir: Option<&Path>) -> Result<Option<DlpPolicy>, PolicyError> {
    let Some(dir) = dir else { return Ok(None) };
    // A policy may do without a file; a folder that is named here is meant to be there.
    std::fs::read_dir(dir).map_err(|source| Problem::Read { path: dir.to_owned(), source })?;
    let mut warnings = Vec::new();
    let dlp = policy::load_dlp(dir, dir, &mut warnings)?;
    for warning in &warnings {
        let _ = writeln!(io::stderr(), "gateway-proxy: warning: {warning}");
    }
    Ok(Some(dlp))
}

fn test(args: &DlpTestArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let text = toml_file::read(&args.file)?;
    Ok(dlp_test::run(load(args.policy.as_deref())?, (&args.file, &text), out)?)
}

fn list(args: &DlpListArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    match &args.rules {
        Some(file) => dlp_list::list_rules(file, &rule_files::read(file)?, out)?,
        None => {
            let policy = load(args.policy.as_deref())?;
            dlp_list::list(policy.as_ref().map(|policy| &policy.dlp), out)?;
        }
    }
    Ok(Ended::Well)
}

fn explain(args: &DlpExplainArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    if let Some(file) = &args.rules {
        dlp_explain::rule(&rule_files::read(file)?, &args.id, out)?;
    } else {
        let policy = load(args.policy.as_deref())?;
        dlp_explain::built_in_or_own(policy.as_ref(), &args.id, out)?;
    }
    Ok(Ended::Well)
}
