//! The naive evaluator: every rule on its own, one after the other, in every decision. What a rule
//! set says must be what it says.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::laws::{Step, calling, learn, rule, steps};
use super::*;
use crate::options::{Indexing, Options, ParseOptions};
use crate::parse;
use crate::pattern::Patterns;
use crate::program::Program;
use crate::rule::Rule;
use crate::test_scheme::{self, World};

/// A rule that knows of no other.
struct Alone {
    rule: Rule,
    tier: Tier,
    program: Program,
}

fn alone(rules: &RuleSet) -> Vec<Alone> {
    let options = ParseOptions::default();
    let one = |(number, rule): (u32, &Rule)| {
        let checked = parse::parse(rules.scheme(), &rule.filter, &options).expect("sound");
        let mut program = Program::default();
        program.push(&checked.expr, &mut Patterns::default(), &options).expect("sound");
        let tier = rules.tier(RuleIndex(number)).expect("one of the set");
        Alone { rule: rule.clone(), tier, program }
    };
    (0..).zip(rules.rules()).map(one).collect()
}

/// What is true of a rule, and whether a fact that it waits for can be had before the gate.
fn truth(rule: &Alone, facts: &Facts, gate: Gate) -> (Truth, bool) {
    let mut evaluator = Evaluator::new(&rule.program, facts);
    let truth = evaluator.truth(0);
    let scheme = facts.scheme();
    let can_come = |field| scheme.phases(field).is_subset(gate.before());
    (truth, truth == Truth::NotYet && evaluator.wants.iter().any(|want| can_come(want.field)))
}

/// What is to be done, by name of the act and number of the rule, and every rule that matched.
type Said = (&'static str, Option<usize>, Vec<(usize, RuleMode)>);

fn naive(rules: &[Alone], facts: &Facts, gate: Gate) -> Said {
    let (mut act, mut by) = ("proceed", None);
    let mut matched = Vec::new();
    for &tier in gate.tiers() {
        let of_tier = || rules.iter().enumerate().filter(|(_, rule)| rule.tier == tier);
        if matches!(act, "proceed" | "wait") {
            let (mut open, mut can_come, mut certain) = (Vec::new(), false, None);
            for (number, rule) in of_tier().filter(|(_, rule)| rule.rule.is_enforcing()) {
                match truth(rule, facts, gate) {
                    (Truth::True, _) => {
                        certain = Some((number, &rule.rule.action));
                        break;
                    }
                    (Truth::NotYet, can) => {
                        open.push(&rule.rule.action);
                        can_come |= can;
                    }
                    (Truth::False, _) => {}
                }
            }
            let possible = open.iter().copied().chain(certain.map(|(_, action)| action));
            let is_sure =
                open.is_empty() || (certain.is_some() && possible.clone().all(Action::blocks));
            let refuses = certain.is_some_and(|(_, action)| action.refuses());
            let waits_for_none = tier == Tier::Body && !(gate.is_body() && refuses);
            let winner = match (is_sure, waits_for_none, can_come) {
                (true, ..) | (false, false, false) => certain,
                (false, true, _) => None,
                (false, false, true) => {
                    act = "wait";
                    None
                }
            };
            if let Some((number, action)) = winner {
                matched.push((number, RuleMode::Enforce));
                let name = match action {
                    Action::Block | Action::Quarantine => "block",
                    Action::Redirect(_) => "redirect",
                    Action::DoNotInspect => "off",
                    _ => act,
                };
                if act == "proceed" && name != "proceed" {
                    (act, by) = (name, Some(number));
                }
            }
        }
        for (number, rule) in of_tier().filter(|(_, rule)| !rule.rule.is_enforcing()) {
            if truth(rule, facts, gate).0 == Truth::True {
                matched.push((number, RuleMode::LogOnly));
            }
        }
    }
    (act, by, matched)
}

fn said(rules: &RuleSet, facts: &Facts, gate: Gate) -> Said {
    let decision = rules.decide(facts, gate);
    let number = |rule: &Rule| rules.rules().iter().position(|other| std::ptr::eq(rule, other));
    let (act, by) = match decision.act() {
        Act::Proceed => ("proceed", None),
        Act::Wait => ("wait", None),
        Act::Block(rule) => ("block", number(rule)),
        Act::Redirect(rule, _) => ("redirect", number(rule)),
        Act::DoNotInspect(rule) => ("off", number(rule)),
    };
    let matched = decision.trail().iter().map(|entry| (entry.rule.get(), entry.mode)).collect();
    (act, by, matched)
}

/// Compares every answer as one connection unfolds; gives how many there were.
fn compare(
    rules: &RuleSet,
    alone: &[Alone],
    world: &World,
    early_answer: bool,
) -> Result<usize, TestCaseError> {
    let mut facts = Facts::new(rules.scheme());
    let mut triples = 0;
    for step in steps(early_answer) {
        match step {
            Step::Close(phase) => {
                learn(&mut facts, world, phase, None, |_| true);
                facts.close(phase);
            }
            Step::Grow(phase, taken) => learn(&mut facts, world, phase, Some(taken), |_| true),
            Step::Ask(gate) => {
                let (found, expected) = (said(rules, &facts, gate), naive(alone, &facts, gate));
                prop_assert_eq!(found, expected, "at {}", gate);
                triples += rules.rules().len();
            }
        }
    }
    Ok(triples)
}

/// Some triples of rule, facts and phase, or as many as the environment variable
/// `GATEWAY_RULES_TRIPLES` says when this is compiled; a million take about a minute. Each set of
/// rules is asked about several connections, each of its own facts.
#[test]
fn a_set_says_what_its_rules_say_one_by_one() {
    let wanted = option_env!("GATEWAY_RULES_TRIPLES");
    let wanted: usize = wanted.map_or(60_000, |triples| triples.parse().expect("a number"));
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) };
    let connections = prop::collection::vec((test_scheme::world(), any::<bool>()), 1..8);
    let strategy = (
        prop_oneof![
            4 => prop::collection::vec(rule(), 0..40),
            1 => prop::collection::vec(calling(), 0..40),
        ],
        connections,
        prop::sample::select(vec![Indexing::Always, Indexing::ByCost, Indexing::Never]),
    );
    let triples = std::cell::Cell::new(0);
    let mut told = 0;
    while triples.get() < wanted {
        // A runner runs its cases once, and shrinks what differs.
        let mut runner = TestRunner::new(config.clone());
        let compared = runner.run(&strategy, |(rules, connections, indexing)| {
            let options = Options { indexing, ..Options::default() };
            let set = RuleSet::compile(&test_scheme::scheme(), rules, &options).expect("sound");
            let alone = alone(&set);
            for (world, early_answer) in connections {
                triples.set(triples.get() + compare(&set, &alone, &world, early_answer)?);
            }
            Ok(())
        });
        if let Err(difference) = compared {
            panic!("{difference}");
        }
        if triples.get() / 100_000 > told {
            told = triples.get() / 100_000;
            println!("{} triples so far", triples.get());
        }
    }
    println!("{} triples of rule, facts and phase, 0 differences", triples.get());
}
