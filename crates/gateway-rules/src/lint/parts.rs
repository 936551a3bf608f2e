//! Parts of conditions that say nothing: those that never or always hold, or follow from others.

use super::finding::Flaw;
use super::prove::Prover;
use crate::ast::{Connective, Expr, ExprKind};

/// The most items of which each is held against each.
const ITEMS_MAX: usize = 16;

/// What is odd, with its place: a condition that never or always holds before all else.
pub(super) fn flaws<'e>(prover: &mut Prover<'_>, expr: &'e Expr) -> Vec<(&'e Expr, Flaw)> {
    let mut found = Vec::new();
    look(prover, expr, &mut found);
    found
}

fn look<'e>(prover: &mut Prover<'_>, expr: &'e Expr, found: &mut Vec<(&'e Expr, Flaw)>) {
    if matches!(expr.kind, ExprKind::Constant(_)) {
        return;
    }
    if prover.is_never(expr) {
        found.push((expr, Flaw::NeverTrue));
        return;
    }
    if prover.is_always(expr) {
        found.push((expr, Flaw::AlwaysTrue));
        return;
    }
    match &expr.kind {
        ExprKind::Joined(connective, items) => {
            for item in items {
                look(prover, item, found);
            }
            compare(prover, *connective, items, found);
        }
        ExprKind::Not(inner) => look(prover, inner, found),
        ExprKind::Constant(_) | ExprKind::Quantified(..) | ExprKind::Test(..) => {}
    }
}

/// Items that are there twice, or that follow from another one.
fn compare<'e>(
    prover: &mut Prover<'_>,
    connective: Connective,
    items: &'e [Expr],
    found: &mut Vec<(&'e Expr, Flaw)>,
) {
    if items.len() > ITEMS_MAX {
        return;
    }
    let is_odd =
        |found: &[(&Expr, Flaw)], item: &Expr| found.iter().any(|(at, _)| std::ptr::eq(*at, item));
    for (at, item) in items.iter().enumerate() {
        let before = items.get(..at).unwrap_or_default();
        if before.iter().any(|other| other == item) {
            found.push((item, Flaw::Repeated));
            continue;
        }
        let others = items.iter().filter(|other| !std::ptr::eq(*other, item));
        let other = others.into_iter().find(|other| {
            // What is odd itself proves nothing of others.
            match connective {
                _ if is_odd(found, item) || is_odd(found, other) => false,
                _ if *other == item => false,
                Connective::Or => prover.implies(item, other),
                Connective::And => prover.implies(other, item),
                Connective::Xor => false,
            }
        });
        if let Some(other) = other {
            found.push((item, Flaw::Redundant { other: other.span.range() }));
        }
    }
}
