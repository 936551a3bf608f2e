//! Tests of scalars by the numbers that stand for them: truth values, integers, addresses of IPv4
//! and short byte strings are all asked for in one and the same way, without a look at the value.

use std::net::IpAddr;

use crate::ast::Order;
use crate::facts::{Fact, Facts};
use crate::image::{self, Kind};
use crate::scheme::FieldId;
use crate::value::Value;

/// A field without indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plain {
    pub(super) field: FieldId,
    /// What a missing value yields.
    pub(super) on_nil: bool,
}

impl Plain {
    /// The answer of a test that no value passes but of one type, for a value of another type or
    /// one that is not final; nothing for one that may still come.
    #[cold]
    pub(super) fn other(self, facts: &Facts) -> Option<bool> {
        match facts.state(self.field) {
            Fact::Missing => Some(self.on_nil),
            Fact::Known(_) if facts.known(self.field).is_some() => Some(self.on_nil),
            Fact::Known(_) | Fact::Partial(_) | Fact::NotYet => None,
        }
    }
}

/// A test of a field whose value stands as a number in the facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scalar {
    pub(super) plain: Plain,
    pub(super) kind: Kind,
    pub(super) range: Range,
}

/// Numbers from a first one on, so many of them and one more. All numbers but one are such a range
/// too: it begins behind that one, and behind the greatest comes the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    first: i64,
    span: u64,
}

impl Scalar {
    #[inline(always)]
    pub(super) fn truth(&self, facts: &Facts) -> Option<bool> {
        match self.truth_by_image(facts) {
            Some(truth) => Some(truth),
            None => self.other(facts),
        }
    }

    /// The answer where the number of a value that is final says it.
    #[inline(always)]
    pub(super) fn truth_by_image(&self, facts: &Facts) -> Option<bool> {
        let image = facts.image(self.plain.field, self.kind)?;
        Some(self.range.holds(image as i64))
    }

    #[cold]
    fn other(&self, facts: &Facts) -> Option<bool> {
        match (self.kind, facts.known(self.plain.field)) {
            // Addresses of two families differ.
            (Kind::V4, Some(Value::Ip(IpAddr::V6(_)))) => Some(self.range.is_of_others()),
            _ => self.plain.other(facts),
        }
    }

    /// A Bool standing alone: only a true one holds.
    pub(super) const fn is_true(field: FieldId) -> Self {
        let plain = Plain { field, on_nil: false };
        Self { plain, kind: Kind::Bool, range: Range::inside(1, 1) }
    }

    /// The numbers that stand in an order to a value; `None` where there are none.
    pub(super) fn ints(plain: Plain, order: Order, value: i64) -> Option<Self> {
        let range = Range::ordered(order, value, (i64::MIN, i64::MAX))?;
        Some(Self { plain, kind: Kind::Int, range })
    }

    /// The addresses that stand in an order to one of IPv4; `None` where there are none.
    pub(super) fn v4(plain: Plain, order: Order, value: u32) -> Option<Self> {
        let range = Range::ordered(order, value.into(), (0, u32::MAX.into()))?;
        Some(Self { plain, kind: Kind::V4, range })
    }

    /// Exactly these bytes, or any others; `None` where the number says too little.
    pub(super) fn bytes(plain: Plain, order: Order, value: &[u8]) -> Option<Self> {
        let image = image::of_bytes(value);
        let is_said = matches!(order, Order::Equal | Order::NotEqual) && image::is_exact(image);
        let image = is_said.then_some(image as i64)?;
        let range = Range::ordered(order, image, (i64::MIN, i64::MAX))?;
        Some(Self { plain, kind: Kind::Bytes, range })
    }

    /// How many values pass, roughly: what few pass ends an `and` soonest.
    pub(super) const fn commonness(&self) -> u8 {
        match (self.kind, self.range.span) {
            (_, Range::ALL_BUT_ONE..) => 5,
            (Kind::Bytes, 0) => 0,
            (Kind::V4, 0) => 1,
            (Kind::Int, 0) => 2,
            (Kind::Bool, _) => 4,
            (Kind::Bytes | Kind::V4 | Kind::Int | Kind::Other, _) => 3,
        }
    }

    /// Takes another test in: afterwards this one holds where both did.
    pub(super) fn absorb(&mut self, other: &Self) -> bool {
        self.plain.field == other.plain.field
            && self.kind == other.kind
            && self.range.absorb(other.range)
    }
}

impl Range {
    /// The span of such a range.
    const ALL_BUT_ONE: u64 = u64::MAX - 1;

    #[inline(always)]
    pub(super) const fn holds(self, value: i64) -> bool {
        value.wrapping_sub(self.first) as u64 <= self.span
    }

    pub(super) const fn inside(first: i64, last: i64) -> Self {
        Self { first, span: last.wrapping_sub(first) as u64 }
    }

    /// All numbers but this one.
    const fn others(value: i64) -> Self {
        Self { first: value.wrapping_add(1), span: Self::ALL_BUT_ONE }
    }

    /// Whether it is all numbers but one.
    const fn is_of_others(self) -> bool {
        self.span == Self::ALL_BUT_ONE
    }

    const fn last(self) -> i64 {
        self.first.wrapping_add(self.span as i64)
    }

    /// The numbers that stand in an order to one; `None` where there are none between the ends.
    fn ordered(order: Order, value: i64, (least, most): (i64, i64)) -> Option<Self> {
        Some(match order {
            Order::Equal => Self::inside(value, value),
            Order::NotEqual => Self::others(value),
            Order::Less if value == least => return None,
            Order::Less => Self::inside(least, value - 1),
            Order::LessOrEqual => Self::inside(least, value),
            Order::Greater if value == most => return None,
            Order::Greater => Self::inside(value + 1, most),
            Order::GreaterOrEqual => Self::inside(value, most),
        })
    }

    /// What is in a range is not missing, so that what it implies need not be asked.
    fn absorb(&mut self, other: Self) -> bool {
        if self.is_of_others() {
            return false;
        }
        if other.is_of_others() {
            return !self.holds(other.first.wrapping_sub(1));
        }
        let (first, last) = (self.first.max(other.first), self.last().min(other.last()));
        if first <= last {
            *self = Self::inside(first, last);
        }
        first <= last
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::check::Check;

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
            let plain = Plain { field: crate::field::DLP_COUNT, on_nil: false };
            let ranges = [0, 1].map(|n| Scalar::ints(plain, orders[n], values[n]));
            for (n, scalar) in ranges.iter().enumerate() {
                let is_in = scalar.is_some_and(|scalar| scalar.range.holds(asked));
                prop_assert_eq!(is_in, holds(n) == Some(true));
            }
            if let [Some(mut scalar), Some(other)] = ranges && scalar.absorb(&other) {
                let both = holds(0) == Some(true) && holds(1) == Some(true);
                prop_assert_eq!(scalar.range.holds(asked), both);
            }
        }

        #[test]
        fn addresses_are_ordered(
            order in prop::sample::select(&ORDERS[..]),
            value in prop_oneof![0_u32..4, Just(u32::MAX)],
            asked in prop_oneof![0_u32..4, Just(u32::MAX)],
        ) {
            let check = Check::Ip(order, IpAddr::V4(value.into()));
            let plain = Plain { field: crate::field::DLP_COUNT, on_nil: false };
            let is_in = Scalar::v4(plain, order, value)
                .is_some_and(|scalar| scalar.range.holds(asked.into()));
            prop_assert_eq!(Some(is_in), check.holds(&Value::Ip(IpAddr::V4(asked.into()))));
        }
    }
}
