//! `rules.toml`: from its text to a compiled rule set.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use gateway_dlp::Dlp;
use gateway_h1h2::h1::Checks;
use gateway_rules::{
    Action, CompileError, Diagnostic, Facts, Gate, Ids, KeepPath, Layer, Lists, Operand, Options,
    Otherwise, ParseOptions, Redirect, Rule, RuleSet, Scheme, field,
};
use serde::Deserialize;
use toml::Spanned;

use super::rule_extras::{Given, HeadersEntry, ScheduleEntry, Texts};
use super::scan_groups::ScanGroupFault;
use super::workers::WorkerProblem;
use super::{PolicyError, Problem, ScanGroup, WorkerSource, constants, string_offset};
use crate::config::set_check;
use crate::place::Place;
use crate::toml_file;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    #[serde(default)]
    constants: constants::Table,
    #[serde(default)]
    rule: Vec<RuleEntry>,
}

/// One `[[rule]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleEntry {
    id: Spanned<String>,
    name: Option<String>,
    /// For people; says nothing to the gateway.
    #[serde(default)]
    #[expect(dead_code, reason = "it must parse; the admin API shows it")]
    description: Option<String>,
    layer: LayerName,
    action: Spanned<String>,
    filter: Spanned<String>,
    #[serde(default)]
    log_only: bool,
    #[serde(default = "enabled")]
    enabled: bool,
    redirect: Option<RedirectEntry>,
    worker: Option<Spanned<String>>,
    /// What becomes of a body in which something cannot be overwritten.
    redact_otherwise: Option<OtherwiseName>,
    /// Whether what was found is kept in the record, sealed.
    #[serde(default)]
    payload_log: bool,
    /// The scanners that look for malware, by the name of their group.
    scan: Option<Spanned<String>>,
    /// Checks of HTTP/1 that do something else for what the rule wins.
    checks: Option<Spanned<BTreeMap<String, Spanned<String>>>>,
    /// The hours at which it holds.
    schedule: Option<Spanned<ScheduleEntry>>,
    /// When it ends.
    expires: Option<Spanned<String>>,
    request_headers: Option<HeadersEntry>,
    response_headers: Option<HeadersEntry>,
    /// Who may come in at services that are used by many organisations.
    tenant_control: Option<Spanned<BTreeMap<String, Texts>>>,
}

impl RuleEntry {
    const fn extras(&self) -> Given<'_> {
        Given {
            schedule: self.schedule.as_ref(),
            expires: self.expires.as_ref(),
            request_headers: self.request_headers.as_ref(),
            response_headers: self.response_headers.as_ref(),
            tenant_control: self.tenant_control.as_ref(),
        }
    }
}

/// What else there is that rules can name; `None` where that is not known.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known<'a> {
    /// The scanner with its profiles.
    pub(crate) dlp: Option<&'a Dlp>,
    /// The Workers.
    pub(crate) workers: Option<&'a [WorkerSource]>,
    /// The groups of scanners.
    pub(crate) scan_groups: Option<&'a [ScanGroup]>,
    /// The lists.
    pub(crate) lists: Option<&'a Arc<Lists>>,
    /// The rules in force, of which those that have not changed are taken.
    pub(crate) before: Option<&'a RuleSet>,
    /// Rules that come after those of the file.
    pub(crate) more: &'a [Rule],
}

const fn enabled() -> bool {
    true
}

/// The layers by their names in Cloudflare's API.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum LayerName {
    Http,
    L4,
}

/// What becomes of what cannot be overwritten.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OtherwiseName {
    Allow,
    Block,
}

/// Where a redirect leads.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RedirectEntry {
    to: String,
    #[serde(default)]
    keep_path: bool,
}

/// Compiles the rules in `file` for the gateway's scheme. DLP profiles that rules name but that are
/// not `known` are told in `warnings`, like all else that is perhaps not meant.
///
/// # Errors
///
/// [`PolicyError`] with every problem of every rule, disabled ones included.
pub(crate) fn load(
    file: &Path,
    known: Known<'_>,
    warnings: &mut Vec<Problem>,
) -> Result<RuleSet, PolicyError> {
    let text = toml_file::read(file)?;
    let RulesFile { constants, rule: entries } = toml_file::parse(file, &text)?;
    let source = Source { file, text: &text };
    let mut problems = source.repeated_ids(&entries);
    let constants = constants::read((file, &text), &constants, &mut problems).into();
    problems.extend(entries.iter().flat_map(|entry| source.wrong_checks(entry)));
    problems.extend(source.unknown_names(&entries, known));
    let mut rules = Vec::new();
    let mut origins = Vec::new();
    let mut disabled = Vec::new();
    for entry in &entries {
        let made = match rule(entry) {
            Ok(rule) => rule,
            Err(fault) => {
                problems.push(source.action_problem(entry, fault));
                continue;
            }
        };
        match entry.extras().add_to(made) {
            Ok(rule) if entry.enabled => {
                rules.push(rule);
                origins.push(entry);
            }
            Ok(rule) => disabled.push((rule, entry)),
            Err((offset, fault)) => {
                let (place, rule) = (source.place(offset), entry.id.get_ref().clone());
                problems.push(Problem::RuleExtra { place, rule, source: fault });
            }
        }
    }
    rules.extend_from_slice(known.more);
    let scheme = Scheme::gateway();
    let lists = known.lists.cloned().unwrap_or_default();
    let parse = ParseOptions { lists, constants, ..ParseOptions::default() };
    let options = Options { parse, ..Options::default() };
    let problem = |entry, diagnostic| source.filter_problem(entry, diagnostic);
    for (rule, entry) in disabled {
        if let Err(error) = RuleSet::compile(&scheme, vec![rule], &options) {
            problems.extend(error.diagnostics.into_iter().map(|(_, d)| problem(entry, d)));
        }
    }
    let of_rule = |(index, diagnostic): (usize, Diagnostic)| {
        origins.get(index).map(|entry| problem(entry, diagnostic))
    };
    let compiled = match known.before {
        Some(before) => before.recompile_under(rules, &options),
        None => RuleSet::compile(&scheme, rules, &options),
    };
    match compiled {
        Ok(rules) if problems.is_empty() => {
            warnings.extend(rules.warnings().iter().cloned().filter_map(of_rule));
            if let Some(dlp) = known.dlp {
                warnings.extend(source.unknown_profiles(&rules, dlp));
            }
            return Ok(rules);
        }
        Ok(_) => {}
        Err(CompileError { diagnostics, .. }) => {
            problems.extend(diagnostics.into_iter().filter_map(of_rule));
        }
    }
    Err(PolicyError::of_file(problems))
}

fn rule(entry: &RuleEntry) -> Result<Rule, gateway_rules::ActionError> {
    let layer = match entry.layer {
        LayerName::Http => Layer::Http,
        LayerName::L4 => Layer::Network,
    };
    let redirect = entry.redirect.as_ref().map(|redirect| Redirect {
        to: redirect.to.clone(),
        keep: if redirect.keep_path { KeepPath::PathAndQuery } else { KeepPath::Nothing },
    });
    let worker = entry.worker.as_ref().map(|worker| Operand::Worker(worker.get_ref().clone()));
    let redirect = redirect.map(Operand::Redirect);
    let otherwise = entry.redact_otherwise.map(|name| {
        Operand::Otherwise(match name {
            OtherwiseName::Allow => Otherwise::Allow,
            OtherwiseName::Block => Otherwise::Block,
        })
    });
    // With both, the one that does not belong to the action is told.
    let operand = match entry.action.get_ref().as_str() {
        "forward" => redirect.or(otherwise).or(worker),
        "redact" => redirect.or(worker).or(otherwise),
        _ => worker.or(otherwise).or(redirect),
    };
    let action = Action::from_api(entry.action.get_ref(), operand)?;
    let mut rule = Rule::new(entry.id.get_ref(), layer, action, entry.filter.get_ref());
    if let Some(name) = &entry.name {
        rule = rule.named(name);
    }
    for (check, severity) in entry.checks.iter().flat_map(|checks| checks.get_ref()) {
        rule = rule.relaxing(check, severity.get_ref());
    }
    if entry.payload_log {
        rule = rule.logging_payload();
    }
    if let Some(group) = &entry.scan {
        rule = rule.scanned_by(group.get_ref());
    }
    Ok(if entry.log_only { rule.log_only() } else { rule })
}

/// The text that places are told in.
#[derive(Clone, Copy)]
struct Source<'a> {
    file: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    fn place(self, offset: usize) -> Place {
        Place::of(self.file, self.text, offset)
    }

    fn repeated_ids(self, entries: &[RuleEntry]) -> Vec<Problem> {
        // Lines are counted for what is told alone: counting takes as long as the file is.
        let mut offsets = BTreeMap::new();
        let mut problems = Vec::new();
        for entry in entries {
            let offset = entry.id.span().start;
            let rule = entry.id.get_ref();
            match offsets.get(rule) {
                Some(&first) => {
                    let (place, first) = (self.place(offset), self.place(first).line);
                    problems.push(Problem::RuleTwice { place, rule: rule.clone(), first });
                }
                None => {
                    offsets.insert(rule, offset);
                }
            }
        }
        problems
    }

    /// What rules name, but that there is not.
    fn unknown_names(self, entries: &[RuleEntry], known: Known<'_>) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(workers) = known.workers {
            problems.extend(self.unknown_workers(entries, workers));
        }
        if let Some(groups) = known.scan_groups {
            problems.extend(self.unknown_scan_groups(entries, groups));
        }
        problems
    }

    /// The Workers that rules name, but that there are not.
    fn unknown_workers(self, entries: &[RuleEntry], workers: &[WorkerSource]) -> Vec<Problem> {
        let named = entries.iter().filter_map(|entry| entry.worker.as_ref());
        let unknown = named.filter(|name| workers.iter().all(|w| w.name != *name.get_ref()));
        let problem = |name: &Spanned<String>| {
            let known = workers.iter().map(|worker| worker.name.as_str());
            let meant = toml_file::nearest(name.get_ref(), known).map(str::to_owned);
            let worker = name.get_ref().clone();
            WorkerProblem::Unknown { place: self.place(name.span().start), worker, meant }.into()
        };
        unknown.map(problem).collect()
    }

    /// The groups of scanners that rules name, but that there are not.
    fn unknown_scan_groups(self, entries: &[RuleEntry], groups: &[ScanGroup]) -> Vec<Problem> {
        let named = entries.iter().filter_map(|entry| entry.scan.as_ref());
        let unknown = named.filter(|name| groups.iter().all(|g| g.name != *name.get_ref()));
        let problem = |name: &Spanned<String>| {
            let known = groups.iter().map(|group| group.name.as_str());
            let meant = toml_file::nearest(name.get_ref(), known).map(str::to_owned);
            let (place, group) = (self.place(name.span().start), name.get_ref().clone());
            Problem::ScanGroup { place, group, source: ScanGroupFault::Unknown { meant } }
        };
        unknown.map(problem).collect()
    }

    /// The checks of a rule that cannot be set so.
    fn wrong_checks(self, entry: &RuleEntry) -> Vec<Problem> {
        let Some(checks) = &entry.checks else { return Vec::new() };
        let rule = || entry.id.get_ref().clone();
        if !["allow", "noscan", "forward"].contains(&entry.action.get_ref().as_str()) {
            let place = self.place(checks.span().start);
            return vec![Problem::ChecksUnused { place, rule: rule() }];
        }
        let mut problems = Vec::new();
        for (check, severity) in checks.get_ref() {
            let set = set_check(&mut Checks::default(), check, severity.get_ref());
            if let Err(source) = set {
                let place = self.place(severity.span().start);
                let source = Box::new(source);
                problems.push(Problem::Check { place, rule: rule(), source });
            }
        }
        problems
    }

    fn action_problem(self, entry: &RuleEntry, source: gateway_rules::ActionError) -> Problem {
        let place = self.place(entry.action.span().start);
        Problem::Action { place, rule: entry.id.get_ref().clone(), source }
    }

    fn filter_problem(self, entry: &RuleEntry, diagnostic: Diagnostic) -> Problem {
        let at = diagnostic.span().start;
        let place = self.place(string_offset::in_file(self.text, entry.filter.span(), at));
        let line = self.text.lines().nth(place.line - 1).unwrap_or_default().to_owned();
        Problem::Filter { place, rule: entry.id.get_ref().clone(), diagnostic, line }
    }

    /// The profiles that some rule compares with, but that `dlp` does not have.
    fn unknown_profiles(self, rules: &RuleSet, dlp: &Dlp) -> Vec<Problem> {
        let nothing_known = Facts::new(rules.scheme());
        let decision = rules.decide(&nothing_known, Gate::ResponseBody);
        let fields =
            [field::DLP_PROFILES, field::DLP_UPLOAD_PROFILES, field::DLP_DOWNLOAD_PROFILES];
        let mut named: Vec<String> = Vec::new();
        for field in fields {
            match decision.needs().ids(field) {
                Ids::Only(ids) => {
                    named.extend(ids.iter().map(|id| String::from_utf8_lossy(id).into_owned()));
                }
                Ids::All => {}
            }
        }
        named.sort_unstable();
        named.dedup();
        named.retain(|name| dlp.profiles().all(|profile| *profile.id != **name));
        let problem = |profile: String| {
            let at = self.text.find(&format!("\"{profile}\"")).unwrap_or(0);
            let known = dlp.profiles().map(|profile| &*profile.id);
            let meant = toml_file::nearest(&profile, known).map(str::to_owned);
            Problem::UnknownProfile { place: self.place(at), profile, meant }
        };
        named.into_iter().map(problem).collect()
    }
}
