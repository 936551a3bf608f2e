//! Rehearsal: what a set of rules would do with a request whose facts are all known beforehand. It
//! passes the gates in their order, and shows each no more than what can be known before it.

use crate::action::Action;
use crate::decision::{Act, Decision};
use crate::facts::{Fact, Facts};
use crate::needs::FieldSet;
use crate::phase::Gate;
use crate::rule::{Rule, Tier};
use crate::ruleset::RuleSet;

/// What would be done, and who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome<'r> {
    /// The action as Cloudflare's API spells it; `allow` where nothing is done to the traffic.
    pub action: &'static str,
    /// The rule that won with this action; `None` where it is nobody's.
    pub rule: Option<&'r Rule>,
    /// The gate at which that ends the passage; `None` for traffic that passes.
    pub gate: Option<Gate>,
}

/// Which gates traffic comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Passage {
    /// Those of requests within TLS: it may be relayed without a look inside.
    #[default]
    Tls,
    /// Those of requests in clear text, which no `off` rule meets.
    Clear,
}

impl Passage {
    /// The gates, in order.
    pub fn gates(self) -> impl Iterator<Item = Gate> {
        let is_passed = move |gate: &Gate| *gate != Gate::Tunnel || self == Self::Tls;
        Gate::ALL.into_iter().filter(is_passed)
    }
}

impl Facts {
    /// What of these facts can be known before a gate: the others are open, as they would be then.
    #[must_use]
    pub fn before(&self, gate: Gate) -> Self {
        let phases = gate.before();
        let mut known = Self::new(self.scheme());
        for (id, field) in self.scheme().fields() {
            if !field.phases().is_subset(phases) {
                continue;
            }
            match self.state(id) {
                Fact::Known(value) => known.set(id, value.clone()),
                Fact::Partial(value) => known.set_partial(id, value.clone()),
                Fact::Missing => known.settle(id),
                Fact::NotYet => {}
            }
        }
        self.closed().intersection(phases).iter().for_each(|phase| known.close(phase));
        known
    }
}

impl RuleSet {
    /// What the rules would do with a request of which `facts` are all that will be known.
    ///
    /// The first rule that blocks, redirects or switches inspection off ends the passage. Of
    /// traffic that passes, the outcome is the hand-over to a Worker, else that a rule has what was
    /// found overwritten or spares it the malware scan, whose facts are then missing, else the `allow` rule of the last tier that
    /// has a winner.
    #[must_use]
    pub fn rehearse(&self, facts: &Facts, passage: Passage) -> Outcome<'_> {
        let mut passed = Outcome { action: Action::Allow.api_name(), rule: None, gate: None };
        let mut unscanned = None;
        for gate in passage.gates() {
            let decision = self.decide(&before(facts, gate, unscanned), gate);
            let ended = match decision.act() {
                Act::Block(rule) | Act::DoNotInspect(rule) | Act::Redirect(rule, _) => rule,
                Act::Proceed | Act::Wait => {
                    if decision.noscan().is_some() {
                        unscanned = Some(&self.scan_fields);
                    }
                    let winner = winner(&decision);
                    if winner.is_some_and(|winner| rank(winner) >= passed.rule.map_or(0, rank)) {
                        passed.rule = winner;
                    }
                    continue;
                }
            };
            let action = ended.action.api_name();
            return Outcome { action, rule: Some(ended), gate: Some(gate) };
        }
        passed.action = passed.rule.map_or(passed.action, |rule| rule.action.api_name());
        passed
    }
}

/// How much a rule that lets traffic pass does to it.
const fn rank(rule: &Rule) -> u8 {
    match rule.action {
        Action::Forward(_) => 2,
        Action::NoScan | Action::Redact(_) => 1,
        Action::Allow
        | Action::Block
        | Action::DoNotInspect
        | Action::Quarantine
        | Action::Redirect(_)
        | Action::Log => 0,
    }
}

fn winner<'r>(decision: &Decision<'r>) -> Option<&'r Rule> {
    let allowing = || Tier::ALL.into_iter().rev().find_map(|tier| decision.matched(tier));
    let acting = decision.forward().map(|(rule, _)| rule);
    let acting = acting.or_else(|| decision.redactions().first().map(|(rule, _)| *rule));
    acting.or_else(|| decision.noscan()).or_else(allowing)
}

/// What of the facts can be known before a gate, all that is known then; the fields that nobody
/// scans for are missing.
fn before(facts: &Facts, gate: Gate, unscanned: Option<&FieldSet>) -> Facts {
    let mut known = facts.before(gate);
    for (id, field) in facts.scheme().fields() {
        let is_known = field.phases().is_subset(gate.before());
        if is_known && unscanned.is_some_and(|fields| fields.contains(id)) {
            known.forget(id);
            known.settle(id);
        }
    }
    gate.before().iter().for_each(|phase| known.close(phase));
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Layer, Options, Redirect, Scheme, field};

    fn check(
        rules: &[(&str, Layer, Action, &str)],
        passage: Passage,
        expected: (&str, Option<&str>),
    ) {
        let scheme = Scheme::gateway();
        let rules = rules.iter().cloned();
        let rules = rules.map(|(id, layer, action, filter)| Rule::new(id, layer, action, filter));
        let rules = RuleSet::compile(&scheme, rules.collect(), &Options::default()).expect("sound");
        let mut facts = Facts::new(&scheme);
        facts.set(field::NET_DST_PORT, 443_i64);
        facts.set(field::NET_SNI_HOST, "a.example");
        facts.set(field::HTTP_REQUEST_HOST, "a.example");
        facts.set(field::AV_INFECTED, true);
        let Outcome { action, rule, .. } = rules.rehearse(&facts, passage);
        assert_eq!((action, rule.map(|rule| rule.id.as_str())), expected, "{rules:?}");
    }

    #[test]
    fn the_first_act_ends_the_passage() {
        use Action::{Allow, Block, DoNotInspect, Forward, NoScan};
        let host = r#"http.request.host == "a.example""#;
        let sni = r#"net.sni.host == "a.example""#;
        let redirect = || {
            let keep = crate::KeepPath::Nothing;
            Action::Redirect(Redirect { to: "https://b.example/".into(), keep })
        };
        let network = ("n", Layer::Network, Block, "net.dst.port == 443");
        let off = ("o", Layer::Http, DoNotInspect, sni);
        let block = ("b", Layer::Http, Block, host);
        let allow = ("a", Layer::Http, Allow, host);
        let noscan = ("s", Layer::Http, NoScan, host);
        let forward = ("f", Layer::Http, Forward("w".into()), host);
        let infected = ("i", Layer::Http, Block, "av.infected");
        let elsewhere = ("r", Layer::Http, redirect(), host);
        let tls = Passage::Tls;
        check(&[], tls, ("allow", None));
        check(&[block.clone(), off.clone(), network], tls, ("block", Some("n")));
        check(&[block.clone(), off.clone()], tls, ("off", Some("o")));
        check(&[block.clone(), off], Passage::Clear, ("block", Some("b")));
        check(&[allow.clone(), block], tls, ("allow", Some("a")));
        check(&[elsewhere], tls, ("redirect", Some("r")));
        check(&[allow.clone(), infected.clone()], tls, ("block", Some("i")));
        check(&[noscan, infected], tls, ("noscan", Some("s")));
        check(&[forward, allow], tls, ("forward", Some("f")));
    }
}
