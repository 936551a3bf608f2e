//! `gateway-proxy dlp`: evaluate, test, list and explain what counts as data that must not leave.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use gateway_dlp::{Detector, Dlp};

use super::{Ended, dlp_dataset, dlp_eval, dlp_fingerprint, dlp_list, dlp_payload, dlp_test};
use crate::args::{DlpCommand, DlpExplainArgs, DlpListArgs, DlpTestArgs};
use crate::policy::{self, PolicyError, Problem, rule_files};
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

/// The scanner of a policy folder, if one is named.
fn load(dir: Option<&Path>) -> Result<Option<Dlp>, PolicyError> {
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
        None => dlp_list::list(load(args.policy.as_deref())?.as_ref(), out)?,
    }
    Ok(Ended::Well)
}

fn explain(args: &DlpExplainArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let unknown = |meant: Option<&str>| {
        let hint = meant.map(|id| format!(", did you mean `{id}`?")).unwrap_or_default();
        format!("no entry `{}`{hint}", args.id)
    };
    let Some(file) = &args.rules else {
        let detector = Detector::find(&args.id).map_err(unknown)?;
        dlp_list::explain(detector, out)?;
        return Ok(Ended::Well);
    };
    let rules = rule_files::read(file)?;
    let found = rules.regexes.iter().find(|entry| entry.id == args.id);
    let entry = found.ok_or_else(|| unknown(None))?;
    dlp_list::explain_rule(&rules, entry, out)?;
    Ok(Ended::Well)
}
