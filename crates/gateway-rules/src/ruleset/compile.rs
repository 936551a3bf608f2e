//! Compiling rules one by one: what each reads, its tier, and what is odd about it beside others.

use super::{CompileError, Compiled, Part, is_of_malware};
use crate::action::Action;
use crate::ast::Span;
use crate::bodies::{self, Condition};
use crate::diagnostic::Diagnostic;
use crate::headers::HeaderChanges;
use crate::index::Ways;
use crate::options::{Options, ParseOptions, Yields};
use crate::pattern::Patterns;
use crate::phase::{Gate, Phase, PhaseSet};
use crate::problem::Problem;
use crate::program::{At, Program};
use crate::redaction::{PayloadLog, Redaction};
use crate::rule::{Layer, Rule, Tier};
use crate::scheme::{Field, FieldId, Scheme};

/// What there is to know of an action where a set is put together: the rules themselves, of which
/// there are many and each is long, need not be looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// Turns away, whatever becomes of the body.
    Block,
    Redact,
    Redirect,
    /// Something else, that refuses nothing.
    Other,
}

impl Does {
    pub(super) const fn of(action: &Action) -> Self {
        match action {
            Action::Block | Action::Quarantine => Self::Block,
            Action::Redact(_) => Self::Redact,
            Action::Redirect(_) => Self::Redirect,
            Action::Allow
            | Action::DoNotInspect
            | Action::Forward(_)
            | Action::Log
            | Action::NoScan => Self::Other,
        }
    }
}

/// Reads rules into one program.
pub(super) struct Compiler<'a> {
    scheme: &'a Scheme,
    options: ParseOptions,
    /// How each rule can be looked for.
    pub(super) ways: Vec<Ways>,
    patterns: Patterns,
    pub(super) program: Program,
    part: Part,
    /// Where the rule that is compiled names the field that says which body is looked at.
    body_phase: Option<(FieldId, Span)>,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(scheme: &'a Scheme, options: &Options, part: Part) -> Self {
        let options = ParseOptions { yields: Yields::Bool, ..options.parse.clone() };
        let (patterns, program) = (Patterns::default(), Program::default());
        Self { scheme, options, ways: Vec::new(), patterns, program, part, body_phase: None }
    }

    /// Compiles rules whose first is the one of the number `first`.
    pub(super) fn rules(
        &mut self,
        rules: &[Rule],
        first: usize,
    ) -> Result<Vec<Compiled>, CompileError> {
        let mut compiled = Vec::with_capacity(rules.len());
        let mut diagnostics = Vec::new();
        for (index, rule) in (first..).zip(rules) {
            match self.rule(rule) {
                Ok(rule) => compiled.push(rule),
                Err(faults) => diagnostics.extend(faults.into_iter().map(|fault| (index, fault))),
            }
        }
        if diagnostics.is_empty() { Ok(compiled) } else { Err(CompileError { diagnostics }) }
    }

    fn rule(&mut self, rule: &Rule) -> Result<Compiled, Vec<Diagnostic>> {
        let Condition { expr, body_phase } =
            bodies::read(self.scheme, &rule.filter, &self.options)?;
        self.body_phase = body_phase;
        let pushed = self.program.push(&expr, &mut self.patterns, &self.options);
        let at = pushed.map_err(|fault| vec![fault])?;
        let phases = self.program.fields(at).map(|field| self.scheme.phases(field));
        let phases = phases.fold(PhaseSet::EMPTY, PhaseSet::union);
        let tier = self.tier(rule, at, phases).map_err(|fault| vec![fault])?;
        self.headers(rule, at).map_err(|fault| vec![fault])?;
        if rule.payload_log && PayloadLog::new(self.scheme, &self.program, at).is_none() {
            return Err(vec![Diagnostic::new(Problem::NoPayload, 0..rule.filter.len())]);
        }
        if rule.scan.is_some() && !self.may_scan(rule, at) {
            return Err(vec![Diagnostic::new(Problem::ScanUnused, 0..rule.filter.len())]);
        }
        self.ways.push(Ways::of(&expr, &mut self.patterns, &self.options));
        Ok(Compiled {
            at,
            quick: self.program.add_quick(at),
            tier,
            phases,
            part: self.part,
            is_timed: rule.is_timed(),
            is_enforcing: rule.is_enforcing(),
            changes_headers: !rule.headers.is_empty(),
            scans: rule.scan.is_some() && rule.is_enforcing(),
            does: Does::of(&rule.action),
        })
    }

    /// Whether a rule has a say in who looks for malware.
    fn may_scan(&self, rule: &Rule, at: At) -> bool {
        let asks = self.program.fields(at).any(|id| is_of_malware(self.scheme, id));
        let passes = match rule.action {
            Action::Allow | Action::Forward(_) => true,
            Action::Block
            | Action::Log
            | Action::Quarantine
            | Action::Redact(_)
            | Action::Redirect(_) => false,
            Action::DoNotInspect | Action::NoScan => return false,
        };
        rule.layer == Layer::Http && (asks || passes)
    }

    fn tier(&self, rule: &Rule, at: At, phases: PhaseSet) -> Result<Tier, Diagnostic> {
        let whole = 0..rule.filter.len();
        match (rule.layer, &rule.action) {
            (Layer::Network, Action::Allow | Action::Block | Action::Log) => {
                self.known_by(Gate::Dial.before(), "an `l4` rule", at)?;
                return Ok(Tier::Network);
            }
            (
                Layer::Network,
                Action::DoNotInspect
                | Action::Forward(_)
                | Action::NoScan
                | Action::Quarantine
                | Action::Redact(_)
                | Action::Redirect(_),
            ) => {
                let problem = Problem::ActionLayer { action: rule.action.api_name() };
                return Err(Diagnostic::new(problem, whole));
            }
            (Layer::Http, Action::DoNotInspect) => {
                self.known_by(Gate::Tunnel.before(), "the action `off`", at)?;
                return Ok(Tier::Inspect);
            }
            (Layer::Http, Action::Forward(_)) => {
                self.known_by(Gate::RequestHead.before(), "the action `forward`", at)?;
                return Ok(Tier::Forward);
            }
            (Layer::Http, Action::NoScan) => {
                self.known_by(Gate::ResponseHead.before(), "the action `noscan`", at)?;
            }
            (Layer::Http, Action::Redact(otherwise)) => {
                if Redaction::new(self.scheme, &self.program, at, *otherwise).is_none() {
                    return Err(Diagnostic::new(Problem::NothingToRedact, whole));
                }
            }
            (Layer::Http, Action::Redirect(redirect)) => {
                if !redirect.is_sound() {
                    let problem = Problem::RedirectTarget { to: redirect.to.clone() };
                    return Err(Diagnostic::new(problem, whole));
                }
            }
            (Layer::Http, Action::Allow | Action::Block | Action::Quarantine | Action::Log) => {}
        }
        let reads_body = !phases.intersection(BODIES).is_empty();
        Ok(if reads_body { Tier::Body } else { Tier::Http })
    }

    /// Checks the changes of header fields: the rule must have won before the head leaves.
    fn headers(&self, rule: &Rule, at: At) -> Result<(), Diagnostic> {
        let HeaderChanges { request, response } = &rule.headers;
        if request.is_empty() && response.is_empty() {
            return Ok(());
        }
        let whole = 0..rule.filter.len();
        let lets_pass = matches!(rule.action, Action::Allow | Action::NoScan | Action::Forward(_));
        if rule.layer != Layer::Http || !lets_pass {
            let problem = Problem::HeadersUnused { action: rule.action.api_name() };
            return Err(Diagnostic::new(problem, whole));
        }
        if let Err(fault) = rule.headers.prepare(self.scheme) {
            return Err(Diagnostic::new(Problem::Header { fault }, whole));
        }
        match request.is_empty() {
            true => self.known_by(Gate::ResponseHead.before(), "a change of the response head", at),
            false => self.known_by(Gate::RequestHead.before(), "a change of the request head", at),
        }
    }

    /// Checks that every field of the rule is known by then.
    fn known_by(&self, phases: PhaseSet, what: &'static str, at: At) -> Result<(), Diagnostic> {
        for (field, span) in self.body_phase.into_iter().chain(self.program.places(at)) {
            let known = self.scheme.phases(field);
            if !known.is_subset(phases) {
                let field = self.scheme.field(field).map_or("", Field::name).to_owned();
                let problem = Problem::FieldTooLate { what, field, phases: known };
                return Err(Diagnostic::new(problem, span.range()));
            }
        }
        Ok(())
    }
}

const BODIES: PhaseSet = PhaseSet::of(&[Phase::RequestBody, Phase::ResponseBody]);

/// The rules that another one below them overtakes because it is known, and acts, at a gate where
/// they cannot be known yet.
pub(super) fn overtaken(rules: &[Rule], compiled: &[Compiled]) -> Vec<(usize, Diagnostic)> {
    let mut warnings = Vec::new();
    for (tier, gate) in [(Tier::Http, Gate::RequestHead), (Tier::Body, Gate::RequestBody)] {
        let (mut block, mut redirect): (Option<&Rule>, Option<&Rule>) = (None, None);
        let in_tier = rules.iter().zip(compiled).enumerate().rev();
        for (index, (rule, compiled)) in in_tier {
            if compiled.tier != tier || !compiled.is_enforcing {
                continue;
            }
            let is_early = compiled.phases.is_subset(gate.before());
            let later = match compiled.does {
                Does::Block => redirect,
                Does::Redact | Does::Redirect | Does::Other => block.or(redirect),
            };
            match (compiled.does, later) {
                (Does::Block, _) if is_early => block = Some(rule),
                (Does::Redirect, _) if is_early => redirect = Some(rule),
                (_, Some(later)) if !is_early => {
                    let later = later.name.clone();
                    let problem = Problem::DecidedBehindGate { gate, later };
                    let diagnostic = Diagnostic::new(problem, 0..rule.filter.len());
                    warnings.push((index, diagnostic));
                }
                _ => {}
            }
        }
    }
    warnings.sort_by_key(|(index, _)| *index);
    warnings
}
