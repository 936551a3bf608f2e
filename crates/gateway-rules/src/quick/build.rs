//! Making quick conditions out of a program: tests that are cheap come first, and what another test
//! of an `and` implies is left out.

use std::net::IpAddr;

use super::elements::{Each, Elements};
use super::{Plain, Quick, Range, Wanted};
use crate::among::word;
use crate::ast::{Connective, Order, Quantifier};
use crate::check::Check;
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
            Op::Joined(Connective::And) => Self::all(without_implied(by_cost(items()))),
            Op::Joined(Connective::Or) => Self::Or(by_cost(items()).into()),
            Op::Joined(Connective::Xor) => Self::Xor(items().into()),
            Op::Test(tested) => Self::test(tested),
            Op::Compare(compared) => Self::Compare(compared.clone()),
            Op::Quantified(quantifier, Scope::Shared { subject, .. }) => {
                Self::Elements(Box::new(Elements {
                    subject: subject.clone(),
                    decisive: *quantifier == Quantifier::Any,
                    condition: Each::new(program, at + 1),
                }))
            }
            Op::Quantified(_, Scope::Several) => Self::Open,
        }
    }

    fn all(mut items: Vec<Self>) -> Self {
        match (items.pop(), items.is_empty()) {
            (Some(only), true) => only,
            (last, _) => {
                items.extend(last);
                Self::And(items.into())
            }
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
            Check::Int(order, value) => ints(*order, *value).map(|range| Self::Int(plain, range)),
            Check::InInts(ranges) => match **ranges {
                [(first, last)] => Some(Self::Int(plain, Range::inside(first, last))),
                _ => Some(Self::Ints(plain, ranges.clone())),
            },
            Check::Ip(order, IpAddr::V4(value)) => {
                v4(*order, u32::from(*value)).map(|range| Self::V4(plain, range))
            }
            Check::InAddresses(set) => Some(match set.only_v4() {
                Some((first, last)) => Self::V4(plain, Range::of_v4(first, last)),
                None => Self::Addresses(plain, set.clone()),
            }),
            Check::Bytes(order @ (Order::Equal | Order::NotEqual), value) => {
                let wanted = if *order == Order::Equal { Wanted::It } else { Wanted::Others };
                Some(match u8::try_from(value.len()) {
                    Ok(length @ ..=8) => Self::Word(plain, wanted, length, word(value)),
                    _ => Self::Bytes(plain, wanted, value.as_ref().into()),
                })
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

    /// How dear an answer is, as far as it matters which one is asked for first.
    fn cost(&self) -> u8 {
        match self {
            Self::Constant(_)
            | Self::True(_)
            | Self::Int(..)
            | Self::V4(..)
            | Self::Word(..)
            | Self::Bytes(..) => 0,
            Self::Ints(..) | Self::Addresses(..) | Self::Among(..) | Self::Check(..) => 1,
            Self::Contains(..)
            | Self::Wildcard(..)
            | Self::Elements(_)
            | Self::Compare(_)
            | Self::Test(_) => 2,
            Self::Matches(..) | Self::Open => 3,
            Self::Not(item) => item.cost(),
            Self::And(items) | Self::Or(items) | Self::Xor(items) => {
                items.iter().map(Self::cost).max().unwrap_or(0)
            }
        }
    }
}

fn by_cost(mut items: Vec<Quick>) -> Vec<Quick> {
    items.sort_by_key(Quick::cost);
    items
}

/// Leaves out tests of an `and` that hold wherever another one of the same field does, and makes one
/// of two ranges. What is within a range, or equal, is not missing.
fn without_implied(items: Vec<Quick>) -> Vec<Quick> {
    let mut kept: Vec<Quick> = Vec::with_capacity(items.len());
    for item in items {
        if !kept.iter_mut().any(|before| before.absorb(&item)) {
            kept.retain(|before| !item.clone().absorb(before));
            kept.push(item);
        }
    }
    kept
}

impl Quick {
    /// Takes another test in: afterwards this one holds where both did.
    fn absorb(&mut self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(plain, range), Self::Int(others, other)) if plain.field == others.field => {
                range.absorb(*other)
            }
            (Self::V4(plain, range), Self::V4(others, other)) if plain.field == others.field => {
                range.absorb(*other)
            }
            (
                Self::Word(plain, Wanted::It, length, value),
                Self::Word(others, Wanted::Others, other_length, other),
            ) => plain.field == others.field && (*length, *value) != (*other_length, *other),
            _ => false,
        }
    }
}

impl Range<i64, u64> {
    const fn inside(first: i64, last: i64) -> Self {
        Self { first, span: last.wrapping_sub(first) as u64, is_outside: false }
    }

    const fn last(self) -> i64 {
        self.first.wrapping_add(self.span as i64)
    }

    fn absorb(&mut self, other: Self) -> bool {
        if self.is_outside {
            return false;
        }
        let (first, last) = (self.first.max(other.first), self.last().min(other.last()));
        if other.is_outside {
            return first > last;
        }
        if first <= last {
            *self = Self::inside(first, last);
        }
        first <= last
    }
}

impl Range<u32, u32> {
    const fn of_v4(first: u32, last: u32) -> Self {
        Self { first, span: last.wrapping_sub(first), is_outside: false }
    }

    const fn last(self) -> u32 {
        self.first.wrapping_add(self.span)
    }

    fn absorb(&mut self, other: Self) -> bool {
        if self.is_outside || other.is_outside {
            return false;
        }
        let (first, last) = (self.first.max(other.first), self.last().min(other.last()));
        if first <= last {
            *self = Self::of_v4(first, last);
        }
        first <= last
    }
}

/// The numbers that stand in an order to a value; `None` where there are none.
fn ints(order: Order, value: i64) -> Option<Range<i64, u64>> {
    Some(match order {
        Order::Equal => Range::inside(value, value),
        Order::NotEqual => Range { is_outside: true, ..Range::inside(value, value) },
        Order::Less => Range::inside(i64::MIN, value.checked_sub(1)?),
        Order::LessOrEqual => Range::inside(i64::MIN, value),
        Order::Greater => Range::inside(value.checked_add(1)?, i64::MAX),
        Order::GreaterOrEqual => Range::inside(value, i64::MAX),
    })
}

/// The addresses that stand in an order to one; `None` where there are none.
fn v4(order: Order, value: u32) -> Option<Range<u32, u32>> {
    Some(match order {
        Order::Equal => Range::of_v4(value, value),
        Order::NotEqual => Range { is_outside: true, ..Range::of_v4(value, value) },
        Order::Less => Range::of_v4(0, value.checked_sub(1)?),
        Order::LessOrEqual => Range::of_v4(0, value),
        Order::Greater => Range::of_v4(value.checked_add(1)?, u32::MAX),
        Order::GreaterOrEqual => Range::of_v4(value, u32::MAX),
    })
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::Value;

    const ORDERS: [Order; 6] = [
        Order::Equal,
        Order::NotEqual,
        Order::Less,
        Order::LessOrEqual,
        Order::Greater,
        Order::GreaterOrEqual,
    ];

    fn near() -> impl Strategy<Value = i64> {
        prop_oneof![-4_i64..5, Just(i64::MIN), Just(i64::MAX), Just(i64::MIN + 1)]
    }

    proptest! {
        #[test]
        fn ranges_are_what_orders_say(
            orders in prop::array::uniform2(prop::sample::select(&ORDERS[..])),
            values in prop::array::uniform2(near()),
            asked in near(),
        ) {
            let holds = |n: usize| Check::Int(orders[n], values[n]).holds(&Value::Int(asked));
            let ranges = [0, 1].map(|n| ints(orders[n], values[n]));
            for (n, range) in ranges.iter().enumerate() {
                prop_assert_eq!(range.is_some_and(|range| range.holds(asked)), holds(n) == Some(true));
            }
            if let [Some(mut range), Some(other)] = ranges && range.absorb(other) {
                prop_assert_eq!(range.holds(asked), holds(0) == Some(true) && holds(1) == Some(true));
            }
        }
    }
}
