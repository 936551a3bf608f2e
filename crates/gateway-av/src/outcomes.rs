//! What becomes of what a scan came to: one table, from each outcome to its consequence. It looks at
//! nothing and refuses nothing: who carries the consequence out is another's affair.
//!
//! ```
//! use gateway_av::{Consequence, Outcomes, Seen, Verdict};
//! use gateway_inspect::Unscannable;
//!
//! let mut outcomes = Outcomes::default();
//! outcomes.set(Unscannable::Encrypted, Consequence::Block);
//! assert_eq!(outcomes.judge(Seen::Nothing, []), Verdict::Clean);
//! let reason = Unscannable::Encrypted;
//! let verdict = outcomes.judge(Seen::Nothing, [reason]);
//! assert_eq!(verdict, Verdict::Unscannable { reason, consequence: Consequence::Block });
//! ```

use std::collections::BTreeMap;
use std::fmt;

use gateway_inspect::Unscannable;

/// What becomes of a body, from the mildest to the strictest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Consequence {
    /// It passes, as if nothing had been the matter; the record still tells.
    Allow,
    /// It passes, and the record names it as a match.
    Log,
    /// It is refused, and what came of it is put aside.
    Quarantine,
    /// It is refused.
    #[default]
    Block,
}

impl Consequence {
    /// Every consequence, from the mildest to the strictest.
    pub const ALL: [Self; 4] = [Self::Allow, Self::Log, Self::Quarantine, Self::Block];

    /// The name in settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Log => "log",
            Self::Quarantine => "quarantine",
            Self::Block => "block",
        }
    }

    /// Whether the body is refused.
    #[must_use]
    pub const fn refuses(self) -> bool {
        matches!(self, Self::Quarantine | Self::Block)
    }
}

impl fmt::Display for Consequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether signatures were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// None, as far as was looked.
    Nothing,
    /// One at least.
    Signature,
}

/// What a scan came to, and what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All was looked at, and nothing was found. No limit and no error leads here.
    Clean,
    /// Something was found.
    Infected(Consequence),
    /// Not all could be looked at.
    Unscannable {
        /// Why: of several reasons the one with the strictest consequence, of these the first by
        /// name.
        reason: Unscannable,
        /// What becomes of it.
        consequence: Consequence,
    },
}

impl Verdict {
    /// Whether the body is refused.
    #[must_use]
    pub const fn refuses(self) -> bool {
        match self {
            Self::Clean => false,
            Self::Infected(consequence) | Self::Unscannable { consequence, .. } => {
                consequence.refuses()
            }
        }
    }
}

/// The table. What it does not name is blocked.
///
/// By default what is found is blocked, and so is what cannot be looked at in full: contradictions,
/// limits, errors. What is encrypted, or packed in a way that is not supported, is logged: it is not
/// known to be anything else than what it says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcomes {
    infected: Consequence,
    reasons: BTreeMap<Unscannable, Consequence>,
}

impl Default for Outcomes {
    fn default() -> Self {
        let milder = [Unscannable::Encrypted, Unscannable::Unsupported];
        Self {
            infected: Consequence::Block,
            reasons: milder.into_iter().map(|reason| (reason, Consequence::Log)).collect(),
        }
    }
}

impl Outcomes {
    /// Everything but *clean* is blocked.
    #[must_use]
    pub const fn closed() -> Self {
        Self { infected: Consequence::Block, reasons: BTreeMap::new() }
    }

    /// Says what becomes of what is found.
    pub const fn set_infected(&mut self, consequence: Consequence) {
        self.infected = consequence;
    }

    /// Says what becomes of what cannot be looked at in full for `reason`.
    pub fn set(&mut self, reason: Unscannable, consequence: Consequence) {
        self.reasons.insert(reason, consequence);
    }

    /// What becomes of what is found.
    #[must_use]
    pub const fn of_infected(&self) -> Consequence {
        self.infected
    }

    /// What becomes of what cannot be looked at in full for `reason`.
    #[must_use]
    pub fn of(&self, reason: Unscannable) -> Consequence {
        self.reasons.get(&reason).copied().unwrap_or_default()
    }

    /// The reasons with this consequence, in the order of their names.
    pub fn with(&self, consequence: Consequence) -> impl Iterator<Item = Unscannable> {
        let all = Unscannable::ALL.iter().copied();
        all.filter(move |reason| self.of(*reason) == consequence)
    }

    /// What becomes of a body in which this was `seen`, and which could not be looked at
    /// in full for these `reasons`. The strictest consequence holds; where both are as strict, what was
    /// found is told.
    #[must_use]
    pub fn judge(&self, seen: Seen, reasons: impl IntoIterator<Item = Unscannable>) -> Verdict {
        let found = seen == Seen::Signature;
        let mut strictest = None;
        for reason in reasons {
            let consequence = self.of(reason);
            let stricter = |(other, known): (Unscannable, Consequence)| {
                consequence > known || (consequence == known && reason < other)
            };
            if strictest.is_none_or(stricter) {
                strictest = Some((reason, consequence));
            }
        }
        match strictest {
            Some((reason, consequence)) if !found || consequence > self.infected => {
                Verdict::Unscannable { reason, consequence }
            }
            Some(_) | None if found => Verdict::Infected(self.infected),
            Some(_) | None => Verdict::Clean,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn consequence() -> impl Strategy<Value = Consequence> {
        proptest::sample::select(&Consequence::ALL[..])
    }

    fn outcomes() -> impl Strategy<Value = Outcomes> {
        let reasons = proptest::collection::vec(consequence(), Unscannable::ALL.len());
        (consequence(), reasons).prop_map(|(infected, reasons)| {
            let mut outcomes = Outcomes::closed();
            outcomes.set_infected(infected);
            for (reason, consequence) in Unscannable::ALL.iter().zip(reasons) {
                outcomes.set(*reason, consequence);
            }
            outcomes
        })
    }

    #[test]
    fn by_default_limits_contradictions_and_errors_are_refused() {
        let milder = [Unscannable::Encrypted, Unscannable::Unsupported];
        let outcomes = Outcomes::default();
        assert!(outcomes.judge(Seen::Signature, []).refuses());
        for reason in Unscannable::ALL {
            let refused = outcomes.judge(Seen::Nothing, [*reason]).refuses();
            assert_eq!(refused, !milder.contains(reason), "{reason}");
            assert!(Outcomes::closed().judge(Seen::Nothing, [*reason]).refuses(), "{reason}");
        }
    }

    #[test]
    fn every_reason_under_every_consequence_is_what_the_table_says() {
        for &reason in Unscannable::ALL {
            for consequence in Consequence::ALL {
                let mut outcomes = Outcomes::default();
                outcomes.set(reason, consequence);
                let verdict = outcomes.judge(Seen::Nothing, [reason]);
                assert_eq!(verdict, Verdict::Unscannable { reason, consequence });
                assert_eq!(verdict.refuses(), consequence.refuses());
                assert!(outcomes.with(consequence).any(|of| of == reason));
            }
        }
    }

    proptest! {
        /// Whatever the table says, nothing but a whole look that found nothing is clean, and the
        /// strictest consequence of all holds.
        #[test]
        fn no_path_leads_from_a_limit_or_an_error_to_clean(
            outcomes in outcomes(),
            found: bool,
            reasons in proptest::collection::btree_set(proptest::sample::select(Unscannable::ALL), 0..6),
        ) {
            let seen = if found { Seen::Signature } else { Seen::Nothing };
            let verdict = outcomes.judge(seen, reasons.iter().copied());
            prop_assert_eq!(verdict == Verdict::Clean, !found && reasons.is_empty());
            let own = found.then_some(outcomes.of_infected());
            let all: BTreeSet<_> =
                reasons.iter().map(|reason| outcomes.of(*reason)).chain(own).collect();
            prop_assert_eq!(verdict.refuses(), all.last().is_some_and(|most| most.refuses()));
            match verdict {
                Verdict::Clean => {}
                Verdict::Infected(consequence) => prop_assert_eq!(Some(&consequence), all.last()),
                Verdict::Unscannable { reason, consequence } => {
                    prop_assert!(reasons.contains(&reason));
                    prop_assert_eq!(Some(&consequence), all.last());
                }
            }
        }

        #[test]
        fn the_order_of_reasons_does_not_matter(
            outcomes in outcomes(),
            mut reasons in proptest::collection::vec(proptest::sample::select(Unscannable::ALL), 0..6),
        ) {
            let verdict = outcomes.judge(Seen::Nothing, reasons.iter().copied());
            reasons.reverse();
            prop_assert_eq!(outcomes.judge(Seen::Nothing, reasons), verdict);
        }
    }
}
