//! The laws of lint, over random rules and connections: what is called impossible never happens.

use proptest::prelude::*;

use super::prove::Prover;
use super::*;
use crate::action::Action;
use crate::decide::laws::{Step, learn, rule, steps};
use crate::facts::Facts;
use crate::filter::{Filter, Truth};
use crate::options::{NilNotEqual, Options};
use crate::parse;
use crate::rule::RuleMode;
use crate::test_scheme::{self, Reads, World, condition, settled, world};

/// Conditions that often exclude or include each other: several over few fields.
fn conditions() -> impl Strategy<Value = String> {
    let one = prop_oneof![
        1 => condition(Reads::Everything),
        4 => prop::sample::select(vec![
            "port (==|!=|<|<=|>|>=) [0-4]",
            "count (==|!=|<|<=|>|>=) [0-4]",
            "port in \\{[0-2]\\.\\.[2-4]\\}",
            "http\\.host (==|!=|contains|wildcard|matches) \"[ab]\\*?\"",
            "lower\\(http\\.host\\) (==|!=) \"[aAb]\"",
            "len\\(names\\) (==|!=|<|>) [0-2]",
            "(not )?(any|all)\\(names\\[\\*\\] (==|!=|contains) \"[ab]\"\\)",
            "(not )?(any|all)\\((not )?flags(\\[\\*\\])?\\)",
            "ip\\.src (==|!=|<) 10\\.0\\.0\\.[01]",
            "(not )?(ssl|found)( == (true|false))?",
        ])
        .prop_flat_map(|leaf| leaf),
    ];
    let word = prop::sample::select(vec!["and", "and", "and", "or", "xor"]);
    prop::collection::vec((one, word), 2..5).prop_map(|parts| {
        let mut text = String::new();
        for (at, (part, word)) in parts.iter().enumerate() {
            if at > 0 {
                text.push_str(&format!(" {word} "));
            }
            text.push_str(&format!("({part})"));
        }
        text
    })
}

/// Asks `then` with more and more known, as a connection goes on.
fn unfold(
    world: &World,
    mut then: impl FnMut(&Facts) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let mut facts = Facts::new(&test_scheme::scheme());
    for step in steps(false) {
        match step {
            Step::Close(phase) => {
                learn(&mut facts, world, phase, None, |_| true);
                facts.close(phase);
            }
            Step::Grow(phase, taken) => learn(&mut facts, world, phase, Some(taken), |_| true),
            Step::Ask(_) => then(&facts)?,
        }
    }
    then(&settled(world))
}

/// Narrower rules than those drawn, below them.
fn with_narrower(rules: Vec<(Rule, Option<(Rule, u8)>)>) -> Vec<Rule> {
    let mut all = Vec::new();
    for (first, more) in rules {
        let second = more.map(|(other, how)| {
            let mut narrow = first.clone();
            narrow.filter = match how {
                0 => first.filter.clone(),
                1 => format!("({}) and {}", other.filter, first.filter),
                _ => format!("{} and ({})", first.filter, other.filter),
            };
            narrow.action =
                if first.action == Action::Allow { Action::Block } else { first.action.clone() };
            (narrow, other)
        });
        all.push(first);
        if let Some((narrow, other)) = second {
            all.extend([other, narrow]);
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// What never holds is never true, and what always holds never false, whatever is known.
    #[test]
    fn what_is_proven_is_so(
        text in conditions(),
        worlds in prop::collection::vec(world(), 6),
        is_different in any::<bool>(),
    ) {
        let nil_not_equal = if is_different { NilNotEqual::True } else { NilNotEqual::False };
        let options = ParseOptions { nil_not_equal, ..ParseOptions::default() };
        let scheme = test_scheme::scheme();
        let filter = Filter::parse(&scheme, &text, &options).expect("a filter");
        let expr = parse::parse(&scheme, &text, &options).map(|checked| checked.expr).expect("sound");
        let mut prover = Prover::new(&options);
        let (never, always) = (prover.is_never(&expr), prover.is_always(&expr));
        prop_assert!(!(never && always), "{}", text);
        if never || always {
            for world in &worlds {
                unfold(world, |facts| {
                    let truth = filter.truth(facts);
                    prop_assert!(!(never && truth == Truth::True), "{} holds", text);
                    prop_assert!(!(always && truth == Truth::False), "{} fails", text);
                    Ok(())
                })?;
            }
        }
    }

    /// A rule that is called unreachable, or never true, or one that says the same as another,
    /// never decides.
    #[test]
    fn unreachable_rules_never_decide(
        drawn in prop::collection::vec((rule(), prop::option::of((rule(), 0_u8..3))), 1..4),
        worlds in prop::collection::vec(world(), 4),
    ) {
        let rules = with_narrower(drawn);
        let scheme = test_scheme::scheme();
        // A narrower rule may read what its action cannot wait for.
        let Ok(rules) = RuleSet::compile(&scheme, rules, &Options::default()) else { return Ok(()) };
        let idle: Vec<Finding> = rules
            .lint()
            .into_iter()
            .filter(|finding| {
                let filter = rules.rule(finding.rule).map_or(0, |rule| rule.filter.len());
                match &finding.flaw {
                    Flaw::Unreachable { .. } | Flaw::Duplicate { .. } => true,
                    Flaw::NeverTrue => finding.span.len() == filter,
                    _ => false,
                }
            })
            .collect();
        if idle.is_empty() {
            return Ok(());
        }
        for world in &worlds {
            unfold(world, |facts| {
                for gate in crate::phase::Gate::ALL {
                    let decision = rules.decide(facts, gate);
                    for entry in decision.trail() {
                        let is_idle = idle.iter().any(|finding| finding.rule == entry.rule);
                        prop_assert!(
                            !is_idle || entry.mode == RuleMode::LogOnly,
                            "{:?} decides of {:?}", entry, rules
                        );
                    }
                }
                Ok(())
            })?;
        }
    }
}

/// The laws above are not empty: much is found of what they draw.
#[test]
fn much_is_proven() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let options = ParseOptions::default();
    let scheme = test_scheme::scheme();
    let mut proven = 0;
    for _ in 0..500 {
        let text = conditions().new_tree(&mut runner).expect("a tree").current();
        let expr =
            parse::parse(&scheme, &text, &options).map(|checked| checked.expr).expect("sound");
        let mut prover = Prover::new(&options);
        proven += usize::from(prover.is_never(&expr) || prover.is_always(&expr));
    }
    assert!(proven > 10, "{proven}");
    let drawn = prop::collection::vec((rule(), prop::option::of((rule(), 0_u8..3))), 1..4);
    let mut idle = 0;
    for _ in 0..500 {
        let rules = with_narrower(drawn.new_tree(&mut runner).expect("a tree").current());
        let Ok(rules) = RuleSet::compile(&scheme, rules, &Options::default()) else { continue };
        let is_idle = |flaw: &Flaw| matches!(flaw, Flaw::Unreachable { .. });
        idle += rules.lint().iter().filter(|finding| is_idle(&finding.flaw)).count();
    }
    assert!(idle > 20, "{idle}");
}
