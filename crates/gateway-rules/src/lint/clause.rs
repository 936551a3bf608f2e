//! Clauses: a condition as a choice between lists of facts that would all have to hold.
//!
//! What is said here of a condition is true of final facts; `reach` says what of it is also true
//! of facts that are not all known.

use super::values::Values;
use crate::ast::{Connective, Expr, ExprKind, Operand, Quantifier, Test};
use crate::options::ParseOptions;

/// The most clauses of one condition; of larger ones nothing is said.
const CLAUSES_MAX: usize = 512;

/// A fact that would have to hold.
#[derive(Clone, Debug)]
pub(super) struct Literal<'e> {
    pub(super) about: About<'e>,
    pub(super) what: What<'e>,
    /// Whether it has to hold, or must not.
    pub(super) holds: bool,
}

/// What a literal is about; those of different subjects say nothing of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About<'e> {
    /// One value, or the element that a quantifier looks at.
    Value(&'e Operand),
    /// The elements that an operand leads to.
    Elements(&'e Operand),
    /// A condition that is not looked into.
    Whole(&'e Expr),
}

#[derive(Clone, Debug)]
pub(super) enum What<'e> {
    Test(&'e Test),
    Quantified(Quantified<'e>),
    Whole,
}

/// `any` or `all` over the elements of one array.
#[derive(Clone, Debug)]
pub(super) struct Quantified<'e> {
    pub(super) quantifier: Quantifier,
    /// The condition on an element.
    pub(super) inner: Dnf<'e>,
    /// Its contrary.
    pub(super) contrary: Dnf<'e>,
    /// Whether of a missing array both `any` and `all` are false.
    pub(super) is_bare: bool,
}

pub(super) type Clause<'e> = Vec<Literal<'e>>;
/// Some clause holds.
pub(super) type Dnf<'e> = Vec<Clause<'e>>;

impl Literal<'_> {
    pub(super) fn contrary(&self) -> Self {
        Self { holds: !self.holds, ..self.clone() }
    }
}

/// The clauses of which one holds wherever the condition does, or wherever it does not; `None`
/// where they are too many.
pub(super) fn dnf<'e>(expr: &'e Expr, holds: bool) -> Option<Dnf<'e>> {
    match &expr.kind {
        ExprKind::Constant(value) => {
            Some(if *value == holds { vec![Clause::new()] } else { Dnf::new() })
        }
        ExprKind::Not(inner) => dnf(inner, !holds),
        ExprKind::Joined(Connective::Xor, items) => exclusive(items, holds),
        ExprKind::Joined(connective, items) => {
            let parts = items.iter().map(|item| dnf(item, holds));
            if (*connective == Connective::And) == holds {
                parts.into_iter().try_fold(vec![Clause::new()], |all, part| product(&all, &part?))
            } else {
                let mut union = Dnf::new();
                for part in parts {
                    union.extend(part?);
                    if union.len() > CLAUSES_MAX {
                        return None;
                    }
                }
                Some(union)
            }
        }
        ExprKind::Quantified(quantifier, inner) => {
            let literal = quantified(expr, *quantifier, inner);
            Some(vec![vec![Literal { holds, ..literal }]])
        }
        ExprKind::Test(operand, test) => {
            let (about, what) = match test {
                Test::Against(..) => (About::Whole(expr), What::Whole),
                _ => (About::Value(operand), What::Test(test)),
            };
            Some(vec![vec![Literal { about, what, holds }]])
        }
    }
}

/// The clauses of both at once; `None` where they are too many.
pub(super) fn product<'e>(left: &[Clause<'e>], right: &[Clause<'e>]) -> Option<Dnf<'e>> {
    if left.len().saturating_mul(right.len()) > CLAUSES_MAX {
        return None;
    }
    let joined = |a: &Clause<'e>, b: &Clause<'e>| a.iter().chain(b).cloned().collect();
    Some(left.iter().flat_map(|a| right.iter().map(move |b| joined(a, b))).collect())
}

fn exclusive<'e>(items: &'e [Expr], holds: bool) -> Option<Dnf<'e>> {
    let (mut yes, mut no) = (Dnf::new(), vec![Clause::new()]);
    for item in items {
        let (item_yes, item_no) = (dnf(item, true)?, dnf(item, false)?);
        let mut next_yes = product(&yes, &item_no)?;
        next_yes.extend(product(&no, &item_yes)?);
        let mut next_no = product(&yes, &item_yes)?;
        next_no.extend(product(&no, &item_no)?);
        (yes, no) = (next_yes, next_no);
    }
    Some(if holds { yes } else { no })
}

fn quantified<'e>(expr: &'e Expr, quantifier: Quantifier, inner: &'e Expr) -> Literal<'e> {
    let whole = Literal { about: About::Whole(expr), what: What::Whole, holds: true };
    let Some((operand, is_bare)) = shared(inner) else { return whole };
    let (Some(inner), Some(contrary)) = (dnf(inner, true), dnf(inner, false)) else {
        return whole;
    };
    let what = What::Quantified(Quantified { quantifier, inner, contrary, is_bare });
    Literal { about: About::Elements(operand), what, holds: true }
}

/// The operand that every test of a quantifier looks at, and whether it is written without `[*]`;
/// `None` where there are several.
fn shared(expr: &Expr) -> Option<(&Operand, bool)> {
    match &expr.kind {
        ExprKind::Constant(_) | ExprKind::Quantified(..) => None,
        ExprKind::Not(inner) => shared(inner),
        ExprKind::Joined(_, items) => {
            let mut operands = items.iter().map(shared);
            let first = operands.next()??;
            operands.all(|operand| operand == Some(first)).then_some(first)
        }
        ExprKind::Test(_, Test::Against(..)) => None,
        ExprKind::Test(operand, test) => {
            Some((operand, *test == Test::IsTrue && !operand.is_mapped()))
        }
    }
}

/// The values that pass a literal; `None` where they cannot be named.
pub(super) fn values(literal: &Literal<'_>, options: &ParseOptions) -> Option<Values> {
    let What::Test(test) = &literal.what else { return None };
    let values = Values::of(test, options)?;
    Some(if literal.holds { values } else { values.complement() })
}
