//! Checks: a compiled operator with its right-hand side, applied to one value.

use std::cmp::Ordering;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;

use crate::among::Among;
use crate::ast::{AddressItem, Literal, Order, Test};
use crate::expression::Expression;
use crate::filter::Truth;
use crate::fold::{Membership, is_folded};
use crate::lists::List;
use crate::needle::Needle;
use crate::options::ParseOptions;
use crate::pattern::Patterns;
use crate::problem::Problem;
use crate::spans::Spans;
use crate::value::Value;
use crate::wildcard::Wildcard;

#[derive(Clone, Debug)]
pub(crate) enum Check {
    IsTrue,
    Bool(Order, bool),
    Int(Order, i64),
    Ip(Order, IpAddr),
    Bytes(Order, Bytes),
    Mask(i64),
    InInts(Arc<Spans>),
    InAddresses(Arc<Addresses>),
    InBytes(Arc<Among>),
    /// In lower case, ascending by length, then by bytes.
    Folded(Membership, Arc<[Bytes]>),
    InList(Arc<List>),
    Contains(Arc<Needle>),
    Matches(Arc<Expression>),
    Wildcard(Arc<Wildcard>),
}

/// Ranges of addresses, ascending and disjoint.
#[derive(Debug)]
pub(crate) struct Addresses {
    v4: Spans,
    v6: Vec<(u128, u128)>,
}

impl Check {
    /// Compiles the right-hand side of a test; one against another operand has none.
    ///
    /// # Errors
    /// A pattern is faulty or too large.
    pub(crate) fn new(
        test: &Test,
        patterns: &mut Patterns,
        options: &ParseOptions,
    ) -> Result<Self, Problem> {
        Ok(match test {
            Test::IsTrue | Test::Against(..) => Self::IsTrue,
            Test::Order(order, Literal::Bool(value)) => Self::Bool(*order, *value),
            Test::Order(order, Literal::Int(value)) => Self::Int(*order, *value),
            Test::Order(order, Literal::Ip(value)) => Self::Ip(*order, *value),
            Test::Order(order, Literal::Bytes(value)) => Self::Bytes(*order, value.clone()),
            Test::Mask(mask) => Self::Mask(*mask),
            Test::InInts(ranges) => Self::InInts(Arc::new(Spans::new(merged(ranges.clone())))),
            Test::InAddresses(items) => Self::InAddresses(Arc::new(Addresses::new(items))),
            Test::InBytes(values) => Self::InBytes(Arc::new(Among::new(values.clone()))),
            Test::InList(listed) => Self::InList(Arc::clone(&listed.list)),
            Test::Contains(needle) => Self::Contains(patterns.needle(needle)),
            Test::Matches(pattern) => Self::Matches(patterns.regex(pattern, options)?),
            Test::Wildcard(case, pattern) => {
                Self::Wildcard(patterns.wildcard(*case, pattern, options)?)
            }
        })
    }

    /// Membership among values whose case counts nothing; they are in lower case.
    pub(crate) fn folded(membership: Membership, mut values: Vec<Bytes>) -> Self {
        values.sort_by(by_length);
        values.dedup();
        Self::Folded(membership, values.into())
    }

    /// Whether a final value passes; `None` if it is of another type than the field.
    #[inline]
    pub(crate) fn holds(&self, value: &Value) -> Option<bool> {
        Some(match (self, value) {
            (Self::IsTrue, Value::Bool(value)) => *value,
            (Self::Bool(order, right), Value::Bool(left)) => order.admits(left.cmp(right)),
            (Self::Int(order, right), Value::Int(left)) => order.admits(left.cmp(right)),
            (Self::Ip(order, right), Value::Ip(left)) => {
                // Addresses of two families differ and have no order.
                if left.is_ipv4() == right.is_ipv4() {
                    order.admits(left.cmp(right))
                } else {
                    *order == Order::NotEqual
                }
            }
            (Self::Bytes(order, right), Value::Bytes(left)) => match order {
                Order::Equal => left == right,
                Order::NotEqual => left != right,
                Order::Less | Order::LessOrEqual | Order::Greater | Order::GreaterOrEqual => {
                    order.admits(left.cmp(right))
                }
            },
            (Self::Mask(mask), Value::Int(value)) => value & mask != 0,
            (Self::InInts(spans), Value::Int(value)) => spans.holds(*value),
            (Self::InAddresses(set), Value::Ip(value)) => set.holds(*value),
            (Self::InBytes(values), Value::Bytes(value)) => values.holds(value),
            (Self::Folded(membership, values), Value::Bytes(value)) => {
                let lower = || value.iter().map(u8::to_ascii_lowercase);
                let order = |known: &Bytes| {
                    known.len().cmp(&value.len()).then_with(|| known.iter().copied().cmp(lower()))
                };
                let is_member = match &**values {
                    [known] => is_folded(value, known),
                    _ => values.binary_search_by(order).is_ok(),
                };
                is_member == (*membership == Membership::Wanted)
            }
            (Self::InList(list), value) => list.holds(value),
            (Self::Contains(needle), Value::Bytes(value)) => needle.is_in(value),
            (Self::Matches(regex), Value::Bytes(value)) => regex.is_match(value),
            (Self::Wildcard(wildcard), Value::Bytes(value)) => wildcard.is_match(value),
            _ => return None,
        })
    }

    /// Whether a value passes of which only a lower bound is known: see
    /// [`Fact::Partial`](crate::Fact::Partial).
    pub(crate) fn bound(&self, least: &Value) -> Truth {
        match (self, least) {
            (Self::IsTrue | Self::Bool(..), Value::Bool(true)) => {
                self.holds(least).map_or(Truth::NotYet, Truth::from)
            }
            (Self::Int(order, right), Value::Int(least)) => {
                let beyond = least > right;
                match order {
                    Order::Equal | Order::LessOrEqual if beyond => Truth::False,
                    Order::NotEqual | Order::Greater if beyond => Truth::True,
                    Order::Less if least >= right => Truth::False,
                    Order::GreaterOrEqual if least >= right => Truth::True,
                    Order::Equal
                    | Order::NotEqual
                    | Order::Less
                    | Order::LessOrEqual
                    | Order::Greater
                    | Order::GreaterOrEqual => Truth::NotYet,
                }
            }
            (Self::InInts(spans), Value::Int(least)) => match spans.ranges().last() {
                None => Truth::False,
                Some(&(_, last)) if last < *least => Truth::False,
                Some(&(first, i64::MAX)) if first <= *least => Truth::True,
                Some(_) => Truth::NotYet,
            },
            (Self::InList(list), least) => list.bound(least).map_or(Truth::NotYet, Truth::from),
            _ => Truth::NotYet,
        }
    }
}

impl Order {
    /// Whether two values stand in this order; `None` if they are not of one scalar type.
    pub(crate) fn holds(self, left: &Value, right: &Value) -> Option<bool> {
        Some(match (left, right) {
            (Value::Bool(left), Value::Bool(right)) => self.admits(left.cmp(right)),
            (Value::Int(left), Value::Int(right)) => self.admits(left.cmp(right)),
            (Value::Ip(left), Value::Ip(right)) if left.is_ipv4() == right.is_ipv4() => {
                self.admits(left.cmp(right))
            }
            // Addresses of two families differ and have no order.
            (Value::Ip(_), Value::Ip(_)) => self == Self::NotEqual,
            (Value::Bytes(left), Value::Bytes(right)) => self.admits(left.cmp(right)),
            _ => return None,
        })
    }

    const fn admits(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Addresses {
    fn new(items: &[AddressItem]) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for item in items {
            let (first, last) = match *item {
                AddressItem::Network(first, bits) => (first, last_of(first, bits)),
                AddressItem::Range(first, last) => (first, last),
            };
            match (first, last) {
                (IpAddr::V4(first), IpAddr::V4(last)) => v4.push((number(first), number(last))),
                (IpAddr::V6(first), IpAddr::V6(last)) => v6.push((first.into(), last.into())),
                // The parser makes no range of two families.
                (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => {}
            }
        }
        Self { v4: Spans::new(merged(v4)), v6: merged(v6) }
    }

    #[inline]
    pub(crate) fn holds(&self, value: IpAddr) -> bool {
        match value {
            IpAddr::V4(value) => self.v4.holds(number(value)),
            IpAddr::V6(value) => within(&self.v6, u128::from(value)),
        }
    }

    /// Whether the address of IPv4 that is this number is in the set.
    #[inline]
    pub(crate) fn holds_v4(&self, value: i64) -> bool {
        self.v4.holds(value)
    }

    /// The only range, if there is one and it is of IPv4.
    pub(crate) fn only_v4(&self) -> Option<(i64, i64)> {
        match (self.v4.ranges(), self.v6.as_slice()) {
            ([only], []) => Some(*only),
            _ => None,
        }
    }
}

fn number(address: Ipv4Addr) -> i64 {
    u32::from(address).into()
}

fn last_of(network: IpAddr, bits: u8) -> IpAddr {
    match network {
        IpAddr::V4(v4) => {
            IpAddr::V4((u32::from(v4) | u32::MAX.checked_shr(bits.into()).unwrap_or(0)).into())
        }
        IpAddr::V6(v6) => {
            IpAddr::V6((u128::from(v6) | u128::MAX.checked_shr(bits.into()).unwrap_or(0)).into())
        }
    }
}

/// The ranges in ascending order, those that overlap made one.
fn merged<T: Ord + Copy>(mut ranges: Vec<(T, T)>) -> Vec<(T, T)> {
    ranges.sort_unstable();
    let mut merged: Vec<(T, T)> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match merged.last_mut() {
            Some((_, end)) if first <= *end => *end = last.max(*end),
            Some(_) | None => merged.push((first, last)),
        }
    }
    merged
}

/// So few ranges are looked at one by one.
const FEW: usize = 8;

#[inline]
pub(crate) fn within<T: Ord + Copy>(ranges: &[(T, T)], value: T) -> bool {
    if ranges.len() <= FEW {
        let holds = |found, &(first, last)| found | ((first <= value) & (value <= last));
        return ranges.iter().fold(false, holds);
    }
    let behind = ranges.partition_point(|&(first, _)| first <= value);
    behind.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|&(_, last)| value <= last)
}

fn by_length(a: &Bytes, b: &Bytes) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_are_merged_and_searched() {
        let ranges = merged(vec![(5, 9), (1, 2), (8, 12), (20, 20)]);
        assert_eq!(ranges, [(1, 2), (5, 12), (20, 20)]);
        let inside: Vec<i64> = (0..25).filter(|&value| within(&ranges, value)).collect();
        assert_eq!(inside, [1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 20]);
        assert!(!within(&[], 1));
    }

    #[test]
    fn networks_end_where_their_prefix_says() {
        for (network, bits, last) in [
            ("10.0.0.0", 8, "10.255.255.255"),
            ("0.0.0.0", 0, "255.255.255.255"),
            ("1.2.3.4", 32, "1.2.3.4"),
            ("::", 0, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("2001:db8::", 32, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ] {
            let network: IpAddr = network.parse().expect("an address");
            assert_eq!(last_of(network, bits).to_string(), last);
        }
    }

    fn int_check() -> impl Strategy<Value = Check> {
        let order = prop_oneof![
            Just(Order::Equal),
            Just(Order::NotEqual),
            Just(Order::Less),
            Just(Order::LessOrEqual),
            Just(Order::Greater),
            Just(Order::GreaterOrEqual)
        ];
        let ranges = prop::collection::vec((-5_i64..5, 0_i64..4), 0..3).prop_map(|ranges| {
            let ends = |(first, more)| (first, if more == 3 { i64::MAX } else { first + more });
            Check::InInts(Arc::new(Spans::new(merged(ranges.into_iter().map(ends).collect()))))
        });
        prop_oneof![(order, -5_i64..5).prop_map(|(o, v)| Check::Int(o, v)), ranges]
    }

    proptest! {
        /// What a lower bound decides, every value from there on confirms.
        #[test]
        fn bounds_are_kept(check in int_check(), least in -6_i64..6, more in 0_i64..12) {
            let value = Value::Int(least + more);
            match check.bound(&Value::Int(least)) {
                Truth::True => prop_assert_eq!(check.holds(&value), Some(true)),
                Truth::False => prop_assert_eq!(check.holds(&value), Some(false)),
                Truth::NotYet => {}
            }
        }
    }
}
