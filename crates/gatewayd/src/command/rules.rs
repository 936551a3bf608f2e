//! `gateway-proxy rules`: evaluate and explain filters, check and test rules, list the
//! fields.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use gateway_rules::{Phase, RuleSet, Scheme};

use super::rules_explain::{self, Form};
use super::rules_test::{self, Told, Wanted};
use super::{Ended, rules_eval};
use crate::args::{RulesCheckArgs, RulesCommand, RulesExplainArgs, RulesTestArgs};
use crate::policy::{self, PolicyError, Problem};
use crate::toml_file;

/// Carries out `command`.
pub(super) fn rules(command: &RulesCommand, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    match command {
        RulesCommand::Eval => {
            rules_eval::run(io::stdin().lock(), out)?;
            Ok(Ended::Well)
        }
        RulesCommand::Check(args) => check(args, out),
        RulesCommand::Explain(args) => explain(args, out),
        RulesCommand::Test(args) => test(args, out),
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
    let (rules, warnings) = load(file)?;
    Ok((rules.rules().len(), warnings))
}

/// The rules of `file` with the lists that stand beside it, and the warnings.
fn load(file: &Path) -> Result<(RuleSet, Vec<Problem>), PolicyError> {
    let mut warnings = Vec::new();
    // Lists stand beside the rules.
    let dir = file.parent().unwrap_or_else(|| Path::new(""));
    let lists = policy::load_lists(dir, dir, &mut warnings)?;
    let known = policy::Known { lists: Some(&lists), ..policy::Known::default() };
    let rules = policy::load_rules(file, known, &mut warnings)?;
    Ok((rules, warnings))
}

/// The rules of the policy folder `dir`; where they are wrong, it is said on `out`.
fn rules_of(dir: &Path, out: &mut impl Write) -> io::Result<Option<RuleSet>> {
    match load(&policy::rules_file(dir)) {
        Ok((rules, _)) => Ok(Some(rules)),
        Err(error) => {
            writeln!(out, "{error}")?;
            out.flush()?;
            Ok(None)
        }
    }
}

fn explain(args: &RulesExplainArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let form = if args.json { Form::Json } else { Form::Text };
    let input = io::stdin().lock();
    let Some(dir) = &args.policy else {
        return Ok(rules_explain::run(None, form, input, out)?);
    };
    match rules_of(dir, out)? {
        Some(rules) => Ok(rules_explain::run(Some(&rules), form, input, out)?),
        None => Ok(Ended::Wrong),
    }
}

fn check_folder(dir: &Path) -> Checked {
    let policy = policy::load(dir)?;
    Ok((policy.rules.rules().len(), policy.warnings))
}

fn test(args: &RulesTestArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let Some(rules) = rules_of(&args.policy, out)? else { return Ok(Ended::Wrong) };
    let text = match toml_file::read(&args.file) {
        Ok(text) => text,
        Err(error) => {
            writeln!(out, "{error}")?;
            out.flush()?;
            return Ok(Ended::Wrong);
        }
    };
    let coverage = if args.coverage { Told::Yes } else { Told::No };
    let wanted = Wanted { coverage, threshold: args.threshold };
    Ok(rules_test::run(&rules, (&args.file, &text), wanted, out)?)
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
