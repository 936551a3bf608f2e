//! Rule sets: many rules checked and compiled as a whole.
//!
//! How a set answers at a gate stands in `decide`, how one is made from another in `recompile`.

mod compile;
mod reads;
mod recompile;
mod tiers;

use std::fmt;
use std::sync::Arc;

use self::compile::{Compiler, Does, overtaken};
use self::reads::Reads;
use self::recompile::{Indexed, Splice};
pub(crate) use self::tiers::TierRules;
use self::tiers::by_tier;
use crate::action::Action;
use crate::constants::Constants;
use crate::decision::TrailEntry;
use crate::diagnostic::Diagnostic;
use crate::facts::{Fact, Facts};
use crate::headers::{ChangesByRule, DueChange, HeaderSide};
use crate::index::{Entry, Index};
use crate::lists::Lists;
use crate::needs::FieldSet;
use crate::options::Options;
use crate::phase::PhaseSet;
use crate::problem::Problem;
use crate::program::{At, Program};
use crate::redaction::{PayloadLog, Redaction};
use crate::row::Rows;
use crate::rule::{OutOfTime, Rule, RuleIndex, Tier};
use crate::scheme::{FieldId, Scheme};
use crate::value::Value;

/// The field by which rules with a schedule or an end know the time.
const TIME_FIELD: &str = "time.unix";

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
    /// What each gate tries one by one.
    pub(crate) rows: Rows,
    base: Arc<Base>,
    patch: Patch,
    fields: FieldSet,
    /// The fields of the malware scan, which `noscan` makes needless.
    pub(crate) scan_fields: FieldSet,
    warnings: Vec<(usize, Diagnostic)>,
    headers: ChangesByRule,
    /// What the rules that redact overwrite, in order.
    redactions: Vec<(u32, Arc<Redaction>)>,
    payload_logs: Vec<(u32, Arc<PayloadLog>)>,
    /// The field that says what time it is.
    time: Option<FieldId>,
}

/// What was compiled as a whole, and what sets made from it share.
struct Base {
    program: Program,
    /// How many rules there were.
    rules: usize,
    reads: Reads,
    options: Options,
}

/// What has changed since.
struct Patch {
    splice: Splice,
    program: Program,
    /// How many rules were compiled to make the set.
    compiled: usize,
}

impl Patch {
    /// Nothing has changed since `compiled` rules were compiled as a whole.
    fn none(compiled: usize) -> Self {
        Self { splice: Splice::default(), program: Program::default(), compiled }
    }
}

/// Where a rule was compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Base,
    Patch,
}

/// Whether a field is one of the malware scan.
fn is_of_malware(scheme: &Scheme, id: FieldId) -> bool {
    scheme.field(id).is_some_and(|field| field.name().starts_with("av."))
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Compiled {
    pub(crate) at: At,
    /// Its quick form, by number.
    pub(crate) quick: usize,
    pub(crate) tier: Tier,
    phases: PhaseSet,
    pub(crate) part: Part,
    /// Whether the time has a say in whether the rule holds.
    pub(crate) is_timed: bool,
    /// Whether it acts, or only counts.
    is_enforcing: bool,
    changes_headers: bool,
    /// Whether it says, as one that acts, who looks for malware.
    pub(crate) scans: bool,
    does: Does,
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
        let mut compiler = Compiler::new(scheme, options, Part::Base);
        let compiled = compiler.rules(&rules, 0)?;
        let (ways, program) = (compiler.ways, compiler.program);
        let index = |tier: &[RuleIndex]| {
            let entry = |rule: &RuleIndex| {
                let quick = program.quick(compiled.get(rule.get())?.quick)?;
                Some(Entry { rule: *rule, ways: ways.get(rule.get())?, price: quick.price() })
            };
            let index = Index::chosen(scheme, tier.iter().filter_map(entry), options.indexing);
            index.map(Indexed::new)
        };
        let tiers = |is_enforcing| {
            let tiers = by_tier(&compiled, is_enforcing);
            tiers.map(|all| TierRules { index: index(&all), all })
        };
        let (enforcing, counting) = (tiers(true), tiers(false));
        let reads = Reads::new(&program, &compiled);
        let base = Base { program, rules: rules.len(), reads, options: options.clone() };
        let patch = Patch::none(rules.len());
        Ok(Self::of(scheme, rules, compiled, [enforcing, counting], Arc::new(base), patch))
    }

    fn of(
        scheme: &Arc<Scheme>,
        rules: Vec<Rule>,
        compiled: Vec<Compiled>,
        [enforcing, counting]: [[TierRules; Tier::ALL.len()]; 2],
        base: Arc<Base>,
        patch: Patch,
    ) -> Self {
        let mut scan_fields = FieldSet::default();
        for (id, _) in scheme.fields().filter(|(id, _)| is_of_malware(scheme, *id)) {
            scan_fields.insert(id);
        }
        let warnings = overtaken(&rules, &compiled);
        let scheme = Arc::clone(scheme);
        let fields = FieldSet::default();
        let changing = (0..).zip(rules.iter().zip(&compiled));
        let changing = changing.filter(|(_, (_, compiled))| compiled.changes_headers);
        let changing = changing.map(|(index, (rule, _))| (index, &rule.headers));
        let headers = ChangesByRule::new(&scheme, changing);
        let time = scheme.id(TIME_FIELD);
        let mut set = Self {
            scheme,
            rules,
            compiled,
            enforcing,
            counting,
            rows: Rows::default(),
            base,
            patch,
            fields,
            scan_fields,
            warnings,
            headers,
            redactions: Vec::new(),
            payload_logs: Vec::new(),
            time,
        };
        set.rows = Rows::new(&set);
        set.redactions = set.redactions_of_rules();
        set.payload_logs = set.payload_logs_of_rules();
        set.fields = set.read_by_rules();
        set.warn_of_foreign();
        set
    }

    /// A set without a rule: it lets everything pass and wants to know nothing.
    #[must_use]
    pub fn none(scheme: &Arc<Scheme>) -> Self {
        let (program, reads) = (Program::default(), Reads::default());
        let base = Base { program, rules: 0, reads, options: Options::default() };
        let patch = Patch::none(0);
        Self::of(scheme, Vec::new(), Vec::new(), Default::default(), Arc::new(base), patch)
    }

    fn redactions_of_rules(&self) -> Vec<(u32, Arc<Redaction>)> {
        let rules = (0..).zip(self.rules.iter().zip(&self.compiled));
        let redaction = |(index, (rule, compiled)): (u32, (&Rule, &Compiled))| {
            if compiled.does != Does::Redact || !compiled.is_enforcing {
                return None;
            }
            let Action::Redact(otherwise) = rule.action else { return None };
            let program = self.program(compiled.part);
            let redaction = Redaction::new(&self.scheme, program, compiled.at, otherwise)?;
            Some((index, Arc::new(redaction)))
        };
        rules.filter_map(redaction).collect()
    }

    fn payload_logs_of_rules(&self) -> Vec<(u32, Arc<PayloadLog>)> {
        let rules = (0..).zip(self.rules.iter().zip(&self.compiled));
        let asking = rules.filter(|(_, (rule, _))| rule.payload_log);
        let payload_log = |(index, (_, compiled)): (u32, (&Rule, &Compiled))| {
            let program = self.program(compiled.part);
            let payload_log = PayloadLog::new(&self.scheme, program, compiled.at)?;
            Some((index, Arc::new(payload_log)))
        };
        asking.filter_map(payload_log).collect()
    }

    /// Why a rule does not hold at the time that `facts` tell of, whatever its filter says.
    pub(crate) fn out_of_time(&self, index: RuleIndex, facts: &Facts) -> Option<OutOfTime> {
        let now = match facts.state(self.time?) {
            Fact::Known(Value::Int(now)) | Fact::Partial(Value::Int(now)) => Some(*now),
            Fact::Known(_) | Fact::Partial(_) | Fact::NotYet | Fact::Missing => None,
        };
        self.rule(index)?.out_of_time(now)
    }

    /// What the rule of this number changes now in the head of the request to `host`, or in that of
    /// the response; nothing for a number of another set.
    pub fn due_changes<'r>(
        &'r self,
        rule: RuleIndex,
        side: HeaderSide,
        host: &'r str,
        facts: &'r Facts,
    ) -> impl Iterator<Item = DueChange<'r>> {
        let changes = self.headers.of(rule.0);
        changes.into_iter().flat_map(move |changes| changes.due(side, host, facts))
    }

    /// What the rule of this number overwrites; `None` where it does not, or only counts.
    #[must_use]
    pub fn redaction(&self, rule: RuleIndex) -> Option<&Arc<Redaction>> {
        let at = self.redactions.binary_search_by_key(&rule.0, |(index, _)| *index).ok()?;
        self.redactions.get(at).map(|(_, redaction)| redaction)
    }

    /// Whether some rule may have bytes of a body overwritten.
    #[must_use]
    pub fn may_redact(&self) -> bool {
        !self.redactions.is_empty()
    }

    /// Whose findings the rule of this number has kept in the record; `None` where it has none kept.
    #[must_use]
    pub fn payload_log(&self, rule: RuleIndex) -> Option<&Arc<PayloadLog>> {
        let at = self.payload_logs.binary_search_by_key(&rule.0, |(index, _)| *index).ok()?;
        self.payload_logs.get(at).map(|(_, payload_log)| payload_log)
    }

    /// Whether some rule may have kept what was found.
    #[must_use]
    pub fn may_log_payload(&self) -> bool {
        !self.payload_logs.is_empty()
    }

    /// The program that holds the rules of a part.
    pub(crate) fn program(&self, part: Part) -> &Program {
        match part {
            Part::Base => &self.base.program,
            Part::Patch => &self.patch.program,
        }
    }

    /// How the rules were read and compiled.
    pub(crate) fn options(&self) -> &Options {
        &self.base.options
    }

    /// The constants that the rules can name.
    #[must_use]
    pub fn constants(&self) -> &Constants {
        &self.base.options.parse.constants
    }

    /// The lists that the rules can name.
    #[must_use]
    pub fn lists(&self) -> &Lists {
        &self.base.options.parse.lists
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
