//! `gateway-proxy rules`: evaluate filters, check rules, list the fields.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use gateway_rules::{Phase, Scheme};

use super::{Ended, rules_eval};
use crate::args::{RulesCheckArgs, RulesCommand};
use crate::policy::{self, PolicyError, Problem};

/// Carries out `command`.
pub(super) fn rules(command: &RulesCommand, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    match command {
        RulesCommand::Eval => {
            rules_eval::run(io::stdin().lock(), out)?;
            Ok(Ended::Well)
        }
        RulesCommand::Check(args) => check(args, out),
        RulesCommand::Fields => {
            fields(out)?;
            Ok(Ended::Well)
        }
    }
}

fn check(args: &RulesCheckArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let result = match (&args.file, &args.policy) {
        (Some(file), _) => check_file(file),
        (None, dir) => check_folder(dir.as_deref().unwrap_or_else(|| Path::new("."))),
    };
    let ended = match result {
        Ok((rules, warnings)) => {
            for warning in &warnings {
                writeln!(out, "warning: {warning}")?;
            }
            writeln!(out, "ok: rules {rules}, warnings {}", warnings.len())?;
            Ended::Well
        }
        Err(error) => {
            writeln!(out, "{error}")?;
            writeln!(out, "wrong: problems {}", error.problems.len())?;
            Ended::Wrong
        }
    };
    out.flush()?;
    Ok(ended)
}

/// The number of enabled rules, and the warnings.
type Checked = Result<(usize, Vec<Problem>), PolicyError>;

fn check_file(file: &Path) -> Checked {
    let mut warnings = Vec::new();
    // Lists stand beside the rules.
    let dir = file.parent().unwrap_or_else(|| Path::new(""));
    let lists = policy::load_lists(dir, dir, &mut warnings)?;
    let known = policy::Known { lists: Some(&lists), ..policy::Known::default() };
    let rules = policy::load_rules(file, known, &mut warnings)?;
    Ok((rules.rules().len(), warnings))
}

fn check_folder(dir: &Path) -> Checked {
    let policy = policy::load(dir)?;
    Ok((policy.rules.rules().len(), policy.warnings))
}

/// One field a line: name, type, from when on it is known, what it says.
fn fields(out: &mut impl Write) -> io::Result<()> {
    let scheme = Scheme::gateway();
    for (_, field) in scheme.fields() {
        let first = Phase::ALL.into_iter().find(|&phase| field.phases().contains(phase));
        let first = first.map_or("-", Phase::name);
        writeln!(
            out,
            "{:<32} {:<28} {first:<14} {}",
            field.name(),
            field.ty().to_string(),
            field.doc()
        )?;
    }
    out.flush()
}
