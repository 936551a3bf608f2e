//! Explanations: by which conditions, over which values, a rule or a filter holds, does not hold or
//! is still open. They decide nothing and are made for people, not on the path of a request.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use crate::ast::Connective;
use crate::evaluate::{Evaluator, needs_of};
use crate::facts::Facts;
use crate::filter::{Filter, Truth};
use crate::needs::Needs;
use crate::place::Found;
use crate::print::PrintedOperand;
use crate::program::{At, Node, Op};
use crate::rule::{OutOfTime, RuleIndex, Tier};
use crate::ruleset::{Compiled, RuleSet};
use crate::subject::Subject;
use crate::value::Value;

/// Why one rule of a set holds or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The rule.
    pub rule: RuleIndex,
    /// The tier in which it is enforced.
    pub tier: Tier,
    /// How it stands, and why.
    pub reason: Reason,
}

/// How a condition stands by what is known, and what made it so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It holds. The predicates that suffice for that, in the order of the text.
    Matched(Vec<Predicate>),
    /// It does not hold. The predicates that suffice for that, in the order of the text: of an
    /// `and` those of its first item that failed, of an `or` those of every item.
    Failed(Vec<Predicate>),
    /// These facts decide, and they are not known yet.
    NotYet(Needs),
    /// The time does not let it, whatever the condition says.
    OutOfTime(OutOfTime),
}

/// A comparison, a truth value, or `any` or `all` with what is in it: the parts of a condition that
/// connectives join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Predicate {
    /// Where it stands: bytes of the filter's text.
    pub span: Range<usize>,
    /// Whether it holds. Under `not` a predicate that holds makes a condition fail.
    pub truth: Truth,
    /// What it looks at, each operand once, in the order of the text.
    pub operands: Vec<Observed>,
}

impl Predicate {
    /// The predicate as `filter` has it, which is the text that it was read from.
    #[must_use]
    pub fn text<'t>(&self, filter: &'t str) -> &'t str {
        filter.get(self.span.clone()).unwrap_or_default()
    }
}

/// What a predicate found where it looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The field or call with its indexes, up to the first `[*]`.
    pub operand: String,
    /// What is there.
    pub value: Sight,
}

/// What is known of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// It is final.
    Known(Value),
    /// It may still grow.
    SoFar(Value),
    /// There is none.
    Missing,
    /// It is not known yet.
    NotYet,
}

/// Writes values as filters have them: `"a"`, `missing`, `not known yet`, `3 so far`.
impl fmt::Display for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => value.fmt(f),
            Self::SoFar(value) => write!(f, "{value} so far"),
            Self::Missing => f.write_str("missing"),
            Self::NotYet => f.write_str("not known yet"),
        }
    }
}

impl RuleSet {
    /// How every rule stands by what is known, in order of precedence. Whether a rule that holds
    /// also wins is for [`decide`](Self::decide) to say.
    ///
    /// ```
    /// use gateway_rules::{Action, Facts, Layer, Options, Phase, Reason, Rule, RuleSet, Scheme, field};
    ///
    /// let scheme = Scheme::gateway();
    /// let text = r#"net.dst.port == 443 and http.request.host == "a.example""#;
    /// let rules = vec![Rule::new("r", Layer::Http, Action::Block, text)];
    /// let rules = RuleSet::compile(&scheme, rules, &Options::default())?;
    /// let mut facts = Facts::new(&scheme);
    /// facts.set(field::NET_DST_PORT, 80_i64);
    /// let explanations = rules.explain(&facts);
    /// let Reason::Failed(predicates) = &explanations[0].reason else { panic!("it matches") };
    /// assert_eq!(predicates[0].text(text), "net.dst.port == 443");
    /// assert_eq!(predicates[0].operands[0].value.to_string(), "80");
    /// # Ok::<(), gateway_rules::CompileError>(())
    /// ```
    #[must_use]
    pub fn explain(&self, facts: &Facts) -> Vec<Explanation> {
        let explanation = |(index, compiled): (u32, &Compiled)| {
            let rule = RuleIndex(index);
            let reason = match self.out_of_time(rule, facts) {
                Some(why) => Reason::OutOfTime(why),
                None => Evaluator::new(self.program(compiled.part), facts).reason(compiled.at),
            };
            Explanation { rule, tier: compiled.tier, reason }
        };
        (0..).zip(&self.compiled).map(explanation).collect()
    }
}

impl Filter {
    /// How the filter stands by what is known, and why. One that yields an array fails without a
    /// predicate.
    #[must_use]
    pub fn explain(&self, facts: &Facts) -> Reason {
        if self.is_array {
            return Reason::Failed(Vec::new());
        }
        Evaluator::new(&self.program, facts).reason(0)
    }
}

impl Evaluator<'_, '_> {
    fn reason(&mut self, at: At) -> Reason {
        let mut predicates = Vec::new();
        match self.truth(at) {
            Truth::NotYet => Reason::NotYet(needs_of(&self.wants)),
            Truth::True => {
                self.trace(at, Truth::True, &mut predicates);
                Reason::Matched(predicates)
            }
            Truth::False => {
                self.trace(at, Truth::False, &mut predicates);
                Reason::Failed(predicates)
            }
        }
    }

    /// Gathers what suffices for the truth of a decided expression.
    fn trace(&mut self, at: At, truth: Truth, found: &mut Vec<Predicate>) {
        let Some(node) = self.program.nodes.get(at) else { return };
        match (&node.op, truth) {
            (Op::Joined(Connective::And), Truth::False)
            | (Op::Joined(Connective::Or), Truth::True) => {
                let decisive = self.children(at).find(|&child| self.truth(child) == truth);
                if let Some(child) = decisive {
                    self.trace(child, truth, found);
                }
            }
            (Op::Joined(_), _) => {
                for child in self.children(at) {
                    let truth = self.truth(child);
                    self.trace(child, truth, found);
                }
            }
            (Op::Not, _) => self.trace(at + 1, truth.not(), found),
            (Op::Constant(_) | Op::Quantified(..) | Op::Test(_) | Op::Compare(_), _) => {
                found.push(Predicate {
                    span: node.span.range(),
                    truth,
                    operands: self.observed(at),
                });
            }
        }
    }

    fn observed(&self, at: At) -> Vec<Observed> {
        let mut seen = BTreeSet::new();
        let subjects = self.program.below(at).flat_map(subjects);
        let observed = subjects.map(|subject| {
            let operand = subject.operand();
            let operand = PrintedOperand { scheme: self.facts.scheme(), operand: &operand };
            (operand.to_string(), subject)
        });
        let first = observed.filter(|(operand, _)| seen.insert(operand.clone()));
        let sight = |subject: &Subject| {
            subject.look(self.facts, |found| match found {
                Found::NotYet => Sight::NotYet,
                Found::Nil => Sight::Missing,
                Found::Final(value) => Sight::Known(value.clone()),
                Found::Growing(value) => Sight::SoFar(value.clone()),
            })
        };
        first.map(|(operand, subject)| Observed { operand, value: sight(subject) }).collect()
    }
}

/// What a node itself looks at.
fn subjects(node: &Node) -> impl Iterator<Item = &Subject> {
    let (left, right) = match &node.op {
        Op::Test(tested) => (Some(&tested.subject), None),
        Op::Compare(compared) => (Some(&compared.left), Some(&compared.right)),
        Op::Constant(_) | Op::Joined(_) | Op::Not | Op::Quantified(..) => (None, None),
    };
    left.into_iter().chain(right)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::test_scheme::{self, Reads, condition, settled, world};
    use crate::{Action, Layer, Options, ParseOptions, Phase, Rule, Scheme, field};

    /// Host and port are known, the response is not; `expected` has `text: operand = value` of each
    /// predicate behind the word.
    fn check(filter: &str, expected: &str) {
        let scheme = Scheme::gateway();
        let mut facts = Facts::new(&scheme);
        facts.set(field::NET_DST_PORT, 443_i64);
        facts.set(field::HTTP_REQUEST_HOST, "A.example");
        for phase in [Phase::Connect, Phase::ClientHello, Phase::RequestHead] {
            facts.close(phase);
        }
        let told = |predicates: &[Predicate]| -> String {
            let one = |predicate: &Predicate| {
                let operands = predicate.operands.iter();
                let operands = operands.map(|seen| format!(" {} = {}", seen.operand, seen.value));
                format!("; {}:{}", predicate.text(filter), operands.collect::<String>())
            };
            predicates.iter().map(one).collect()
        };
        let parsed = Filter::parse(&scheme, filter, &ParseOptions::default()).expect(filter);
        let text = match parsed.explain(&facts) {
            Reason::Matched(predicates) => format!("matched{}", told(&predicates)),
            Reason::Failed(predicates) => format!("failed{}", told(&predicates)),
            Reason::NotYet(needs) => {
                let name = |id| scheme.field(id).map_or("", crate::Field::name);
                format!("open {}", needs.fields().map(name).collect::<Vec<_>>().join(" "))
            }
            Reason::OutOfTime(why) => why.to_string(),
        };
        assert_eq!(text, expected, "{filter}");
    }

    #[test]
    fn the_deciding_predicates_are_told() {
        let host = r#"http.request.host = "A.example""#;
        for (filter, expected) in [
            ("net.dst.port == 443", "matched; net.dst.port == 443: net.dst.port = 443".to_owned()),
            (
                "net.dst.port > 1 and net.dst.port == 80 and net.dst.port == 81",
                "failed; net.dst.port == 80: net.dst.port = 443".to_owned(),
            ),
            (
                "net.dst.port == 80 or net.dst.port == 81",
                "failed; net.dst.port == 80: net.dst.port = 443; \
                 net.dst.port == 81: net.dst.port = 443"
                    .to_owned(),
            ),
            (
                r#"not (net.dst.port == 80 or lower(http.request.host) == "a.example")"#,
                format!(r#"failed; lower(http.request.host) == "a.example": {host}"#),
            ),
            (
                "len(http.request.host) == 3",
                "failed; len(http.request.host) == 3: len(http.request.host) = 9".to_owned(),
            ),
            (
                "net.sni.host == http.request.host",
                format!("failed; net.sni.host == http.request.host: net.sni.host = missing {host}"),
            ),
            ("false", "failed; false:".to_owned()),
            ("net.dst.port == 443 and av.infected", "open av.infected".to_owned()),
            ("net.dst.port == 80 and av.infected", {
                "failed; net.dst.port == 80: net.dst.port = 443".to_owned()
            }),
        ] {
            check(filter, &expected);
        }
    }

    #[test]
    fn elements_are_shown_as_a_whole() {
        let scheme = test_scheme::scheme();
        let text = r#"any(names[*] == "x" or names[*] contains "y")"#;
        let filter = Filter::parse(&scheme, text, &ParseOptions::default()).expect(text);
        let mut facts = Facts::new(&scheme);
        facts.set(test_scheme::field("names"), ["a", "\u{1}"].into_iter().collect::<Value>());
        let Reason::Failed(predicates) = filter.explain(&facts) else { panic!("it matches") };
        let [Predicate { span, truth: Truth::False, operands }] = predicates.as_slice() else {
            panic!("{predicates:?}")
        };
        assert_eq!(*span, 0..text.len());
        let [Observed { operand, value }] = operands.as_slice() else { panic!("{operands:?}") };
        assert_eq!((operand.as_str(), value.to_string()), ("names", r#"["a", "\x01"]"#.to_owned()));
    }

    #[test]
    fn each_rule_of_a_set_is_explained() {
        let scheme = Scheme::gateway();
        let rules = vec![
            Rule::new("a", Layer::Network, Action::Block, "net.dst.port == 22"),
            Rule::new("b", Layer::Http, Action::Block, "av.infected"),
        ];
        let rules = RuleSet::compile(&scheme, rules, &Options::default()).expect("sound rules");
        let mut facts = Facts::new(&scheme);
        facts.set(field::NET_DST_PORT, 22_i64);
        let told = rules.explain(&facts);
        assert_eq!(told.len(), 2);
        assert_eq!((told[0].rule.get(), told[0].tier), (0, Tier::Network));
        assert!(matches!(&told[0].reason, Reason::Matched(predicates) if predicates.len() == 1));
        assert_eq!(told[1].tier, Tier::Body);
        let Reason::NotYet(needs) = &told[1].reason else { panic!("{told:?}") };
        assert!(needs.wants_field(field::AV_INFECTED));
    }

    proptest! {
        /// The reason says what the filter says, and names a predicate that is as it tells.
        #[test]
        fn reasons_agree_with_the_truth(text in condition(Reads::Everything), world in world()) {
            let scheme = test_scheme::scheme();
            let filter = Filter::parse(&scheme, &text, &ParseOptions::default()).expect("sound");
            let facts = settled(&world);
            let (truth, predicates) = match filter.explain(&facts) {
                Reason::Matched(predicates) => (Truth::True, predicates),
                Reason::Failed(predicates) => (Truth::False, predicates),
                Reason::NotYet(needs) => return Err(TestCaseError::fail(format!("{needs:?}"))),
                Reason::OutOfTime(why) => return Err(TestCaseError::fail(why.to_string())),
            };
            prop_assert_eq!(truth, filter.truth(&facts));
            prop_assert!(!predicates.is_empty());
            for predicate in predicates {
                let part = predicate.text(&text);
                let part = Filter::parse(&scheme, part, &ParseOptions::default()).expect("a part");
                prop_assert_eq!(part.truth(&facts), predicate.truth);
            }
        }
    }
}
