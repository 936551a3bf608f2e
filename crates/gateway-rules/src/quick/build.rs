//! Making quick conditions out of a program: tests that are cheap come first, and what another test
//! of an `and` implies is left out.

use std::net::IpAddr;

use super::elements::{Each, Elements};
use super::scalar::{Plain, Range, Scalar};
use super::{Quick, Wanted};
use crate::ast::{Connective, Order};
use crate::check::Check;
use crate::image::{self, Kind};
use crate::program::{At, Op, Program, Scope, Tested};
use crate::subject::Subject;

impl Quick {
    /// The condition at a node of a program.
    pub(crate) fn new(program: &Program, at: At) -> Self {
        let Some(node) = program.nodes.get(at) else { return Self::Open };
        let items = || program.children(at).map(|child| Self::new(program, child)).collect();
        match &node.op {
            Op::Constant(value) => Self::Constant(*value),
            Op::Not => Self::Not(Box::new(Self::new(program, at + 1))),
            Op::Joined(Connective::And) => Self::all(items()),
            Op::Joined(Connective::Or) => Self::Or(by_price(items()).into()),
            Op::Joined(Connective::Xor) => Self::Xor(items().into()),
            Op::Test(tested) => Self::test(tested),
            Op::Compare(compared) => Self::Compare(compared.clone()),
            Op::Quantified(quantifier, Scope::Shared { subject, .. }) => {
                let condition = Each::new(program, at + 1);
                Self::Elements(Box::new(Elements::new(subject, *quantifier, condition)))
            }
            Op::Quantified(_, Scope::Several) => Self::Open,
        }
    }

    /// An `and` of these: tests of scalars come first, those that another one implies not at all.
    fn all(items: Vec<Self>) -> Self {
        let (mut scalars, mut rest) = (Vec::new(), Vec::new());
        for item in by_price(items) {
            match item {
                Self::True(field) => scalars.push(Scalar::is_true(field)),
                Self::Scalar(scalar) => scalars.push(scalar),
                _ => rest.push(item),
            }
        }
        let mut scalars = without_implied(scalars);
        scalars.sort_by_key(Scalar::commonness);
        match (scalars.len(), rest.len()) {
            (1, 0) => scalars.pop().map_or(Self::Open, Self::Scalar),
            (0, 1) => rest.pop().unwrap_or(Self::Open),
            _ => Self::And(scalars.into(), rest.into()),
        }
    }

    fn test(tested: &Tested) -> Self {
        let Tested { subject, check, on_nil } = tested;
        let Subject::Place(place) = subject else { return Self::Test(Box::new(tested.clone())) };
        if !place.prefix.is_empty() || !(place.each.is_empty() || place.is_bare) {
            return Self::Test(Box::new(tested.clone()));
        }
        let plain = Plain { field: place.field, on_nil: *on_nil };
        match check {
            Check::IsTrue | Check::Bool(Order::Equal, true) => Some(Self::True(place.field)),
            Check::Int(order, value) => Scalar::ints(plain, *order, *value).map(Self::Scalar),
            Check::InInts(spans) => Some(match *spans.ranges() {
                [(first, last)] => Self::within(plain, Kind::Int, first, last),
                _ => Self::Ints(plain, spans.clone()),
            }),
            Check::Ip(order, IpAddr::V4(value)) => {
                Scalar::v4(plain, *order, u32::from(*value)).map(Self::Scalar)
            }
            Check::InAddresses(set) => Some(match set.only_v4() {
                Some((first, last)) => Self::within(plain, Kind::V4, first, last),
                None => Self::Addresses(plain, set.clone()),
            }),
            Check::Bytes(order @ (Order::Equal | Order::NotEqual), value) => {
                let wanted = if *order == Order::Equal { Wanted::It } else { Wanted::Others };
                let image = image::of_bytes(value);
                let bytes = || Self::Bytes(plain, wanted, image, value.as_ref().into());
                Some(Scalar::bytes(plain, *order, value).map_or_else(bytes, Self::Scalar))
            }
            Check::InBytes(set) => Some(Self::Among(plain, set.clone())),
            Check::Contains(needle) => Some(Self::Contains(plain, needle.clone())),
            Check::Matches(regex) => Some(match regex.literal() {
                Some(literal) => Self::Contains(plain, literal.clone()),
                None => Self::Matches(plain, regex.clone()),
            }),
            Check::Wildcard(pattern) => Some(Self::Wildcard(plain, pattern.clone())),
            Check::Bool(..)
            | Check::Bytes(..)
            | Check::Ip(..)
            | Check::Mask(_)
            | Check::Folded(..)
            | Check::InList(_) => None,
        }
        .unwrap_or_else(|| Self::Check(plain, Box::new(check.clone())))
    }

    fn within(plain: Plain, kind: Kind, first: i64, last: i64) -> Self {
        Self::Scalar(Scalar { plain, kind, range: Range::inside(first, last) })
    }
}

/// Those first of which it is known soonest whether they hold.
fn by_price(mut items: Vec<Quick>) -> Vec<Quick> {
    items.sort_by_key(Quick::price);
    items
}

/// Leaves out tests of an `and` that hold wherever another one of the same field does, and makes one
/// of two ranges.
fn without_implied(items: Vec<Scalar>) -> Vec<Scalar> {
    let mut kept: Vec<Scalar> = Vec::with_capacity(items.len());
    for item in items {
        if !kept.iter_mut().any(|before| before.absorb(&item)) {
            kept.retain(|before| !item.clone().absorb(before));
            kept.push(item);
        }
    }
    kept
}

impl Each {
    /// The condition at a node below a quantifier.
    fn new(program: &Program, at: At) -> Self {
        let Some(node) = program.nodes.get(at) else { return Self::Never };
        let items = || program.children(at).map(|child| Self::new(program, child)).collect();
        match &node.op {
            Op::Test(tested) => Self::Holds(tested.check.clone(), tested.on_nil),
            Op::Not => Self::Not(Box::new(Self::new(program, at + 1))),
            Op::Joined(Connective::And) => Self::And(items()),
            Op::Joined(Connective::Or) => Self::Or(items()),
            Op::Joined(Connective::Xor) => Self::Xor(items()),
            // Under a quantifier that streams stand tests of its elements alone.
            Op::Constant(_) | Op::Quantified(..) | Op::Compare(_) => Self::Never,
        }
    }
}
