//! Rule sets: many rules checked and compiled as a whole.
//!
//! How a set answers at a gate stands in `decide`.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::action::Action;
use crate::decision::TrailEntry;
use crate::diagnostic::Diagnostic;
use crate::facts::Facts;
use crate::index::{Index, Ways};
use crate::needs::FieldSet;
use crate::options::{Options, ParseOptions, Yields};
use crate::parse;
use crate::pattern::Patterns;
use crate::phase::{Gate, Phase, PhaseSet};
use crate::problem::Problem;
use crate::program::{At, Program};
use crate::rule::{Layer, Rule, RuleIndex, Tier};
use crate::scheme::{Field, FieldId, Scheme};

/// Why a rule set cannot be compiled: every faulty rule with what is wrong in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} faults in the rules, the first in rule {}", diagnostics.len(), first_rule(diagnostics))]
#[non_exhaustive]
pub struct CompileError {
    /// The position of the rule in the input, and the diagnostic about its filter.
    pub diagnostics: Vec<(usize, Diagnostic)>,
}

fn first_rule(diagnostics: &[(usize, Diagnostic)]) -> usize {
    diagnostics.first().map_or(0, |(rule, _)| rule + 1)
}

/// A compiled, immutable set of rules.
pub struct RuleSet {
    pub(crate) scheme: Arc<Scheme>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) compiled: Vec<Compiled>,
    /// The rules of each tier that act.
    pub(crate) enforcing: [TierRules; Tier::ALL.len()],
    /// The rules of each tier that only count.
    pub(crate) counting: [TierRules; Tier::ALL.len()],
    pub(crate) program: Program,
    fields: FieldSet,
    /// The fields of the malware scan, which `noscan` makes needless.
    pub(crate) scan_fields: FieldSet,
    warnings: Vec<(usize, Diagnostic)>,
}

/// Rules of one tier.
#[derive(Debug, Default)]
pub(crate) struct TierRules {
    /// In order of precedence.
    all: Vec<RuleIndex>,
    /// Where there are many of them.
    index: Option<Index>,
}

impl TierRules {
    /// Those that may hold or be open, in order of precedence.
    pub(crate) fn possible(&self, facts: &Facts) -> Cow<'_, [RuleIndex]> {
        match &self.index {
            Some(index) => Cow::Owned(index.find(facts)),
            None => Cow::Borrowed(&self.all),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Compiled {
    pub(crate) at: At,
    pub(crate) tier: Tier,
    phases: PhaseSet,
}

impl RuleSet {
    /// Compiles `rules`, whose order is their precedence.
    ///
    /// Patterns are compiled once for all rules that use them.
    ///
    /// # Errors
    /// [`CompileError`] lists every faulty rule.
    pub fn compile(
        scheme: &Arc<Scheme>,
        rules: Vec<Rule>,
        options: &Options,
    ) -> Result<Self, CompileError> {
        let rules_max = options.rules_max.min(u32::MAX as usize);
        if rules.len() > rules_max {
            let problem = Problem::TooManyRules { rules_max };
            return Err(CompileError {
                diagnostics: vec![(rules_max, Diagnostic::new(problem, 0..0))],
            });
        }
        let indexed_from = options.indexed_from;
        let options = ParseOptions { yields: Yields::Bool, ..options.parse.clone() };
        let mut compiler = Compiler {
            scheme,
            options,
            ways: Vec::with_capacity(rules.len()),
            patterns: Patterns::default(),
            program: Program::default(),
        };
        let mut compiled = Vec::with_capacity(rules.len());
        let mut diagnostics = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            match compiler.rule(rule) {
                Ok(rule) => compiled.push(rule),
                Err(faults) => diagnostics.extend(faults.into_iter().map(|fault| (index, fault))),
            }
        }
        if !diagnostics.is_empty() {
            return Err(CompileError { diagnostics });
        }
        let mut enforcing: [TierRules; Tier::ALL.len()] = Default::default();
        let mut counting: [TierRules; Tier::ALL.len()] = Default::default();
        for (index, (rule, compiled)) in (0..).zip(rules.iter().zip(&compiled)) {
            let tiers = if rule.is_enforcing() { &mut enforcing } else { &mut counting };
            if let Some(tier) = tiers.get_mut(compiled.tier.index()) {
                tier.all.push(RuleIndex(index));
            }
        }
        for tier in enforcing.iter_mut().chain(&mut counting) {
            if tier.all.len() >= indexed_from {
                let ways = &compiler.ways;
                let rules = tier.all.iter().filter_map(|rule| Some((*rule, ways.get(rule.get())?)));
                tier.index = Some(Index::new(scheme, rules));
            }
        }
        let mut scan_fields = FieldSet::default();
        for (id, _) in scheme.fields().filter(|(_, field)| field.name().starts_with("av.")) {
            scan_fields.insert(id);
        }
        let program = compiler.program;
        let fields = program.all_fields();
        let warnings = overtaken(&rules, &compiled);
        let scheme = Arc::clone(scheme);
        Ok(Self {
            scheme,
            rules,
            compiled,
            enforcing,
            counting,
            program,
            fields,
            scan_fields,
            warnings,
        })
    }

    /// A set without a rule: it lets everything pass and wants to know nothing.
    #[must_use]
    pub fn none(scheme: &Arc<Scheme>) -> Self {
        Self {
            scheme: Arc::clone(scheme),
            rules: Vec::new(),
            compiled: Vec::new(),
            enforcing: Default::default(),
            counting: Default::default(),
            program: Program::default(),
            fields: FieldSet::default(),
            scan_fields: FieldSet::default(),
            warnings: Vec::new(),
        }
    }

    /// The rules, in order of precedence.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of this number; `None` for a number of another set.
    #[must_use]
    pub fn rule(&self, index: RuleIndex) -> Option<&Rule> {
        self.rules.get(index.get())
    }

    /// The tier in which a rule is enforced; `None` for a number of another set.
    #[must_use]
    pub fn tier(&self, index: RuleIndex) -> Option<Tier> {
        self.compiled.get(index.get()).map(|compiled| compiled.tier)
    }

    /// The condition that made a rule match, as written in its filter; empty for an entry of
    /// another set.
    #[must_use]
    pub fn predicate(&self, entry: &TrailEntry) -> &str {
        let filter = self.rule(entry.rule).map(|rule| rule.filter.as_str());
        filter.and_then(|text| text.get(entry.predicate.clone())).unwrap_or_default()
    }

    /// The scheme that the rules were compiled for.
    #[must_use]
    pub const fn scheme(&self) -> &Arc<Scheme> {
        &self.scheme
    }

    /// Somebody besides the rules reads `fields` too, such as a [`Filter`](crate::Filter) that
    /// stands alone: the set [`uses`](Self::uses) them from now on.
    pub fn read_also(&mut self, fields: impl IntoIterator<Item = FieldId>) {
        fields.into_iter().for_each(|field| self.fields.insert(field));
    }

    /// Whether any rule reads the field, or somebody who [reads besides](Self::read_also); no other
    /// fact need ever be computed.
    #[must_use]
    pub fn uses(&self, field: FieldId) -> bool {
        self.fields.contains(field)
    }

    /// What is odd about rules that compile: position of the rule, and the diagnostic.
    #[must_use]
    pub fn warnings(&self) -> &[(usize, Diagnostic)] {
        &self.warnings
    }
}

/// Shows the rules, not their compiled form.
impl fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuleSet").field("rules", &self.rules).finish_non_exhaustive()
    }
}

struct Compiler<'a> {
    scheme: &'a Scheme,
    options: ParseOptions,
    /// How each rule can be looked for.
    ways: Vec<Ways>,
    patterns: Patterns,
    program: Program,
}

impl Compiler<'_> {
    fn rule(&mut self, rule: &Rule) -> Result<Compiled, Vec<Diagnostic>> {
        let checked = parse::parse(self.scheme, &rule.filter, &self.options)?;
        let pushed = self.program.push(&checked.expr, &mut self.patterns, &self.options);
        let at = pushed.map_err(|fault| vec![fault])?;
        let phases = self.program.fields(at).map(|field| self.scheme.phases(field));
        let phases = phases.fold(PhaseSet::EMPTY, PhaseSet::union);
        let tier = self.tier(rule, at, phases).map_err(|fault| vec![fault])?;
        self.ways.push(Ways::of(&checked.expr));
        Ok(Compiled { at, tier, phases })
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
                Action::DoNotInspect | Action::Forward(_) | Action::NoScan | Action::Redirect(_),
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
            (Layer::Http, Action::Redirect(redirect)) => {
                if !redirect.is_sound() {
                    let problem = Problem::RedirectTarget { to: redirect.to.clone() };
                    return Err(Diagnostic::new(problem, whole));
                }
            }
            (Layer::Http, Action::Allow | Action::Block | Action::Log) => {}
        }
        let reads_body = !phases.intersection(BODIES).is_empty();
        Ok(if reads_body { Tier::Body } else { Tier::Http })
    }

    /// Checks that every field of the rule is known by then.
    fn known_by(&self, phases: PhaseSet, what: &'static str, at: At) -> Result<(), Diagnostic> {
        for (field, span) in self.program.places(at) {
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
fn overtaken(rules: &[Rule], compiled: &[Compiled]) -> Vec<(usize, Diagnostic)> {
    let mut warnings = Vec::new();
    for (tier, gate) in [(Tier::Http, Gate::RequestHead), (Tier::Body, Gate::RequestBody)] {
        let (mut block, mut redirect): (Option<&Rule>, Option<&Rule>) = (None, None);
        let in_tier = rules.iter().zip(compiled).enumerate().rev();
        for (index, (rule, compiled)) in in_tier {
            if compiled.tier != tier || !rule.is_enforcing() {
                continue;
            }
            let is_early = compiled.phases.is_subset(gate.before());
            let later = match rule.action {
                Action::Block => redirect,
                Action::Allow
                | Action::DoNotInspect
                | Action::Forward(_)
                | Action::NoScan
                | Action::Redirect(_)
                | Action::Log => block.or(redirect),
            };
            match (&rule.action, later) {
                (Action::Block, _) if is_early => block = Some(rule),
                (Action::Redirect(_), _) if is_early => redirect = Some(rule),
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
