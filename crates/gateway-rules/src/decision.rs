//! Decisions: what the rules say at one gate, why, and what they still want to know.
//!
//! How the answer is found is the matter of [`RuleSet::decide`](crate::RuleSet::decide).

use std::ops::Range;
use std::sync::Arc;

use crate::action::Redirect;
use crate::needs::Needs;
use crate::phase::{Gate, Phase};
use crate::redaction::Redaction;
use crate::rule::{Rule, RuleIndex, RuleMode, Tier};
use crate::ruleset::RuleSet;

/// How one tier stands at one gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// This rule wins the tier.
    Matched(RuleIndex),
    /// No rule of the tier matches, as far as can be known before the gate; or the tier is not
    /// asked at this gate.
    NoMatch,
    /// Facts that can be had before the gate may still change the winner.
    Waiting,
}

/// What to do at the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act<'a> {
    /// Pass the gate. At the body gates that means: by the clearance of the scanners.
    Proceed,
    /// Do not pass yet: gather the facts of [`Decision::needs_enforcing`] and ask again. At a body
    /// gate everything is held until then.
    Wait,
    /// Refuse; by a rule of [`Action::Quarantine`](crate::Action::Quarantine), and keep the body aside.
    Block(&'a Rule),
    /// Answer with another location.
    Redirect(&'a Rule, &'a Redirect),
    /// Relay the connection without looking into its TLS; said at [`Gate::Tunnel`] alone.
    DoNotInspect(&'a Rule),
}

/// One matched rule and why it matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailEntry {
    /// The tier that the rule is of.
    pub tier: Tier,
    /// The rule.
    pub rule: RuleIndex,
    /// The last phase, at this gate, of the facts that the predicate read.
    pub phase: Phase,
    /// `Enforce` for the winner of its tier; `LogOnly` for a rule that is counted, whether by its
    /// mode or by the action `log`.
    pub mode: RuleMode,
    /// The place, in the text of the rule's filter, of the condition that made it true; see
    /// [`RuleSet::predicate`].
    pub predicate: Range<usize>,
    /// Rules above this one which can be known only behind the gate, in order: it won without
    /// them. Empty as a rule.
    pub passed_over: Vec<RuleIndex>,
}

/// What is wanted where nothing is.
static NOTHING: Needs = Needs::NONE;

/// What a rule set says at one gate. Making one allocates only for matches and open needs.
#[derive(Clone, Debug)]
pub struct Decision<'r> {
    pub(crate) rules: &'r RuleSet,
    pub(crate) gate: Gate,
    /// Nothing where no rule holds or is open, as it mostly is: then there is nothing to fill in, and
    /// nothing to take apart again.
    pub(crate) said: Option<Said<'r>>,
}

/// A rule that says who looks for malware.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Scanning<'r> {
    /// The rule.
    pub rule: &'r Rule,
    /// The group of scanners that it names.
    pub group: &'r str,
    /// What it still wants to know, which tells of which body it speaks; `None` for a rule that has won a
    /// tier before and speaks of both.
    pub wants: Option<Needs>,
}

/// What a rule set says that has something to say.
#[derive(Clone, Debug)]
pub(crate) struct Said<'r> {
    pub(crate) standings: [Standing; Tier::ALL.len()],
    pub(crate) act: Act<'r>,
    pub(crate) noscan: Option<&'r Rule>,
    pub(crate) forward: Option<(&'r Rule, &'r str)>,
    pub(crate) redact: Vec<(&'r Rule, &'r Arc<Redaction>)>,
    pub(crate) trail: Vec<TrailEntry>,
    pub(crate) scans: Vec<Scanning<'r>>,
    pub(crate) needs_enforcing: Needs,
    pub(crate) needs: Needs,
}

impl Said<'_> {
    /// What is said as long as no rule has been asked.
    pub(crate) const fn nothing() -> Self {
        Self {
            standings: [Standing::NoMatch; Tier::ALL.len()],
            act: Act::Proceed,
            noscan: None,
            forward: None,
            redact: Vec::new(),
            trail: Vec::new(),
            scans: Vec::new(),
            needs_enforcing: Needs::NONE,
            needs: Needs::NONE,
        }
    }
}

impl<'r> Decision<'r> {
    /// The gate that was asked for.
    #[must_use]
    pub const fn gate(&self) -> Gate {
        self.gate
    }

    /// What to do.
    #[must_use]
    #[inline]
    pub const fn act(&self) -> Act<'r> {
        match &self.said {
            Some(said) => said.act,
            None => Act::Proceed,
        }
    }

    /// How a tier stands.
    #[must_use]
    pub fn standing(&self, tier: Tier) -> Standing {
        let standing = self.said.as_ref().and_then(|said| said.standings.get(tier.index()));
        standing.copied().unwrap_or(Standing::NoMatch)
    }

    /// The rule that wins a tier.
    #[must_use]
    pub fn matched(&self, tier: Tier) -> Option<&'r Rule> {
        match self.standing(tier) {
            Standing::Matched(index) => self.rules.rule(index),
            Standing::NoMatch | Standing::Waiting => None,
        }
    }

    /// The rule that spares this traffic the malware scan.
    #[must_use]
    pub fn noscan(&self) -> Option<&'r Rule> {
        self.said.as_ref()?.noscan
    }

    /// The rule that hands this request to a Worker, and the name of that Worker. Said only with
    /// [`Act::Proceed`]: what a tier before refuses or still waits for is not handed over.
    #[must_use]
    pub fn forward(&self) -> Option<(&'r Rule, &'r str)> {
        let said = self.said.as_ref()?;
        match said.act {
            Act::Proceed => said.forward,
            Act::Wait | Act::Block(_) | Act::Redirect(..) | Act::DoNotInspect(_) => None,
        }
    }

    /// The rules that have what was found in a body overwritten, and what that is. They end no tier:
    /// all of them above its winner count. Said only with [`Act::Proceed`] and [`Act::Wait`].
    #[must_use]
    pub fn redactions(&self) -> &[(&'r Rule, &'r Arc<Redaction>)] {
        match &self.said {
            Some(Said { act: Act::Proceed | Act::Wait, redact, .. }) => redact,
            Some(_) | None => &[],
        }
    }

    /// The rules that say who looks for malware, in the order of enforcement: those that have won a tier
    /// and let traffic pass, and those over bodies that are open still. The first that speaks of a body
    /// counts for it. Empty where the scan is spared.
    #[must_use]
    pub fn scans(&self) -> &[Scanning<'r>] {
        match &self.said {
            Some(Said { act: Act::Proceed | Act::Wait, noscan: None, scans, .. }) => scans,
            Some(_) | None => &[],
        }
    }

    /// Every rule that matched, in the order of the tiers, counted rules among them.
    #[must_use]
    pub fn trail(&self) -> &[TrailEntry] {
        self.said.as_ref().map_or(&[], |said| &said.trail)
    }

    /// The rules that matched but only count.
    pub fn log_matches(&self) -> impl Iterator<Item = RuleIndex> {
        self.trail().iter().filter(|e| e.mode == RuleMode::LogOnly).map(|e| e.rule)
    }

    /// The facts that any open rule wants, counting rules included: what to compute.
    #[must_use]
    pub fn needs(&self) -> &Needs {
        self.said.as_ref().map_or(&NOTHING, |said| &said.needs)
    }

    /// The facts that open enforcing rules want: what to hold bytes for.
    #[must_use]
    pub fn needs_enforcing(&self) -> &Needs {
        self.said.as_ref().map_or(&NOTHING, |said| &said.needs_enforcing)
    }

    /// The trail and both needs, to be kept beyond the rule set's borrow: `(trail, needs,
    /// needs_enforcing)`.
    #[must_use]
    pub fn into_parts(self) -> (Vec<TrailEntry>, Needs, Needs) {
        let Said { trail, needs, needs_enforcing, .. } = self.said.unwrap_or(Said::nothing());
        (trail, needs, needs_enforcing)
    }
}
