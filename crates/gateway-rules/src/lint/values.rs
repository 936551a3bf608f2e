//! Values: which values of one operand pass a test, exactly where that can be said.

use std::collections::BTreeSet;
use std::net::IpAddr;

use bytes::Bytes;

use super::ranges::Ranges;
use crate::ast::{AddressItem, Literal, Order, Test};
use crate::options::{NilNotEqual, ParseOptions};
use crate::value::Value;

/// A set of values of one type, and whether a missing value is among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Values {
    pub(super) nil: bool,
    pub(super) some: Present,
}

/// Values that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Present {
    Bool {
        truth: bool,
        falsehood: bool,
    },
    /// Moved so that the least Int is 0.
    Int(Ranges),
    Ip {
        v4: Ranges,
        v6: Ranges,
    },
    Bytes(BTreeSet<Bytes>),
    /// All Bytes but these.
    BytesBut(BTreeSet<Bytes>),
}

const INT_MAX: u128 = u64::MAX as u128;
const V4_MAX: u128 = u32::MAX as u128;

/// An Int as a number from 0.
pub(super) fn moved(value: i64) -> u128 {
    // The difference is not negative and fits.
    u128::try_from(i128::from(value) - i128::from(i64::MIN)).unwrap_or_default()
}

fn moved_back(number: u128) -> i64 {
    let value = i128::try_from(number).unwrap_or(i128::MAX).saturating_add(i64::MIN.into());
    i64::try_from(value).unwrap_or(i64::MAX)
}

impl Values {
    /// The values that pass, and whether a missing one does; `None` where they are too many to
    /// name.
    pub(super) fn of(test: &Test, options: &ParseOptions) -> Option<Self> {
        let is_different = matches!(test, Test::Order(Order::NotEqual, _));
        let nil = is_different && options.nil_not_equal == NilNotEqual::True;
        let some = match test {
            Test::IsTrue => Present::Bool { truth: true, falsehood: false },
            Test::Order(order, Literal::Bool(right)) => Present::Bool {
                truth: order.holds(&Value::Bool(true), &Value::Bool(*right))?,
                falsehood: order.holds(&Value::Bool(false), &Value::Bool(*right))?,
            },
            Test::Order(order, Literal::Int(right)) => {
                Present::Int(ordered(*order, moved(*right), INT_MAX))
            }
            Test::Order(order, Literal::Ip(right)) => addresses(*order, *right),
            Test::Order(Order::Equal, Literal::Bytes(right)) => {
                Present::Bytes(BTreeSet::from([right.clone()]))
            }
            Test::Order(Order::NotEqual, Literal::Bytes(right)) => {
                Present::BytesBut(BTreeSet::from([right.clone()]))
            }
            Test::InInts(ranges) => {
                let ends = |(first, last): &(i64, i64)| (moved(*first), moved(*last));
                Present::Int(Ranges::new(ranges.iter().map(ends).collect()))
            }
            Test::InAddresses(items) => members(items),
            Test::InBytes(values) => Present::Bytes(values.iter().cloned().collect()),
            // A pattern of nothing but a star, and no needle, are in every value.
            Test::Contains(needle) if needle.is_empty() => Present::BytesBut(BTreeSet::new()),
            Test::Wildcard(_, pattern) if **pattern == *b"*" => Present::BytesBut(BTreeSet::new()),
            Test::Order(_, Literal::Bytes(_))
            | Test::Against(..)
            | Test::Mask(_)
            | Test::InList(_)
            | Test::Contains(_)
            | Test::Matches(_)
            | Test::Wildcard(..) => return None,
        };
        Some(Self { nil, some })
    }

    pub(super) fn complement(&self) -> Self {
        let some = match &self.some {
            Present::Bool { truth, falsehood } => {
                Present::Bool { truth: !truth, falsehood: !falsehood }
            }
            Present::Int(ranges) => Present::Int(ranges.complement(INT_MAX)),
            Present::Ip { v4, v6 } => {
                Present::Ip { v4: v4.complement(V4_MAX), v6: v6.complement(u128::MAX) }
            }
            Present::Bytes(set) => Present::BytesBut(set.clone()),
            Present::BytesBut(set) => Present::Bytes(set.clone()),
        };
        Self { nil: !self.nil, some }
    }

    /// What is in both; `None` where they are of different types.
    pub(super) fn intersection(&self, other: &Self) -> Option<Self> {
        let some = match (&self.some, &other.some) {
            (
                Present::Bool { truth, falsehood },
                Present::Bool { truth: other_truth, falsehood: other_falsehood },
            ) => Present::Bool {
                truth: *truth && *other_truth,
                falsehood: *falsehood && *other_falsehood,
            },
            (Present::Int(left), Present::Int(right)) => Present::Int(left.intersection(right)),
            (Present::Ip { v4, v6 }, Present::Ip { v4: other_v4, v6: other_v6 }) => {
                Present::Ip { v4: v4.intersection(other_v4), v6: v6.intersection(other_v6) }
            }
            (Present::Bytes(left), Present::Bytes(right)) => {
                Present::Bytes(left.intersection(right).cloned().collect())
            }
            (Present::Bytes(some), Present::BytesBut(but))
            | (Present::BytesBut(but), Present::Bytes(some)) => {
                Present::Bytes(some.difference(but).cloned().collect())
            }
            (Present::BytesBut(left), Present::BytesBut(right)) => {
                Present::BytesBut(left.union(right).cloned().collect())
            }
            _ => return None,
        };
        Some(Self { nil: self.nil && other.nil, some })
    }

    /// Whether no value is in it that is there.
    pub(super) fn has_none(&self) -> bool {
        match &self.some {
            Present::Bool { truth, falsehood } => !truth && !falsehood,
            Present::Int(ranges) => ranges.is_empty(),
            Present::Ip { v4, v6 } => v4.is_empty() && v6.is_empty(),
            Present::Bytes(set) => set.is_empty(),
            Present::BytesBut(_) => false,
        }
    }

    /// The values that are there, where they are no more than `max`.
    pub(super) fn few(&self, max: usize) -> Option<Vec<Value>> {
        match &self.some {
            Present::Bytes(set) => {
                (set.len() <= max).then(|| set.iter().cloned().map(Value::Bytes).collect())
            }
            Present::Int(ranges) => {
                let numbers = ranges.few(max)?;
                Some(numbers.into_iter().map(|number| Value::Int(moved_back(number))).collect())
            }
            Present::Bool { .. } | Present::Ip { .. } | Present::BytesBut(_) => None,
        }
    }
}

fn ordered(order: Order, right: u128, max: u128) -> Ranges {
    let below = right.checked_sub(1).map_or_else(Ranges::none, Ranges::whole);
    let beyond = if right < max { Ranges::new(vec![(right + 1, max)]) } else { Ranges::none() };
    match order {
        Order::Equal => Ranges::new(vec![(right, right)]),
        Order::NotEqual => Ranges::new(vec![(right, right)]).complement(max),
        Order::Less => below,
        Order::LessOrEqual => Ranges::whole(right),
        Order::Greater => beyond,
        Order::GreaterOrEqual => Ranges::new(vec![(right, max)]),
    }
}

/// Addresses of the other family differ and have no order.
fn addresses(order: Order, right: IpAddr) -> Present {
    let other = |max| if order == Order::NotEqual { Ranges::whole(max) } else { Ranges::none() };
    match right {
        IpAddr::V4(right) => Present::Ip {
            v4: ordered(order, u32::from(right).into(), V4_MAX),
            v6: other(u128::MAX),
        },
        IpAddr::V6(right) => {
            Present::Ip { v4: other(V4_MAX), v6: ordered(order, right.into(), u128::MAX) }
        }
    }
}

/// The first and the last address, where they are of one family.
pub(super) fn ends(item: &AddressItem) -> Option<((u128, u128), bool)> {
    match *item {
        AddressItem::Network(IpAddr::V4(first), bits) => {
            let host = u32::MAX.checked_shr(bits.into()).unwrap_or(0);
            Some(((u32::from(first).into(), (u32::from(first) | host).into()), true))
        }
        AddressItem::Network(IpAddr::V6(first), bits) => {
            let host = u128::MAX.checked_shr(bits.into()).unwrap_or(0);
            Some(((first.into(), u128::from(first) | host), false))
        }
        AddressItem::Range(IpAddr::V4(first), IpAddr::V4(last)) => {
            Some(((u32::from(first).into(), u32::from(last).into()), true))
        }
        AddressItem::Range(IpAddr::V6(first), IpAddr::V6(last)) => {
            Some(((first.into(), last.into()), false))
        }
        AddressItem::Range(..) => None,
    }
}

fn members(items: &[AddressItem]) -> Present {
    let of_family = |is_v4: bool| {
        let ends = items.iter().filter_map(ends).filter(|(_, family)| *family == is_v4);
        Ranges::new(ends.map(|(ends, _)| ends).collect())
    };
    Present::Ip { v4: of_family(true), v6: of_family(false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ints_are_moved_there_and_back() {
        for value in [i64::MIN, -1, 0, 1, i64::MAX] {
            assert_eq!(moved_back(moved(value)), value);
        }
    }

    #[test]
    fn what_differs_may_be_missing() {
        let test = Test::Order(Order::NotEqual, Literal::Int(1));
        let options = ParseOptions::default();
        let values = Values::of(&test, &options).expect("exact");
        assert!(values.nil && !values.complement().nil);
        let strict = ParseOptions { nil_not_equal: NilNotEqual::False, ..options };
        assert!(!Values::of(&test, &strict).expect("exact").nil);
    }

    #[test]
    fn addresses_of_two_families_differ() {
        let one: IpAddr = [10, 0, 0, 1].into();
        let equal = Test::Order(Order::Equal, Literal::Ip(one));
        let all = Test::InAddresses(vec![AddressItem::Network("::".parse().expect("v6"), 0)]);
        let options = ParseOptions::default();
        let of = |test| Values::of(&test, &options).expect("exact");
        assert!(of(equal).intersection(&of(all)).expect("one type").has_none());
    }
}
