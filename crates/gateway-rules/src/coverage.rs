//! Coverage: which rules and which of their predicates a series of requests has tried, both ways.

use std::ops::Range;

use crate::evaluate::Evaluator;
use crate::facts::Facts;
use crate::filter::Truth;
use crate::program::{At, Op, Program};
use crate::rule::RuleIndex;
use crate::ruleset::{Compiled, RuleSet};

/// What requests have tried of a rule set; see [`RuleSet::coverage`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    rules: Vec<RuleCoverage>,
}

/// What requests have tried of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCoverage {
    /// The rule.
    pub rule: RuleIndex,
    /// Of how many requests it held.
    pub matched: usize,
    /// Its predicates, in the order of the text, without those that are constant.
    pub predicates: Vec<PredicateCoverage>,
}

/// What requests have tried of one predicate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PredicateCoverage {
    /// Where it stands: bytes of the filter's text.
    pub span: Range<usize>,
    /// Of how many requests it held.
    pub held: usize,
    /// Of how many it did not.
    pub failed: usize,
    at: At,
}

impl RuleSet {
    /// Coverage by no request yet. It is about this rule set and no other.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        let rule = |(index, compiled): (u32, &Compiled)| {
            let mut predicates = Vec::new();
            gather(self.program(compiled.part), compiled.at, &mut predicates);
            RuleCoverage { rule: RuleIndex(index), matched: 0, predicates }
        };
        Coverage { rules: (0..).zip(&self.compiled).map(rule).collect() }
    }

    /// Counts a request into `coverage`, which is of this rule set. What is not known counts
    /// neither way. Every predicate is tried, whether or not the ones before it decide the rule.
    pub fn cover(&self, coverage: &mut Coverage, facts: &Facts) {
        for (rule, compiled) in coverage.rules.iter_mut().zip(&self.compiled) {
            let mut evaluator = Evaluator::new(self.program(compiled.part), facts);
            rule.matched += usize::from(evaluator.truth(compiled.at) == Truth::True);
            for predicate in &mut rule.predicates {
                match evaluator.truth(predicate.at) {
                    Truth::True => predicate.held += 1,
                    Truth::False => predicate.failed += 1,
                    Truth::NotYet => {}
                }
            }
        }
    }
}

/// Finds the predicates that connectives join below a node.
fn gather(program: &Program, at: At, found: &mut Vec<PredicateCoverage>) {
    let Some(node) = program.nodes.get(at) else { return };
    match &node.op {
        Op::Constant(_) => {}
        Op::Joined(_) | Op::Not => {
            let mut child = at + 1;
            while child < node.end {
                gather(program, child, found);
                let next = program.nodes.get(child).map_or(node.end, |node| node.end);
                child = next.max(child + 1);
            }
        }
        Op::Quantified(..) | Op::Test(_) | Op::Compare(_) => {
            found.push(PredicateCoverage { span: node.span.range(), held: 0, failed: 0, at });
        }
    }
}

impl Coverage {
    /// The rules, in order of precedence.
    #[must_use]
    pub fn rules(&self) -> &[RuleCoverage] {
        &self.rules
    }

    /// How many of the outcomes were seen, and how many there are: each rule may match, and each
    /// predicate hold and fail.
    #[must_use]
    pub fn outcomes(&self) -> (usize, usize) {
        let seen = |count: usize| usize::from(count > 0);
        self.rules.iter().fold((0, 0), |(met, all), rule| {
            let predicates = rule.predicates.iter().map(|p| seen(p.held) + seen(p.failed));
            let met = met + seen(rule.matched) + predicates.sum::<usize>();
            (met, all + 1 + 2 * rule.predicates.len())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Action, Layer, Options, Phase, Rule, Scheme, field};

    #[test]
    fn every_predicate_is_counted_both_ways() {
        let text =
            r#"not (net.dst.port == 22 or net.dst.port == 80) and any(dlp.profiles[*] == "x")"#;
        let scheme = Scheme::gateway();
        let rules = vec![Rule::new("r", Layer::Http, Action::Block, text)];
        let rules = RuleSet::compile(&scheme, rules, &Options::default()).expect("sound");
        let mut coverage = rules.coverage();
        assert_eq!(coverage.outcomes(), (0, 7));
        for (port, profiles) in [(80, Some("x")), (443, Some("x")), (443, None)] {
            let mut facts = Facts::new(&scheme);
            facts.set(field::NET_DST_PORT, i64::from(port));
            facts.close(Phase::Connect);
            if let Some(profile) = profiles {
                facts.set(field::DLP_PROFILES, [profile].into_iter().collect::<crate::Value>());
            }
            rules.cover(&mut coverage, &facts);
        }
        let [rule] = coverage.rules() else { panic!("{coverage:?}") };
        assert_eq!(rule.matched, 1);
        let told: Vec<_> =
            rule.predicates.iter().map(|p| (&text[p.span.clone()], p.held, p.failed)).collect();
        let any = r#"any(dlp.profiles[*] == "x")"#;
        assert_eq!(told, [("net.dst.port == 22", 0, 3), ("net.dst.port == 80", 1, 2), (any, 2, 0)]);
        assert_eq!(coverage.outcomes(), (5, 7));
    }
}
