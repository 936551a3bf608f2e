//! Deciding: folds what each tier says at a gate into one act.
//!
//! In a tier, the *possible* winners are the rules still open above the first certain one, and
//! that one. If all of them block, the outcome is known. Else facts that can be had before the
//! gate are worth waiting for; where the open facts lie behind the gate, the certain rule wins.

#[cfg(test)]
pub(crate) mod laws;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod timed;

use std::borrow::Cow;

use crate::action::Action;
use crate::decision::{Act, Decision, Said, Scanning, Standing, TrailEntry};
use crate::evaluate::{Evaluator, needs_of};
use crate::facts::Facts;
use crate::filter::Truth;
use crate::needs::Needs;
use crate::phase::{Gate, Phase};
use crate::row::Past;
use crate::rule::{RuleIndex, RuleMode, Tier};
use crate::ruleset::{Part, RuleSet, TierRules};

/// What a tier says at a gate.
struct Verdict {
    standing: Standing,
    /// Whether the gate has to wait for the tier.
    holds: bool,
    passed_over: Vec<RuleIndex>,
    /// The rules above the winner that have something overwritten, and end nothing.
    redacting: Vec<RuleIndex>,
    /// The open rules that say who looks for malware, and what they want to know.
    scanning: Vec<(RuleIndex, Needs)>,
}

impl Verdict {
    const fn of(standing: Standing, redacting: Vec<RuleIndex>) -> Self {
        let passed_over = Vec::new();
        Self { standing, holds: false, passed_over, redacting, scanning: Vec::new() }
    }

    fn waiting(holds: bool, redacting: Vec<RuleIndex>) -> Self {
        Self { holds, ..Self::of(Standing::Waiting, redacting) }
    }
}

impl Gate {
    /// The tiers that are asked at this gate, in order. Later gates ask the earlier tiers again,
    /// so that a request on a connection kept alive meets them too.
    pub(crate) const fn tiers(self) -> &'static [Tier] {
        match self {
            Self::Dial => &[Tier::Network],
            Self::Tunnel => &[Tier::Network, Tier::Inspect],
            Self::RequestHead | Self::RequestBody | Self::ResponseHead | Self::ResponseBody => {
                &[Tier::Network, Tier::Isolate, Tier::Http, Tier::Forward, Tier::Body]
            }
        }
    }

    const fn is_body(self) -> bool {
        match self {
            Self::RequestBody | Self::ResponseBody => true,
            Self::Dial | Self::Tunnel | Self::RequestHead | Self::ResponseHead => false,
        }
    }
}

impl RuleSet {
    /// What the rules say at `gate`, as far as `facts` are known.
    ///
    /// Before each of its acts a caller fills in what is known, closes the phases that have ended
    /// and asks; the body gates are asked again and again while the body streams. At those gates
    /// an open rule that may come to block does not make the gate wait: the caller's scanners hold
    /// back what is not clear yet. They do wait where a block is certain unless a rule above it
    /// comes to let the traffic on.
    #[must_use]
    pub fn decide(&self, facts: &Facts, gate: Gate) -> Decision<'_> {
        let row = self.rows.of(gate);
        let past = row.past(self, facts);
        if past == Past::All {
            return Decision { rules: self, gate, said: None };
        }
        self.decide_from(past, facts, gate)
    }

    /// Decides, knowing of rules that do not hold.
    #[inline(never)]
    fn decide_from(&self, past: Past, facts: &Facts, gate: Gate) -> Decision<'_> {
        let mut past = past;
        let mut enforcing = Evaluator::new(self.program(Part::Base), facts);
        let mut counting = Evaluator::new(self.program(Part::Base), facts);
        let mut said = Said::nothing();
        for &tier in gate.tiers() {
            if matches!(said.act, Act::Proceed | Act::Wait) {
                let verdict = self.ask(tier, gate, &mut past, &mut enforcing);
                self.fold(&mut said, (tier, gate), verdict, &mut enforcing);
            }
            self.count(&mut said, (tier, gate), &mut past, &mut counting);
        }
        if matches!(said.act, Act::Proceed | Act::Wait) {
            if said.noscan.is_some() {
                enforcing.wants.retain(|want| !self.scan_fields.contains(want.field));
                counting.wants.retain(|want| !self.scan_fields.contains(want.field));
            }
            said.needs_enforcing = needs_of(&enforcing.wants);
            said.needs = needs_of(&counting.wants);
            said.needs.merge(&said.needs_enforcing);
        }
        Decision { rules: self, gate, said: Some(said) }
    }

    fn ask<'r>(
        &'r self,
        tier: Tier,
        gate: Gate,
        past: &mut Past,
        evaluator: &mut Evaluator<'r, '_>,
    ) -> Verdict {
        let noted = evaluator.wants.len();
        let mut open = Vec::new();
        let mut certain = None;
        let (mut redacting, mut scanning) = (Vec::new(), Vec::new());
        for &index in past.left(&self.possible(&self.enforcing, tier, evaluator.facts)) {
            let before = evaluator.wants.len();
            match self.truth(index, evaluator) {
                Truth::False => {}
                Truth::True if self.redacts(index) => redacting.push(index),
                Truth::True => {
                    certain = Some(index);
                    break;
                }
                // Whether it comes to hold changes nothing about who wins.
                Truth::NotYet if self.redacts(index) => {}
                Truth::NotYet => {
                    if tier == Tier::Body && self.scans(index) {
                        let wants = evaluator.wants.get(before..).unwrap_or_default();
                        scanning.push((index, needs_of(wants)));
                    }
                    open.push(index);
                }
            }
        }
        let winner = certain.map_or(Standing::NoMatch, Standing::Matched);
        if open.is_empty() {
            return Verdict::of(winner, redacting);
        }
        let blocks = |index: &RuleIndex| self.action(*index).is_some_and(Action::blocks);
        if certain.is_some() && open.iter().chain(&certain).all(blocks) {
            evaluator.wants.truncate(noted);
            return Verdict::of(winner, redacting);
        }
        let can_be_had = evaluator
            .wants
            .iter()
            .skip(noted)
            .any(|want| self.scheme.phases(want.field).is_subset(gate.before()));
        let refuses = certain.and_then(|index| self.action(index)).is_some_and(Action::refuses);
        match tier {
            // Body rules are enforced while the body streams. Only where the body would be refused
            // if nothing more became known must it not stream.
            Tier::Body if !gate.is_body() || !refuses => {
                Verdict { scanning, ..Verdict::waiting(false, redacting) }
            }
            Tier::Network
            | Tier::Inspect
            | Tier::Isolate
            | Tier::Http
            | Tier::Forward
            | Tier::Body => {
                let verdict = match can_be_had {
                    true => Verdict::waiting(true, redacting),
                    false => Verdict { passed_over: open, ..Verdict::of(winner, redacting) },
                };
                Verdict { scanning, ..verdict }
            }
        }
    }

    fn fold<'r>(
        &'r self,
        said: &mut Said<'r>,
        (tier, gate): (Tier, Gate),
        verdict: Verdict,
        evaluator: &mut Evaluator<'r, '_>,
    ) {
        if let Some(standing) = said.standings.get_mut(tier.index()) {
            *standing = verdict.standing;
        }
        if verdict.holds {
            said.act = Act::Wait;
        }
        let winner = match verdict.standing {
            Standing::Matched(index) => self.rule(index).map(|rule| (index, rule)),
            Standing::NoMatch | Standing::Waiting => None,
        };
        if winner.is_none_or(|(_, rule)| !rule.action.refuses()) {
            for index in verdict.redacting {
                let Some(what) = self.rule(index).zip(self.redaction(index)) else { continue };
                said.redact.push(what);
                let mode = RuleMode::Enforce;
                let entry = self.entry(index, tier, mode, gate, evaluator);
                said.trail.push(entry);
            }
        }
        for (index, wants) in verdict.scanning {
            said.scans.extend(self.scanning(index, Some(wants)));
        }
        let Some((index, rule)) = winner else { return };
        if !rule.action.refuses() && self.scans(index) {
            said.scans.extend(self.scanning(index, None));
        }
        // What an earlier tier is still waiting for comes before this tier's act.
        let is_first = said.act == Act::Proceed;
        match &rule.action {
            Action::Block | Action::Quarantine if is_first => said.act = Act::Block(rule),
            Action::Redirect(redirect) if is_first => {
                said.act = Act::Redirect(rule, redirect);
            }
            Action::DoNotInspect if is_first => said.act = Act::DoNotInspect(rule),
            Action::NoScan => said.noscan = Some(rule),
            // To a Worker goes only what all tiers before let pass.
            Action::Forward(worker) if is_first => said.forward = Some((rule, worker.as_str())),
            Action::Block
            | Action::Quarantine
            | Action::Redirect(_)
            | Action::DoNotInspect
            | Action::Forward(_)
            | Action::Redact(_)
            | Action::Allow
            | Action::Log => {}
        }
        let mode = RuleMode::Enforce;
        let entry = self.entry(index, tier, mode, gate, evaluator);
        said.trail.push(TrailEntry { passed_over: verdict.passed_over, ..entry });
    }

    fn count<'r>(
        &'r self,
        said: &mut Said<'r>,
        (tier, gate): (Tier, Gate),
        past: &mut Past,
        evaluator: &mut Evaluator<'r, '_>,
    ) {
        for &index in past.left(&self.possible(&self.counting, tier, evaluator.facts)) {
            if self.truth(index, evaluator) == Truth::True {
                let mode = RuleMode::LogOnly;
                let entry = self.entry(index, tier, mode, gate, evaluator);
                said.trail.push(entry);
            }
        }
    }

    fn entry<'r>(
        &'r self,
        rule: RuleIndex,
        tier: Tier,
        mode: RuleMode,
        gate: Gate,
        evaluator: &mut Evaluator<'r, '_>,
    ) -> TrailEntry {
        let compiled = self.compiled.get(rule.get());
        let (at, part) = compiled.map_or((0, Part::Base), |compiled| (compiled.at, compiled.part));
        evaluator.program = self.program(part);
        let witness = evaluator.witness(at);
        let phases = evaluator
            .program
            .fields(witness)
            .filter_map(|field| self.scheme.phases(field).intersection(gate.before()).latest());
        let phase = phases.max().unwrap_or(Phase::Connect);
        let span = evaluator.program.nodes.get(witness).map(|node| node.span);
        let predicate = span.unwrap_or_default().range();
        TrailEntry { tier, rule, phase, mode, predicate, passed_over: Vec::new() }
    }

    fn truth<'r>(&'r self, index: RuleIndex, evaluator: &mut Evaluator<'r, '_>) -> Truth {
        let Some(compiled) = self.compiled.get(index.get()) else { return Truth::False };
        if compiled.is_timed && self.out_of_time(index, evaluator.facts).is_some() {
            return Truth::False;
        }
        let program = self.program(compiled.part);
        if let Some(holds) = program.quick(compiled.quick).and_then(|it| it.truth(evaluator.facts))
        {
            return holds.into();
        }
        evaluator.program = program;
        evaluator.truth(compiled.at)
    }

    fn redacts(&self, index: RuleIndex) -> bool {
        matches!(self.action(index), Some(Action::Redact(_)))
    }

    fn scans(&self, index: RuleIndex) -> bool {
        self.compiled.get(index.get()).is_some_and(|compiled| compiled.scans)
    }

    fn scanning(&self, index: RuleIndex, wants: Option<Needs>) -> Option<Scanning<'_>> {
        let rule = self.rule(index)?;
        Some(Scanning { rule, group: rule.scan.as_deref()?, wants })
    }

    fn action(&self, index: RuleIndex) -> Option<&Action> {
        self.rule(index).map(|rule| &rule.action)
    }

    /// The rules of a tier that may hold or be open, in order of precedence.
    fn possible<'s>(
        &self,
        tiers: &'s [TierRules; Tier::ALL.len()],
        tier: Tier,
        facts: &Facts,
    ) -> Cow<'s, [RuleIndex]> {
        tiers.get(tier.index()).map_or(Cow::Borrowed(&[]), |rules| rules.possible(facts))
    }
}
