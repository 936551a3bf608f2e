//! Reach: rules that never decide, because one above them in their tier always does.
//!
//! A rule that is known to hold while one above it is still open may win, so it is not enough that
//! the upper one holds too: it must be *known* to hold by the same facts.

use std::collections::HashMap;

use bytes::Bytes;
use rustc_hash::FxBuildHasher;

use super::clause::{About, Clause, Literal, What, values};
use super::joint::Joint;
use super::prove::{Prover, fields, possible};
use super::values::Present;
use crate::ast::{Expr, Operand, Order, Quantifier, Test};
use crate::phase::{Phase, PhaseSet};
use crate::scheme::Scheme;
use crate::value::Value;

/// The most clauses of rules above that are tried for one clause.
const CANDIDATES_MAX: usize = 256;
/// The most values of a set by which clauses are looked for.
const VALUES_MAX: usize = 4_096;
const BODIES: PhaseSet = PhaseSet::of(&[Phase::RequestBody, Phase::ResponseBody]);

/// By what a clause is found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// It admits this value of an operand.
    Value(String, Bytes),
    /// It asks an operand to contain what begins so.
    Gram(String, Bytes),
    /// It says something else of an operand.
    Operand(String),
    /// It asks for nothing.
    Nothing,
}

/// The clauses of the rules of one tier, in order of precedence.
pub(super) struct Above<'e> {
    /// Rule, and clause.
    clauses: Vec<(usize, Clause<'e>)>,
    by_key: HashMap<Key, Vec<usize>, FxBuildHasher>,
    joint: Joint,
}

impl<'e> Above<'e> {
    pub(super) fn new() -> Self {
        Self { clauses: Vec::new(), by_key: HashMap::default(), joint: Joint::default() }
    }

    /// The rules above without which `clauses`, those of one rule that can hold, would be reached:
    /// one of them is known to hold wherever a clause is. `None` where some clause may be reached.
    pub(super) fn shadowing(
        &self,
        prover: &mut Prover<'_>,
        scheme: &Scheme,
        clauses: &[Clause<'e>],
    ) -> Option<Vec<usize>> {
        let mut rules = Vec::new();
        for clause in clauses {
            match self.holding(prover, scheme, clause) {
                Some(rule) => rules.push(rule),
                None => rules.extend(self.holding_jointly(prover, scheme, clause)?),
            }
        }
        rules.sort_unstable();
        rules.dedup();
        (!rules.is_empty()).then_some(rules)
    }

    /// The first rule above that is known to hold wherever a clause is.
    fn holding(
        &self,
        prover: &mut Prover<'_>,
        scheme: &Scheme,
        clause: &Clause<'e>,
    ) -> Option<usize> {
        let mut found: Vec<usize> = Vec::new();
        for key in sought(prover, clause) {
            found.extend(self.by_key.get(&key).into_iter().flatten());
        }
        found.sort_unstable();
        found.dedup();
        let above = found.into_iter().take(CANDIDATES_MAX).filter_map(|at| self.clauses.get(at));
        above
            .filter(|(_, above)| above.iter().all(|fact| follows(prover, scheme, clause, fact)))
            .map(|(rule, _)| *rule)
            .next()
    }

    /// The rules above of which one is known to hold wherever a clause is.
    fn holding_jointly(
        &self,
        prover: &mut Prover<'_>,
        scheme: &Scheme,
        clause: &Clause<'e>,
    ) -> Option<Vec<usize>> {
        let (differing, found) = self.joint.covering(prover.options, scheme, clause)?;
        let mut rules = Vec::with_capacity(found.len());
        for at in found {
            let (rule, above) = self.clauses.get(at)?;
            let mut others = above.iter().filter(|fact| fact.about != differing);
            if !others.all(|fact| follows(prover, scheme, clause, fact)) {
                return None;
            }
            rules.push(*rule);
        }
        Some(rules)
    }

    /// Adds the clauses of a rule below all that are there.
    pub(super) fn add(
        &mut self,
        prover: &Prover<'_>,
        scheme: &Scheme,
        rule: usize,
        clauses: Vec<Clause<'e>>,
    ) {
        for clause in clauses {
            let at = self.clauses.len();
            self.joint.add(prover.options, scheme, at, &clause);
            for key in self.entered(prover, &clause) {
                self.by_key.entry(key).or_default().push(at);
            }
            self.clauses.push((rule, clause));
        }
    }

    /// The keys under which a clause is entered: those of its one literal that fewest others have.
    fn entered(&self, prover: &Prover<'_>, clause: &Clause<'_>) -> Vec<Key> {
        let by_value = clause.iter().filter_map(|literal| {
            let values = wanted(prover, literal).filter(|values| !values.is_empty())?;
            let name = named(literal.about);
            let keys = values.into_iter().map(|value| Key::Value(name.clone(), value));
            Some(keys.collect::<Vec<_>>())
        });
        let commonness = |keys: &Vec<Key>| {
            let others = keys.iter().filter_map(|key| self.by_key.get(key)).map(Vec::len);
            others.max().unwrap_or(0)
        };
        let by_gram = || {
            clause.iter().find_map(|literal| {
                let gram: Vec<u8> = needle(literal)?.iter().copied().take(GRAM).collect();
                Some(vec![Key::Gram(named(literal.about), gram.into())])
            })
        };
        let by_operand = || {
            let first = clause.first().map(|literal| named(literal.about));
            vec![first.map_or(Key::Nothing, Key::Operand)]
        };
        by_value.min_by_key(commonness).or_else(by_gram).unwrap_or_else(by_operand)
    }
}

/// The clauses of a condition that can hold; `None` where they are too many.
pub(super) fn clauses<'e>(prover: &mut Prover<'_>, expr: &'e Expr) -> Option<Vec<Clause<'e>>> {
    Some(possible(prover, super::clause::dnf(expr, true)?))
}

/// A text for what a literal is about.
pub(super) fn named(about: About<'_>) -> String {
    match about {
        About::Value(operand) => format!("{operand:?}"),
        About::Elements(operand) => format!("each {operand:?}"),
        About::Whole(expr) => format!("{:?}", expr.kind),
    }
}

/// The values that a literal asks for one of; `None` where they are too many.
fn wanted(prover: &Prover<'_>, literal: &Literal<'_>) -> Option<Vec<Bytes>> {
    let one = |literal: &Literal<'_>| {
        let values = values(literal, prover.options)?;
        if values.nil {
            return None;
        }
        let texts = |value: Value| match value {
            Value::Bytes(value) => value,
            other => Bytes::from(other.to_string()),
        };
        match &values.some {
            Present::Bytes(_) | Present::Int(_) => {
                Some(values.few(VALUES_MAX)?.into_iter().map(texts).collect())
            }
            Present::Bool { .. } | Present::Ip { .. } | Present::BytesBut(_) => None,
        }
    };
    inside(literal).and_then(one)
}

/// The one test that a literal comes down to.
pub(super) fn inside<'l, 'e>(literal: &'l Literal<'e>) -> Option<&'l Literal<'e>> {
    match &literal.what {
        What::Test(_) => Some(literal),
        What::Quantified(quantified)
            if literal.holds && quantified.quantifier == Quantifier::Any =>
        {
            match quantified.inner.as_slice() {
                [clause] => match clause.as_slice() {
                    [one] => inside(one),
                    _ => None,
                },
                _ => None,
            }
        }
        What::Quantified(_) | What::Whole => None,
    }
}

fn needle<'e>(literal: &Literal<'e>) -> Option<&'e Bytes> {
    match inside(literal).map(|one| (&one.what, one.holds)) {
        Some((What::Test(Test::Contains(needle)), true)) if !needle.is_empty() => Some(needle),
        _ => None,
    }
}

const GRAM: usize = 3;

/// The keys under which a clause that follows from this one can be entered.
fn sought(prover: &Prover<'_>, clause: &Clause<'_>) -> Vec<Key> {
    let mut keys = vec![Key::Nothing];
    for literal in clause {
        let name = named(literal.about);
        let first = wanted(prover, literal).and_then(|values| values.into_iter().next());
        if let Some(text) = first.as_ref().or_else(|| needle(literal)) {
            for length in 1..=GRAM {
                let grams = text.windows(length).map(Bytes::copy_from_slice);
                keys.extend(grams.map(|gram| Key::Gram(name.clone(), gram)));
            }
        }
        keys.extend(first.map(|value| Key::Value(name.clone(), value)));
        keys.push(Key::Operand(name));
    }
    keys
}

/// Whether a fact is known to hold wherever all of a clause are.
fn follows(
    prover: &mut Prover<'_>,
    scheme: &Scheme,
    clause: &Clause<'_>,
    fact: &Literal<'_>,
) -> bool {
    let given: Vec<&Literal<'_>> =
        clause.iter().filter(|given| given.about == fact.about).collect();
    let follows_from = |prover: &mut Prover<'_>, given: &[&Literal<'_>]| {
        let mut all: Clause<'_> = given.iter().map(|one| (*one).clone()).collect();
        all.push(fact.contrary());
        prover.is_impossible(&all)
    };
    match fact.about {
        // By nothing but itself: what is known of one part of it may be another's to say.
        About::Whole(_) => given.iter().any(|one| one.holds == fact.holds),
        About::Value(operand) | About::Elements(operand) if !grows(scheme, operand) => {
            // Something is known of it, so all is.
            !given.is_empty() && follows_from(prover, &given)
        }
        About::Value(_) => {
            given.iter().any(|one| is_bounded_alike(one, fact) && follows_from(prover, &[one]))
        }
        About::Elements(_) => {
            let every: Vec<&Literal<'_>> =
                given.iter().copied().filter(|one| is_of_all(one)).collect();
            // What is known of all elements is known at the end.
            let by_all = !every.is_empty() && follows_from(prover, &given);
            by_all
                || given
                    .iter()
                    .any(|one| !is_of_all(one) && !is_of_all(fact) && follows_from(prover, &[one]))
        }
    }
}

/// Whether an operand may be known in part.
pub(super) fn grows(scheme: &Scheme, operand: &Operand) -> bool {
    let mut read = Vec::new();
    fields(operand, &mut read);
    read.into_iter().any(|field| !scheme.phases(field).intersection(BODIES).is_empty())
}

/// Whether a literal says something of every element, not of some.
fn is_of_all(literal: &Literal<'_>) -> bool {
    match &literal.what {
        What::Quantified(quantified) => (quantified.quantifier == Quantifier::All) == literal.holds,
        What::Test(_) | What::Whole => false,
    }
}

/// Whether a lower bound of the value that decides the one also decides the other.
fn is_bounded_alike(given: &Literal<'_>, fact: &Literal<'_>) -> bool {
    use crate::ast::Literal::{Bool, Int};
    let (What::Test(given_test), What::Test(test)) = (&given.what, &fact.what) else {
        return false;
    };
    if given_test == test && given.holds == fact.holds {
        return true;
    }
    let is_order = |test: &Test| match test {
        Test::Order(Order::Equal | Order::NotEqual, Int(_)) => true,
        Test::Order(_, Int(value)) => *value != i64::MIN && *value != i64::MAX,
        _ => false,
    };
    let is_truth = |test: &Test| {
        matches!(test, Test::IsTrue | Test::Order(Order::Equal | Order::NotEqual, Bool(_)))
    };
    (is_order(given_test) && is_order(test)) || (is_truth(given_test) && is_truth(test))
}
