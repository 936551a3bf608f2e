//! Rows: the rules that a gate asks, in order, as far as they are tried one by one.
//!
//! Mostly none of them holds and none is open; then nothing else need be looked at. From the first one
//! on of which that is not so, `decide` goes through the tiers.

use crate::facts::Facts;
use crate::phase::Gate;
use crate::quick::Quick;
use crate::rule::RuleIndex;
use crate::ruleset::{Compiled, RuleSet};

/// The rows of all gates.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    dial: Row,
    tunnel: Row,
    later: Row,
}

impl Rows {
    pub(crate) fn new(set: &RuleSet) -> Self {
        Self {
            dial: Row::new(set, Gate::Dial),
            tunnel: Row::new(set, Gate::Tunnel),
            later: Row::new(set, Gate::RequestHead),
        }
    }

    pub(crate) const fn of(&self, gate: Gate) -> &Row {
        match gate {
            Gate::Dial => &self.dial,
            Gate::Tunnel => &self.tunnel,
            Gate::RequestHead | Gate::RequestBody | Gate::ResponseHead | Gate::ResponseBody => {
                &self.later
            }
        }
    }
}

/// The rules of one gate.
#[derive(Debug, Default)]
pub(crate) struct Row {
    rules: Box<[Tried]>,
    end: End,
}

/// What comes behind the last rule of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum End {
    /// Nothing: these are all.
    #[default]
    All,
    /// Rules that an index finds.
    Indexed,
}

/// A rule that stands in a row.
#[derive(Debug)]
struct Tried {
    quick: Quick,
    rule: RuleIndex,
    /// Whether the time has a say in whether the rule holds.
    is_timed: bool,
}

/// The rules, from the first one that a gate asks on, that are known not to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Past {
    All,
    First(usize),
}

impl Row {
    /// The rules of a gate's tiers up to the first that an index finds.
    fn new(set: &RuleSet, gate: Gate) -> Self {
        let mut row = Vec::new();
        for tier in gate.tiers() {
            for tiers in [&set.enforcing, &set.counting] {
                let Some(rules) = tiers.get(tier.index()) else { continue };
                let Some(tried) = rules.tried() else {
                    return Self { rules: row.into(), end: End::Indexed };
                };
                row.extend(tried.iter().filter_map(|rule| {
                    let Compiled { quick, part, is_timed, .. } = *set.compiled.get(rule.get())?;
                    let quick = set.program(part).quick(quick)?.clone();
                    Some(Tried { quick, rule: *rule, is_timed })
                }));
            }
        }
        Self { rules: row.into(), end: End::All }
    }

    /// Those that do not hold, as far as the first one that does or may.
    #[inline]
    pub(crate) fn past(&self, set: &RuleSet, facts: &Facts) -> Past {
        for (number, Tried { quick, rule, is_timed }) in self.rules.iter().enumerate() {
            if quick.truth(facts) != Some(false)
                && !(*is_timed && set.out_of_time(*rule, facts).is_some())
            {
                return Past::First(number);
            }
        }
        match self.end {
            End::All => Past::All,
            End::Indexed => Past::First(self.rules.len()),
        }
    }
}

impl Past {
    /// Those of the next rules that are still to be tried.
    pub(crate) fn left<'r>(&mut self, next: &'r [RuleIndex]) -> &'r [RuleIndex] {
        match self {
            Self::All => &[],
            Self::First(count) => {
                let passed = next.len().min(*count);
                *count -= passed;
                next.get(passed..).unwrap_or_default()
            }
        }
    }
}
