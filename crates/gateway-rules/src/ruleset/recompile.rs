//! Sets made from others: where few rules have changed, only those are compiled, and the others stay
//! where they are and keep their index.

use std::ops::Range;
use std::sync::Arc;

use super::compile::Compiler;
use super::{CompileError, Part, Patch, RuleSet, TierRules, by_tier};
use crate::facts::Facts;
use crate::index::Index;
use crate::options::Options;
use crate::rule::{Rule, RuleIndex};

/// Changed rules up to which the rest is kept. They are tried one by one in every decision.
const CHANGED_MAX: usize = 16;

/// A run of rules that stands in the place of another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Splice {
    start: usize,
    removed: usize,
    inserted: usize,
}

impl Splice {
    /// What a rule of the base is numbered now, if it is still there.
    const fn moved(self, number: u32) -> Option<u32> {
        let at = number as usize;
        if at < self.start {
            return Some(number);
        }
        if at < self.start + self.removed {
            return None;
        }
        Some((at - self.removed + self.inserted) as u32)
    }

    /// The rules of the base that are gone.
    pub(super) const fn removed(self) -> Range<usize> {
        self.start..self.start + self.removed
    }

    const fn is_empty(self) -> bool {
        self.removed == 0 && self.inserted == 0
    }
}

/// The index of a tier, with what has changed since it was made.
#[derive(Debug)]
pub(super) struct Indexed {
    index: Arc<Index>,
    splice: Splice,
    /// Changed rules of the tier.
    changed: Vec<RuleIndex>,
}

impl Indexed {
    pub(super) fn new(index: Index) -> Self {
        Self { index: Arc::new(index), splice: Splice::default(), changed: Vec::new() }
    }

    /// The rules that may hold or be open, in order of precedence.
    pub(super) fn find(&self, facts: &Facts) -> Vec<RuleIndex> {
        let mut found = self.index.find(facts);
        if !self.splice.is_empty() {
            found.retain_mut(|rule| match self.splice.moved(rule.0) {
                Some(number) => {
                    rule.0 = number;
                    true
                }
                None => false,
            });
            found.extend_from_slice(&self.changed);
            found.sort_unstable();
        }
        found
    }
}

impl RuleSet {
    /// Compiles `rules` as [`compile`](Self::compile) does, with the options of this set. Where they
    /// differ from the rules of this set in one run of up to 16, which may have come, gone or
    /// changed, only that run is compiled.
    ///
    /// # Errors
    /// [`CompileError`] lists every faulty rule.
    pub fn recompile(&self, rules: Vec<Rule>) -> Result<Self, CompileError> {
        let options = &self.base.options;
        let splice = self.splice_to(&rules);
        if splice.inserted > CHANGED_MAX || rules.len() > options.rules_max {
            return Self::compile(&self.scheme, rules, options);
        }
        let Splice { start, removed, inserted } = splice;
        let mut compiler = Compiler::new(&self.scheme, options, Part::Patch);
        let changed = rules.get(start..start + inserted).unwrap_or_default();
        let changed = compiler.rules(changed, start)?;
        // What this set has before and behind what differs is all of the base.
        let tail = self.base.rules - start - removed;
        let mut compiled = self.compiled.clone();
        compiled.splice(start..self.compiled.len() - tail, changed);
        let [enforcing, counting] =
            [(true, &self.enforcing), (false, &self.counting)].map(|(is_enforcing, before)| {
                let mut before = before.iter();
                by_tier(&compiled, is_enforcing).map(|all| {
                    let index = before.next().and_then(|tier| tier.index.as_ref());
                    let index = index.map(|indexed| Indexed {
                        index: Arc::clone(&indexed.index),
                        splice,
                        changed: within(&all, splice),
                    });
                    TierRules { all, index }
                })
            });
        let patch = Patch { splice, program: compiler.program, compiled: inserted };
        let base = Arc::clone(&self.base);
        Ok(Self::of(&self.scheme, rules, compiled, [enforcing, counting], base, patch))
    }

    /// Compiles `rules` as [`compile`](Self::compile) does with the `options` given. Where these say
    /// what those of this set do, lists and constants included, rules that have not changed are not
    /// compiled again, as in [`recompile`](Self::recompile), and this set's lists stay in use.
    ///
    /// ```
    /// use gateway_rules::{Action, Layer, Options, Rule, RuleSet, Scheme};
    ///
    /// let rule = |port: u16| {
    ///     Rule::new("r", Layer::Network, Action::Block, format!("net.dst.port == {port}"))
    /// };
    /// let options = Options::default();
    /// let before = RuleSet::compile(&Scheme::gateway(), vec![rule(22), rule(25)], &options)?;
    /// let after = before.recompile_under(vec![rule(22), rule(587)], &options)?;
    /// assert_eq!((before.compiled_anew(), after.compiled_anew()), (2, 1));
    /// # Ok::<(), gateway_rules::CompileError>(())
    /// ```
    ///
    /// # Errors
    /// [`CompileError`] lists every faulty rule.
    pub fn recompile_under(
        &self,
        rules: Vec<Rule>,
        options: &Options,
    ) -> Result<Self, CompileError> {
        if self.base.options == *options {
            self.recompile(rules)
        } else {
            Self::compile(&self.scheme, rules, options)
        }
    }

    /// How many rules were compiled to make this set; those that it has from the set before it do
    /// not count.
    #[must_use]
    pub const fn compiled_anew(&self) -> usize {
        self.patch.compiled
    }

    /// What turns the base into `rules`: where this set and they differ, and where this set already
    /// differs from the base.
    fn splice_to(&self, rules: &[Rule]) -> Splice {
        let before = self.patch.splice;
        let same = |(a, b): &(&Rule, &Rule)| a == b;
        let head = self.rules.iter().zip(rules).take_while(same).count();
        let rest = self.rules.len().min(rules.len()) - head;
        let tail =
            self.rules.iter().rev().zip(rules.iter().rev()).take(rest).take_while(same).count();
        let (start, tail) = if before.is_empty() {
            (head, tail)
        } else {
            (head.min(before.start), tail.min(self.base.rules - before.start - before.removed))
        };
        Splice {
            start,
            removed: self.base.rules - start - tail,
            inserted: rules.len() - start - tail,
        }
    }
}

/// Those of ascending rules that a splice has brought.
fn within(all: &[RuleIndex], splice: Splice) -> Vec<RuleIndex> {
    let from = all.partition_point(|rule| rule.get() < splice.start);
    let to = all.partition_point(|rule| rule.get() < splice.start + splice.inserted);
    all.get(from..to).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::action::Action;
    use crate::options::Indexing;
    use crate::phase::Gate;
    use crate::rule::Layer;
    use crate::test_scheme::{self, Reads, settled};

    fn rule() -> impl Strategy<Value = Rule> {
        let action = prop::sample::select(vec![Action::Block, Action::Allow, Action::Log]);
        (action, test_scheme::condition(Reads::Everything))
            .prop_map(|(action, filter)| Rule::new("r", Layer::Http, action, filter))
    }

    fn compile(rules: Vec<Rule>) -> RuleSet {
        let options = Options { indexing: Indexing::Always, ..Options::default() };
        RuleSet::compile(&test_scheme::scheme(), rules, &options).expect("sound rules")
    }

    /// A run of rules in the place of another.
    type Change = (prop::sample::Index, usize, Vec<Rule>);

    fn change() -> impl Strategy<Value = Change> {
        (any::<prop::sample::Index>(), 0_usize..4, prop::collection::vec(rule(), 0..4))
    }

    proptest! {
        /// Whichever way rules come about, what they decide is the same.
        #[test]
        fn a_changed_set_is_what_the_whole_would_be(
            first in prop::collection::vec(rule(), 0..12),
            changes in prop::collection::vec(change(), 1..4),
            worlds in prop::collection::vec(test_scheme::world(), 3),
        ) {
            let mut rules = first;
            let mut changed = compile(rules.clone());
            for (at, removed, inserted) in changes {
                let at = at.index(rules.len() + 1);
                let end = rules.len().min(at + removed);
                rules.splice(at..end, inserted);
                changed = changed.recompile(rules.clone()).expect("sound rules");
                let whole = compile(rules.clone());
                prop_assert_eq!(changed.rules(), whole.rules());
                prop_assert_eq!(changed.warnings(), whole.warnings());
                for (field, _) in test_scheme::scheme().fields() {
                    prop_assert_eq!(changed.uses(field), whole.uses(field));
                }
                let nothing = Facts::new(whole.scheme());
                for facts in worlds.iter().map(settled).chain([nothing]) {
                    for gate in Gate::ALL {
                        let (one, other) = (changed.decide(&facts, gate), whole.decide(&facts, gate));
                        prop_assert_eq!(one.act(), other.act());
                        prop_assert_eq!(one.trail(), other.trail());
                        prop_assert_eq!(one.needs(), other.needs());
                        prop_assert_eq!(one.needs_enforcing(), other.needs_enforcing());
                    }
                }
            }
        }
    }

    #[test]
    fn faults_are_told_by_their_place_in_the_whole() {
        let rule = |filter: &str| Rule::new("r", Layer::Http, Action::Block, filter);
        let set = compile(vec![rule("ssl"), rule("port == 1")]);
        let error = set.recompile(vec![rule("ssl"), rule("port = 2"), rule("port == 1")]);
        assert_eq!(error.expect_err("a fault").diagnostics[0].0, 1);
    }

    #[test]
    fn under_other_options_all_is_compiled_anew() {
        let rules: Vec<Rule> = (0..20)
            .map(|port| Rule::new("r", Layer::Http, Action::Block, format!("port == {port}")))
            .collect();
        let set = compile(rules.clone());
        let same = Options { indexing: Indexing::Always, ..Options::default() };
        let kept = set.recompile_under(rules.clone(), &same).expect("sound");
        assert_eq!((set.compiled_anew(), kept.compiled_anew()), (20, 0));
        let mut others = rules.clone();
        others[7].filter = "ssl".into();
        assert_eq!(kept.recompile_under(others, &same).expect("sound").compiled_anew(), 1);
        let mut constants = crate::constants::Constants::default();
        constants.insert("one", 1_i64).expect("a name");
        let parse = crate::options::ParseOptions { constants: constants.into(), ..same.parse };
        let other = Options { parse, ..same };
        assert_eq!(kept.recompile_under(rules, &other).expect("sound").compiled_anew(), 20);
    }

    #[test]
    fn a_set_far_from_its_base_is_compiled_anew() {
        let rule =
            |port: usize| Rule::new("r", Layer::Http, Action::Block, format!("port == {port}"));
        let set = compile((0..10).map(rule).collect());
        let few = set.recompile((0..10 + CHANGED_MAX).map(rule).collect()).expect("sound");
        assert!(Arc::ptr_eq(&set.base, &few.base));
        let many = few.recompile((0..11 + CHANGED_MAX).map(rule).collect()).expect("sound");
        assert!(!Arc::ptr_eq(&set.base, &many.base));
        assert_eq!(many.rules().len(), 11 + CHANGED_MAX);
    }
}
