//! The laws of decisions, over random rules and connections.

use proptest::prelude::*;

use super::*;
use crate::action::{KeepPath, Redirect};
use crate::facts::Fact;
use crate::filter::Filter;
use crate::needs::Needs;
use crate::options::{Indexing, Options, ParseOptions};
use crate::rule::{Layer, Rule};
use crate::test_scheme::{self, Reads, World, part, settled};

/// Rules that ask what the same few calls make.
pub(super) fn calling() -> impl Strategy<Value = Rule> {
    let action = prop::sample::select(vec![Action::Allow, Action::Block, Action::Log]);
    (action, test_scheme::condition(Reads::Calls))
        .prop_map(|(action, filter)| Rule::new("r", Layer::Http, action, filter))
}

pub(crate) fn rule() -> impl Strategy<Value = Rule> {
    let to = || Redirect { to: "https://a.example/".into(), keep: KeepPath::Nothing };
    let kinds = prop::sample::select(vec![
        (Layer::Network, Action::Allow, Reads::Connection),
        (Layer::Network, Action::Block, Reads::Connection),
        (Layer::Http, Action::DoNotInspect, Reads::Connection),
        (Layer::Http, Action::Allow, Reads::Heads),
        (Layer::Http, Action::Block, Reads::Heads),
        (Layer::Http, Action::NoScan, Reads::Heads),
        (Layer::Http, Action::Redirect(to()), Reads::Heads),
        (Layer::Http, Action::Forward("w".into()), Reads::Connection),
        (Layer::Http, Action::Log, Reads::Everything),
        (Layer::Http, Action::Allow, Reads::Everything),
        (Layer::Http, Action::Block, Reads::Everything),
        (Layer::Http, Action::Quarantine, Reads::Everything),
    ]);
    let shadow = prop::bool::weighted(0.1);
    (kinds, shadow).prop_flat_map(|((layer, action, reads), shadow)| {
        test_scheme::condition(reads).prop_map(move |filter| {
            let rule = Rule::new("r", layer, action.clone(), filter);
            if shadow { rule.log_only() } else { rule }
        })
    })
}

fn compile(rules: Vec<Rule>) -> RuleSet {
    indexed(rules, Indexing::ByCost)
}

fn indexed(rules: Vec<Rule>, indexing: Indexing) -> RuleSet {
    let options = Options { indexing, ..Options::default() };
    RuleSet::compile(&test_scheme::scheme(), rules, &options).expect("sound rules")
}

/// The rules that hold when everything is known, found one by one without a rule set.
fn matching(rules: &RuleSet, world: &World) -> Vec<RuleIndex> {
    let facts = settled(world);
    let holds = |rule: &Rule| {
        let filter = Filter::parse(rules.scheme(), &rule.filter, &ParseOptions::default());
        filter.expect("a sound filter").truth(&facts) == Truth::True
    };
    let indexed = (0..).map(RuleIndex).zip(rules.rules());
    indexed.filter(|(_, rule)| holds(rule)).map(|(index, _)| index).collect()
}

fn first_match(rules: &RuleSet, matching: &[RuleIndex], tier: Tier) -> Option<RuleIndex> {
    matching.iter().copied().find(|&index| {
        rules.tier(index) == Some(tier) && rules.rule(index).is_some_and(Rule::is_enforcing)
    })
}

/// One step of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// The facts of a phase become final.
    Close(Phase),
    /// So much of what a phase contributes to becomes known.
    Grow(Phase, usize),
    Ask(Gate),
}

/// A request whose answer comes before or after the end of its body.
pub(crate) fn steps(early_answer: bool) -> Vec<Step> {
    use Step::{Ask, Close, Grow};
    let mut steps = vec![
        Ask(Gate::Dial),
        Close(Phase::Connect),
        Ask(Gate::Dial),
        Close(Phase::ClientHello),
        Ask(Gate::Dial),
        Ask(Gate::Tunnel),
        Close(Phase::RequestHead),
        Ask(Gate::RequestHead),
        Ask(Gate::RequestBody),
        Grow(Phase::RequestBody, 1),
        Ask(Gate::RequestBody),
        Grow(Phase::RequestBody, 2),
        Ask(Gate::RequestBody),
    ];
    let end = [Close(Phase::RequestBody), Ask(Gate::RequestBody)];
    let answer = [Close(Phase::ResponseHead), Ask(Gate::ResponseHead)];
    if early_answer {
        steps.extend(answer.into_iter().chain(end));
    } else {
        steps.extend(end.into_iter().chain(answer));
    }
    steps.extend([
        Ask(Gate::ResponseBody),
        Grow(Phase::ResponseBody, 2),
        Ask(Gate::ResponseBody),
        Close(Phase::ResponseBody),
        Ask(Gate::ResponseBody),
    ]);
    steps
}

/// Fills in what `phase` contributes to, if it is `wanted`: a part, or all of it where the phase is
/// the last to contribute.
pub(crate) fn learn(
    facts: &mut Facts,
    world: &World,
    phase: Phase,
    taken: Option<usize>,
    wanted: impl Fn(crate::FieldId) -> bool,
) {
    let scheme = test_scheme::scheme();
    for ((field, declared), value) in scheme.fields().zip(world) {
        let Some(value) = value else { continue };
        if !declared.phases().contains(phase) || !wanted(field) {
            continue;
        }
        let is_last = declared.phases().latest() == Some(phase);
        match taken {
            None if is_last => facts.set(field, value.clone()),
            None => facts.set_partial(field, part(value, 2)),
            Some(taken) => facts.set_partial(field, part(value, taken)),
        }
    }
}

fn winners<'d>(decision: &'d Decision<'_>) -> Vec<(RuleIndex, RuleMode, &'d [RuleIndex])> {
    decision.trail().iter().map(|entry| (entry.rule, entry.mode, &*entry.passed_over)).collect()
}

/// Checks one decision against what is true in the end.
fn check_decision(
    rules: &RuleSet,
    decision: &Decision<'_>,
    facts: &Facts,
    matching: &[RuleIndex],
) -> Result<(), TestCaseError> {
    for entry in decision.trail() {
        prop_assert!(matching.contains(&entry.rule), "what matched does not match in the end");
        if entry.mode == RuleMode::LogOnly || !entry.passed_over.is_empty() {
            continue;
        }
        let last = first_match(rules, matching, entry.tier).expect("the rule itself matches");
        let blocks = |index| rules.rule(index).is_some_and(|rule| rule.action.blocks());
        prop_assert!(
            last == entry.rule || blocks(last) && blocks(entry.rule),
            "{:?} won, in the end {:?} does",
            entry.rule,
            last
        );
    }
    let before = decision.gate().before();
    if decision.act() == Act::Wait {
        let can_come = |field: crate::FieldId| {
            let open = matches!(facts.state(field), Fact::NotYet | Fact::Partial(_));
            open && rules.scheme().phases(field).is_subset(before)
        };
        prop_assert!(decision.needs_enforcing().fields().any(can_come), "waits for nothing");
    }
    for field in decision.needs_enforcing().fields() {
        prop_assert!(decision.needs().wants_field(field));
        prop_assert!(rules.uses(field));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// With everything known, each tier's winner is its first match.
    #[test]
    fn knowing_all_is_first_match(
        rules in prop::collection::vec(rule(), 0..8),
        world in test_scheme::world(),
    ) {
        let rules = compile(rules);
        let matching = matching(&rules, &world);
        let facts = settled(&world);
        for gate in Gate::ALL {
            let decision = rules.decide(&facts, gate);
            prop_assert!(decision.needs().is_empty());
            let mut is_over = false;
            for &tier in gate.tiers() {
                let winner = first_match(&rules, &matching, tier).filter(|_| !is_over);
                let expected = winner.map_or(Standing::NoMatch, Standing::Matched);
                prop_assert_eq!(decision.standing(tier), expected, "{} at {}", tier, gate);
                let ends = |rule: &Rule| rule.action.refuses() || rule.action == Action::DoNotInspect;
                is_over |= winner.and_then(|index| rules.rule(index)).is_some_and(ends);
            }
            let goes_on = matches!(decision.act(), Act::Proceed);
            prop_assert_eq!(goes_on, !is_over);
        }
    }

    /// As facts arrive, no decision is taken back, except for rules that a gate passed over; and no
    /// gate waits for what cannot come.
    #[test]
    fn decisions_are_kept(
        rules in prop::collection::vec(rule(), 0..8),
        world in test_scheme::world(),
        early_answer in any::<bool>(),
    ) {
        let rules = compile(rules);
        let matching = matching(&rules, &world);
        let mut facts = Facts::new(rules.scheme());
        for step in steps(early_answer) {
            match step {
                Step::Close(phase) => {
                    learn(&mut facts, &world, phase, None, |_| true);
                    facts.close(phase);
                }
                Step::Grow(phase, taken) => learn(&mut facts, &world, phase, Some(taken), |_| true),
                Step::Ask(gate) => {
                    let decision = rules.decide(&facts, gate);
                    check_decision(&rules, &decision, &facts, &matching)?;
                }
            }
        }
    }

    /// A caller that computes only what is wanted gets the same decisions by the same rules. (The
    /// predicate in the trail may be another one: what was not wanted cannot have matched.)
    #[test]
    fn the_wanted_suffices(
        rules in prop::collection::vec(rule(), 0..8),
        world in test_scheme::world(),
        early_answer in any::<bool>(),
    ) {
        let rules = compile(rules);
        let (mut all, mut few) = (Facts::new(rules.scheme()), Facts::new(rules.scheme()));
        // What is wanted of requests is known from the gate of the request head on.
        let mut needs: Option<Needs> = None;
        for step in steps(early_answer) {
            let wanted = |field| needs.as_ref().is_none_or(|needs| needs.wants_field(field));
            match step {
                Step::Close(phase) => {
                    learn(&mut all, &world, phase, None, |_| true);
                    learn(&mut few, &world, phase, None, wanted);
                    all.close(phase);
                    few.close(phase);
                }
                Step::Grow(phase, taken) => {
                    learn(&mut all, &world, phase, Some(taken), |_| true);
                    learn(&mut few, &world, phase, Some(taken), wanted);
                }
                Step::Ask(gate) => {
                    let (full, lean) = (rules.decide(&all, gate), rules.decide(&few, gate));
                    prop_assert_eq!(full.act(), lean.act(), "at {}", gate);
                    prop_assert_eq!(winners(&full), winners(&lean), "at {}", gate);
                    if !matches!(lean.act(), Act::Proceed | Act::Wait) {
                        return Ok(());
                    }
                    if gate >= Gate::RequestHead {
                        needs = Some(lean.into_parts().1);
                    }
                }
            }
        }
    }

    /// Whether rules are found by the index or tried one by one changes nothing.
    #[test]
    fn the_index_changes_nothing(
        rules in prop::collection::vec(rule(), 0..24),
        worlds in prop::collection::vec(test_scheme::world(), 4),
        early_answer in any::<bool>(),
    ) {
        let (by_index, by_trial) = (indexed(rules.clone(), Indexing::Always), indexed(rules, Indexing::Never));
        for world in worlds {
            let mut facts = Facts::new(by_index.scheme());
            for step in steps(early_answer) {
                match step {
                    Step::Close(phase) => {
                        learn(&mut facts, &world, phase, None, |_| true);
                        facts.close(phase);
                    }
                    Step::Grow(phase, taken) => {
                        learn(&mut facts, &world, phase, Some(taken), |_| true);
                    }
                    Step::Ask(gate) => {
                        let (found, tried) =
                            (by_index.decide(&facts, gate), by_trial.decide(&facts, gate));
                        prop_assert_eq!(found.act(), tried.act(), "at {}", gate);
                        prop_assert_eq!(found.trail(), tried.trail(), "at {}", gate);
                        prop_assert_eq!(found.needs(), tried.needs(), "at {}", gate);
                        let enforcing = tried.needs_enforcing();
                        prop_assert_eq!(found.needs_enforcing(), enforcing, "at {}", gate);
                        for tier in Tier::ALL {
                            prop_assert_eq!(found.standing(tier), tried.standing(tier));
                        }
                    }
                }
            }
        }
    }
}
