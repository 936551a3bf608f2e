//! Proofs: that a list of facts can never hold together. What is not proven may or may not be so.

use bytes::Bytes;

use super::clause::{About, Clause, Dnf, Literal, Quantified, What, dnf, product, values};
use super::values::{Values, moved};
use crate::ast::{Argument, Case, Expr, Index, Operand, Order, Quantifier, Source, Test};
use crate::check::Check;
use crate::options::ParseOptions;
use crate::pattern::Patterns;
use crate::value::Value;

/// The most values that are tried one by one.
const TRIED_MAX: usize = 256;

/// Proves, with the patterns that it has compiled for that.
pub(super) struct Prover<'a> {
    pub(super) options: &'a ParseOptions,
    pub(super) patterns: Patterns,
}

/// What literals are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nil {
    /// A value that may be missing.
    Possible,
    /// An element, which is there.
    Impossible,
}

impl<'a> Prover<'a> {
    pub(super) fn new(options: &'a ParseOptions) -> Self {
        Self { options, patterns: Patterns::default() }
    }

    /// Whether the condition never holds.
    pub(super) fn is_never(&mut self, expr: &Expr) -> bool {
        dnf(expr, true).is_some_and(|dnf| self.is_empty(&dnf, Nil::Possible))
    }

    /// Whether the condition always holds.
    pub(super) fn is_always(&mut self, expr: &Expr) -> bool {
        dnf(expr, false).is_some_and(|dnf| self.is_empty(&dnf, Nil::Possible))
    }

    /// Whether a condition holds wherever another one does.
    pub(super) fn implies(&mut self, left: &Expr, right: &Expr) -> bool {
        let both = dnf(left, true).zip(dnf(right, false));
        let product = both.and_then(|(left, right)| product(&left, &right));
        product.is_some_and(|dnf| self.is_empty(&dnf, Nil::Possible))
    }

    /// Whether literals can never hold together.
    pub(super) fn is_impossible(&mut self, clause: &[Literal<'_>]) -> bool {
        self.excludes(clause, Nil::Possible)
    }

    fn is_empty(&mut self, dnf: &Dnf<'_>, nil: Nil) -> bool {
        dnf.iter().all(|clause| self.excludes(clause, nil))
    }

    fn excludes(&mut self, clause: &[Literal<'_>], nil: Nil) -> bool {
        for (at, literal) in clause.iter().enumerate() {
            let before = clause.get(..at).unwrap_or_default();
            if before.iter().any(|other| other.about == literal.about) {
                continue;
            }
            let rest = clause.get(at..).unwrap_or_default();
            let group: Vec<&Literal<'_>> =
                rest.iter().filter(|other| other.about == literal.about).collect();
            let is_impossible = match literal.about {
                About::Value(operand) => self.no_value(operand, &group, nil),
                About::Elements(_) => self.no_elements(&group),
                About::Whole(_) => {
                    group.iter().any(|one| one.holds) && group.iter().any(|one| !one.holds)
                }
            };
            if is_impossible {
                return true;
            }
        }
        false
    }

    /// Whether no value of an operand passes, and none that is missing.
    fn no_value(&mut self, operand: &Operand, group: &[&Literal<'_>], nil: Nil) -> bool {
        let mut left: Option<Values> = None;
        let (mut musts, mut must_nots): (Vec<&Test>, Vec<&Test>) = (Vec::new(), Vec::new());
        for literal in group {
            let What::Test(test) = literal.what else { return false };
            match values(literal, self.options) {
                Some(values) => {
                    left = match left {
                        None => Some(values),
                        Some(left) => match left.intersection(&values) {
                            Some(both) => Some(both),
                            None => return false,
                        },
                    };
                }
                None if literal.holds => musts.push(test),
                None => must_nots.push(test),
            }
        }
        let nil_on_tests = musts.iter().all(|test| self.passes_nil(test))
            && must_nots.iter().all(|test| !self.passes_nil(test));
        if nil == Nil::Possible && nil_on_tests && left.as_ref().is_none_or(|left| left.nil) {
            return false;
        }
        let contradicts =
            musts.iter().any(|must| must_nots.iter().any(|not| implied_by(must, not)));
        if contradicts {
            return true;
        }
        let Some(left) = left else { return false };
        let left = match domain(operand) {
            Some(domain) => match left.intersection(&domain) {
                Some(both) => both,
                None => return false,
            },
            None => left,
        };
        if left.has_none() {
            return true;
        }
        let Some(few) = left.few(TRIED_MAX) else { return false };
        few.iter().all(|value| {
            is_never_made(operand, value)
                || musts.iter().any(|test| self.tried(test, value) == Some(false))
                || must_nots.iter().any(|test| self.tried(test, value) == Some(true))
        })
    }

    fn passes_nil(&self, test: &Test) -> bool {
        matches!(test, Test::Order(Order::NotEqual, _))
            && self.options.nil_not_equal == crate::options::NilNotEqual::True
    }

    /// Whether a value passes a test; `None` where that depends on more than the two.
    fn tried(&mut self, test: &Test, value: &Value) -> Option<bool> {
        match test {
            // What a list holds changes apart from the rules.
            Test::InList(_) | Test::Against(..) => None,
            _ => Check::new(test, &mut self.patterns, self.options).ok()?.holds(value),
        }
    }

    /// Whether no array, missing or not, has such elements.
    fn no_elements(&mut self, group: &[&Literal<'_>]) -> bool {
        let (mut some, mut every): (Vec<&Dnf<'_>>, Vec<&Dnf<'_>>) = (Vec::new(), Vec::new());
        for literal in group {
            let What::Quantified(Quantified { quantifier, inner, contrary, is_bare }) =
                &literal.what
            else {
                return false;
            };
            match (quantifier, literal.holds) {
                (Quantifier::Any, true) => some.push(inner),
                (Quantifier::Any, false) => every.push(contrary),
                (Quantifier::All, true) => every.push(inner),
                // It may be a missing array.
                (Quantifier::All, false) if *is_bare => {}
                (Quantifier::All, false) => some.push(contrary),
            }
        }
        some.into_iter().any(|one| {
            let first = Some(one.clone());
            let both = every.iter().fold(first, |all, dnf| product(&all?, dnf));
            both.is_some_and(|dnf| self.is_empty(&dnf, Nil::Impossible))
        })
    }
}

/// Whether every value that passes one test passes the other.
fn implied_by(test: &Test, other: &Test) -> bool {
    if test == other {
        return true;
    }
    match (test, other) {
        (Test::Contains(long), Test::Contains(short)) => is_within(short, long),
        (Test::Wildcard(case, pattern), Test::Wildcard(other_case, other_pattern)) => {
            // A star of the first is a byte like others to the second, which only its own stars
            // pass over.
            let is_plain = |pattern: &Bytes| !pattern.contains(&b'\\');
            let covers = *case == Case::Exact || *other_case == Case::Ignored;
            covers && is_plain(pattern) && is_plain(other_pattern) && {
                let wildcard = crate::wildcard::Wildcard::new(*other_case, other_pattern);
                wildcard.is_ok_and(|wildcard| wildcard.is_match(pattern))
            }
        }
        _ => false,
    }
}

fn is_within(short: &[u8], long: &[u8]) -> bool {
    memchr::memmem::find(long, short).is_some()
}

/// The function whose outcome an operand is.
fn function(operand: &Operand) -> Option<&'static str> {
    let Source::Call(call) = &operand.source else { return None };
    let is_one = operand.path.is_empty() && !call.is_mapped()
        || *operand.path == [Index::Each] && call.is_mapped();
    is_one.then(|| call.function.function().name)
}

/// The values that an operand can have, where they are fewer than its type has.
fn domain(operand: &Operand) -> Option<Values> {
    if function(operand)? != "len" {
        return None;
    }
    let natural =
        super::values::Present::Int(super::ranges::Ranges::new(vec![(moved(0), moved(i64::MAX))]));
    Some(Values { nil: true, some: natural })
}

/// Whether an operand never has a value: `lower` makes no capitals.
fn is_never_made(operand: &Operand, value: &Value) -> bool {
    let Value::Bytes(value) = value else { return false };
    match function(operand) {
        Some("lower") => value.iter().any(u8::is_ascii_uppercase),
        Some("upper") => value.iter().any(u8::is_ascii_lowercase),
        _ => false,
    }
}

/// The fields that an operand reads.
pub(super) fn fields(operand: &Operand, found: &mut Vec<crate::scheme::FieldId>) {
    match &operand.source {
        Source::Field(field) => found.push(*field),
        Source::Call(call) => {
            for argument in &call.arguments {
                if let Argument::Operand(operand) = argument {
                    fields(operand, found);
                }
            }
        }
    }
}

/// Clauses that can hold.
pub(super) fn possible<'e>(prover: &mut Prover<'_>, dnf: Dnf<'e>) -> Vec<Clause<'e>> {
    dnf.into_iter().filter(|clause| !prover.is_impossible(clause)).collect()
}
