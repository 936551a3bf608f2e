//! `gateway-proxy rules`: evaluate and explain filters, check, lay out, import and test rules, list
//! the fields.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use gateway_rules::{Phase, RuleSet, Scheme, Weight};
use serde_json::{Value as Json, json};

use super::rules_explain::{self, Form};
use super::rules_test::{self, Told, Wanted};
use super::{Ended, rules_eval, rules_fmt, rules_import};
use crate::args::{Denied, RulesCheckArgs, RulesCommand, RulesExplainArgs, RulesTestArgs};
use crate::config::AvDatabases;
use crate::policy::{self, Oddity, PolicyError, Problem};
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
        RulesCommand::Fmt(args) => rules_fmt::run(args, out),
        RulesCommand::Import(command) => rules_import::run(command, out),
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
    let ended = match &result {
        Ok(checked) if checked.is_denied(args.deny) => Ended::Found,
        Ok(_) => Ended::Well,
        Err(_) => Ended::Wrong,
    };
    match (result, args.json) {
        (Ok(checked), true) => writeln!(out, "{}", checked.to_json())?,
        (Ok(checked), false) => checked.tell(out)?,
        (Err(error), true) => {
            let problems = error.problems.iter().map(|problem| json_of(problem, "error"));
            writeln!(out, "{}", json!({"problems": problems.collect::<Json>()}))?;
        }
        (Err(error), false) => {
            writeln!(out, "{error}")?;
            writeln!(out, "wrong: problems {}", error.problems.len())?;
        }
    }
    out.flush()?;
    Ok(ended)
}

/// Rules that are in order.
struct Checked {
    /// How many of them are enabled.
    rules: usize,
    warnings: Vec<Problem>,
    oddities: Vec<Oddity>,
}

impl Checked {
    fn of(weight: Weight, oddities: &[Oddity]) -> usize {
        oddities.iter().filter(|oddity| oddity.weight() == weight).count()
    }

    fn is_denied(&self, denied: Option<Denied>) -> bool {
        let least = match denied {
            None => return false,
            Some(Denied::Note) => Weight::Note,
            Some(Denied::Warning) => Weight::Warning,
        };
        !self.warnings.is_empty() || self.oddities.iter().any(|oddity| oddity.weight() >= least)
    }

    fn tell(&self, out: &mut impl Write) -> io::Result<()> {
        for warning in &self.warnings {
            writeln!(out, "warning: {warning}")?;
        }
        for oddity in &self.oddities {
            writeln!(out, "{oddity}")?;
        }
        let warnings = self.warnings.len() + Self::of(Weight::Warning, &self.oddities);
        let notes = match Self::of(Weight::Note, &self.oddities) {
            0 => String::new(),
            notes => format!(", notes {notes}"),
        };
        writeln!(out, "ok: rules {}, warnings {warnings}{notes}", self.rules)
    }

    fn to_json(&self) -> Json {
        let warnings = self.warnings.iter().map(|warning| json_of(warning, "warning"));
        let findings = warnings.chain(self.oddities.iter().map(Oddity::to_json));
        json!({"rules": self.rules, "findings": findings.collect::<Json>()})
    }
}

/// A problem for tools.
fn json_of(problem: &Problem, severity: &str) -> Json {
    let mut json = json!({"severity": severity, "message": problem.to_string()});
    if let Some(place) = problem.place() {
        json["file"] = place.file.display().to_string().into();
        json["line"] = place.line.into();
        json["column"] = place.column.into();
        json["message"] = place.taken_from(problem.to_string()).into();
    }
    if let Problem::Filter { rule, diagnostic, .. } = problem {
        json["code"] = diagnostic.problem().code().into();
        json["rule"] = rule.as_str().into();
        json["message"] = diagnostic.to_string().into();
        json["help"] = diagnostic.problem().help().into();
    }
    json
}

fn check_file(file: &Path) -> Result<Checked, PolicyError> {
    let (rules, warnings) = load(file)?;
    let oddities = policy::lint(file, &rules)?;
    Ok(Checked { rules: rules.rules().len(), warnings, oddities })
}

fn check_folder(dir: &Path) -> Result<Checked, PolicyError> {
    let policy = policy::load(dir, &AvDatabases::default())?;
    let oddities = policy::lint(&policy::rules_file(dir), &policy.rules)?;
    Ok(Checked { rules: policy.rules.rules().len(), warnings: policy.warnings, oddities })
}

/// The rules of `file` with the lists that stand beside it, and the warnings.
fn load(file: &Path) -> Result<(RuleSet, Vec<Problem>), PolicyError> {
    let mut warnings = Vec::new();
    // Lists stand beside the rules.
    let dir = file.parent().unwrap_or_else(|| Path::new(""));
    let lists = policy::load_lists(dir, dir, None, &mut warnings)?;
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
