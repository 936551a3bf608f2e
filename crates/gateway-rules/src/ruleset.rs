//! Rule sets: many rules compiled as a whole.

use std::sync::Arc;

use crate::decision::{Decision, TrailEntry};
use crate::diagnostic::Diagnostic;
use crate::facts::Facts;
use crate::options::Options;
use crate::phase::Gate;
use crate::rule::{Rule, RuleIndex, Tier};
use crate::scheme::{FieldId, Scheme};

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
#[derive(Clone, Debug)]
pub struct RuleSet {
    scheme: Arc<Scheme>,
    rules: Vec<Rule>,
}

impl RuleSet {
    /// Compiles `rules`, whose order is their precedence.
    ///
    /// # Errors
    /// [`CompileError`] lists every fault of every rule.
    pub fn compile(
        scheme: &Arc<Scheme>,
        rules: Vec<Rule>,
        options: &Options,
    ) -> Result<Self, CompileError> {
        unimplemented!()
    }

    /// What the rules say at `gate`, as far as `facts` are known.
    #[must_use]
    pub fn decide(&self, facts: &Facts, gate: Gate) -> Decision<'_> {
        unimplemented!()
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

    /// The tier in which a rule is enforced.
    #[must_use]
    pub fn tier(&self, index: RuleIndex) -> Option<Tier> {
        unimplemented!()
    }

    /// The condition that made a rule match, as written in its filter.
    #[must_use]
    pub fn predicate(&self, entry: &TrailEntry) -> &str {
        unimplemented!()
    }

    /// The scheme that the rules were compiled for.
    #[must_use]
    pub const fn scheme(&self) -> &Arc<Scheme> {
        &self.scheme
    }

    /// Whether any rule reads the field; no other fact need ever be computed.
    #[must_use]
    pub fn uses(&self, field: FieldId) -> bool {
        unimplemented!()
    }

    /// What is odd about rules that compile: position of the rule, and the diagnostic.
    #[must_use]
    pub fn warnings(&self) -> &[(usize, Diagnostic)] {
        unimplemented!()
    }
}
