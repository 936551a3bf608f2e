//! The rules of one tier, in order of precedence.

use std::borrow::Cow;

use super::Compiled;
use super::recompile::Indexed;
use crate::facts::Facts;
use crate::rule::{RuleIndex, Tier};

/// Rules of one tier.
#[derive(Debug, Default)]
pub(crate) struct TierRules {
    /// In order of precedence.
    pub(super) all: Vec<RuleIndex>,
    /// Where there are many of them.
    pub(super) index: Option<Indexed>,
}

/// The rules of one tier that act, or those that count, in order of precedence.
pub(super) fn by_tier(
    compiled: &[Compiled],
    is_enforcing: bool,
) -> [Vec<RuleIndex>; Tier::ALL.len()] {
    let mut tiers: [Vec<RuleIndex>; Tier::ALL.len()] = Default::default();
    for (index, compiled) in (0..).zip(compiled) {
        if compiled.is_enforcing == is_enforcing
            && let Some(tier) = tiers.get_mut(compiled.tier.index())
        {
            tier.push(RuleIndex(index));
        }
    }
    tiers
}

impl TierRules {
    /// Those that may hold or be open, in order of precedence.
    pub(crate) fn possible(&self, facts: &Facts) -> Cow<'_, [RuleIndex]> {
        match &self.index {
            Some(index) => Cow::Owned(index.find(facts)),
            None => Cow::Borrowed(&self.all),
        }
    }

    /// Those that are tried one by one, in order of precedence; `None` where an index finds them.
    pub(crate) fn tried(&self) -> Option<&[RuleIndex]> {
        self.index.is_none().then_some(&self.all)
    }
}
