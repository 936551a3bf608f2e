//! The compiled form of expressions: nodes in one flat list, each before its children.
//!
//! A rule set compiles all its rules into one program, so that evaluating them walks one piece of
//! memory; how that is done is in `evaluate`.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::ast::{
    Connective, Expr, ExprKind, Index, Literal, Operand, Order, Quantifier, Source, Span, Test,
};
use crate::check::Check;
use crate::diagnostic::Diagnostic;
use crate::fold::{self, Folded};
use crate::options::{NilNotEqual, ParseOptions};
use crate::pattern::Patterns;
use crate::problem::Problem;
use crate::quick::Quick;
use crate::scheme::FieldId;
use crate::subject::Subject;

/// The position of a node in its program.
pub(crate) type At = usize;

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) op: Op,
    /// Where the node's last descendant ends: the next sibling, if there is one.
    pub(crate) end: At,
    /// The place in the text of the filter.
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum Op {
    Constant(bool),
    Joined(Connective),
    Not,
    Quantified(Quantifier, Scope),
    Test(Tested),
    Compare(Box<Compared>),
}

/// A test of one value or, under a quantifier, of each element.
#[derive(Clone, Debug)]
pub(crate) struct Tested {
    pub(crate) subject: Subject,
    pub(crate) check: Check,
    /// What a missing value yields.
    pub(crate) on_nil: bool,
}

/// A comparison of one value, or of each element, with another value that is in the facts.
#[derive(Clone, Debug)]
pub(crate) struct Compared {
    pub(crate) left: Subject,
    pub(crate) order: Order,
    pub(crate) right: Subject,
    /// What a missing value on either side yields.
    pub(crate) on_nil: bool,
}

/// What a quantifier ranges over.
#[derive(Clone, Debug)]
pub(crate) enum Scope {
    /// Every test below is of the same elements, which are visited one by one.
    Shared {
        subject: Subject,
        /// The only elements that matter, if that is known.
        ids: Option<Box<[Bytes]>>,
    },
    /// Tests of several arrays, which are combined position by position.
    Several,
}

impl Node {
    /// The fields that the node itself reads.
    pub(crate) fn fields(&self) -> impl Iterator<Item = FieldId> {
        let (left, right) = match &self.op {
            Op::Test(tested) => (tested.subject.fields(), &[][..]),
            Op::Compare(compared) => (compared.left.fields(), compared.right.fields()),
            Op::Constant(_) | Op::Joined(_) | Op::Not | Op::Quantified(..) => (&[][..], &[][..]),
        };
        left.iter().chain(right).copied()
    }
}

/// The children of a node, found by stepping over their descendants.
pub(crate) struct Children<'p> {
    nodes: &'p [Node],
    next: At,
}

impl Iterator for Children<'_> {
    type Item = At;

    #[inline]
    fn next(&mut self) -> Option<At> {
        let child = self.next;
        self.next = self.nodes.get(child)?.end;
        Some(child)
    }
}

/// Compiled expressions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    pub(crate) nodes: Vec<Node>,
    /// Quick forms of the expressions for which they were added.
    quick: Vec<Quick>,
}

impl Program {
    /// Appends an expression and returns its first node.
    ///
    /// # Errors
    /// The first pattern that cannot be compiled.
    pub(crate) fn push(
        &mut self,
        expr: &Expr,
        patterns: &mut Patterns,
        options: &ParseOptions,
    ) -> Result<At, Diagnostic> {
        let at = self.nodes.len();
        // The end is set when the children are there.
        self.nodes.push(Node { op: Op::Constant(false), end: at, span: expr.span });
        let op = match &expr.kind {
            ExprKind::Constant(value) => Op::Constant(*value),
            ExprKind::Joined(connective, items) => {
                for item in items {
                    self.push(item, patterns, options)?;
                }
                Op::Joined(*connective)
            }
            ExprKind::Not(inner) => {
                self.push(inner, patterns, options)?;
                Op::Not
            }
            ExprKind::Quantified(quantifier, inner) => {
                self.push(inner, patterns, options)?;
                Op::Quantified(*quantifier, self.scope(at + 1, *quantifier, inner))
            }
            ExprKind::Test(operand, test) => self::test(operand, test, patterns, options)
                .map_err(|problem| Diagnostic::new(problem, expr.span.range()))?,
        };
        let end = self.nodes.len();
        if let Some(node) = self.nodes.get_mut(at) {
            node.op = op;
            node.end = end;
        }
        Ok(at)
    }

    /// Adds the quick form of the expression at a node and returns its number.
    pub(crate) fn add_quick(&mut self, at: At) -> usize {
        let quick = Quick::new(self, at);
        self.quick.push(quick);
        self.quick.len() - 1
    }

    /// A quick form by its number.
    pub(crate) fn quick(&self, number: usize) -> Option<&Quick> {
        self.quick.get(number)
    }

    fn scope(&self, inner_at: At, quantifier: Quantifier, inner: &Expr) -> Scope {
        let mut subjects = self.below(inner_at).filter_map(|node| match &node.op {
            Op::Test(tested) => Some(Some(&tested.subject)),
            // Its right side may be open while the elements on its left are known.
            Op::Compare(_) => Some(None),
            Op::Constant(_) | Op::Joined(_) | Op::Not | Op::Quantified(..) => None,
        });
        match subjects.next() {
            Some(Some(first)) if subjects.all(|subject| subject == Some(first)) => {
                let covers_field = matches!(
                    first,
                    Subject::Place(place)
                        if place.prefix.is_empty() && matches!(*place.each, [Index::Each])
                );
                let mut ids = BTreeSet::new();
                let named = quantifier == Quantifier::Any && covers_field && named(inner, &mut ids);
                let ids = named.then(|| ids.into_iter().collect());
                Scope::Shared { subject: first.clone(), ids }
            }
            Some(_) | None => Scope::Several,
        }
    }

    /// The children of a node.
    pub(crate) fn children(&self, at: At) -> Children<'_> {
        let end = self.nodes.get(at).map_or(at, |node| node.end);
        Children { nodes: self.nodes.get(..end).unwrap_or_default(), next: at + 1 }
    }

    /// A node with all its descendants.
    pub(crate) fn below(&self, at: At) -> impl Iterator<Item = &Node> {
        let end = self.nodes.get(at).map_or(at, |node| node.end);
        self.nodes.get(at..end).unwrap_or_default().iter()
    }

    /// The fields that the expression at a node reads, with repetitions.
    pub(crate) fn fields(&self, at: At) -> impl Iterator<Item = FieldId> {
        self.below(at).flat_map(Node::fields)
    }

    /// The fields that the expression at a node reads, each with the place of its test.
    pub(crate) fn places(&self, at: At) -> impl Iterator<Item = (FieldId, Span)> {
        self.below(at).flat_map(|node| node.fields().map(|field| (field, node.span)))
    }
}

fn test(
    operand: &Operand,
    test: &Test,
    patterns: &mut Patterns,
    options: &ParseOptions,
) -> Result<Op, Problem> {
    let is_not_equal =
        matches!(test, Test::Order(Order::NotEqual, _) | Test::Against(Order::NotEqual, _));
    let on_nil = is_not_equal && options.nil_not_equal == NilNotEqual::True;
    if let Some(Folded { operand, membership, values }) = fold::folded(operand, test) {
        let subject = Subject::new(operand, test, patterns, options)?;
        return Ok(Op::Test(Tested { subject, check: Check::folded(membership, values), on_nil }));
    }
    let subject = Subject::new(operand, test, patterns, options)?;
    Ok(match test {
        Test::Against(order, right) => {
            let right = Subject::new(right, test, patterns, options)?;
            Op::Compare(Box::new(Compared { left: subject, order: *order, right, on_nil }))
        }
        _ => Op::Test(Tested { subject, check: Check::new(test, patterns, options)?, on_nil }),
    })
}

/// Collects the literals of `x == "a" or x in {"b" "c"}`; false where other elements matter too.
fn named(expr: &Expr, ids: &mut BTreeSet<Bytes>) -> bool {
    match &expr.kind {
        ExprKind::Joined(Connective::Or, items) => items.iter().all(|item| named(item, ids)),
        // What a function yields is none of the elements.
        ExprKind::Test(Operand { source: Source::Call(_), .. }, _) => false,
        ExprKind::Test(_, Test::Order(Order::Equal, Literal::Bytes(value))) => {
            ids.insert(value.clone());
            true
        }
        ExprKind::Test(_, Test::InBytes(values)) => {
            ids.extend(values.iter().cloned());
            true
        }
        ExprKind::Constant(_)
        | ExprKind::Joined(Connective::Xor | Connective::And, _)
        | ExprKind::Not(_)
        | ExprKind::Quantified(..)
        | ExprKind::Test(..) => false,
    }
}
