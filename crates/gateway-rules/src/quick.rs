//! Conditions in the form in which they are answered most often: where all that they read is final.
//!
//! There is an answer, or none; where there is none, `evaluate` walks the program, which knows of
//! what may still come, what is wanted and what made a condition hold. Nothing here is noted.

mod build;
mod elements;

use std::net::IpAddr;
use std::sync::Arc;

use self::elements::Elements;
use crate::among::{Among, word};
use crate::check::{Addresses, Check, within};
use crate::expression::Expression;
use crate::facts::{Fact, Facts};
use crate::needle::Needle;
use crate::place::Found;
use crate::program::{Compared, Tested};
use crate::scheme::FieldId;
use crate::value::Value;
use crate::wildcard::Wildcard;

/// A condition over one truth value.
#[derive(Clone, Debug)]
pub(crate) enum Quick {
    /// There is never an answer.
    Open,
    Constant(bool),
    /// A Bool standing alone.
    True(FieldId),
    Int(Plain, Range<i64, u64>),
    /// One of ranges that ascend and are disjoint.
    Ints(Plain, Arc<[(i64, i64)]>),
    V4(Plain, Range<u32, u32>),
    Addresses(Plain, Arc<Addresses>),
    /// So many bytes, up to 8, as a number; or any others.
    Word(Plain, Wanted, u8, u64),
    /// These bytes, or any others.
    Bytes(Plain, Wanted, Box<[u8]>),
    Among(Plain, Arc<Among>),
    Contains(Plain, Arc<Needle>),
    Wildcard(Plain, Arc<Wildcard>),
    Matches(Plain, Arc<Expression>),
    Check(Plain, Box<Check>),
    /// A test of what an index or a function yields.
    Test(Box<Tested>),
    Compare(Box<Compared>),
    Elements(Box<Elements>),
    Not(Box<Self>),
    And(Box<[Self]>),
    Or(Box<[Self]>),
    Xor(Box<[Self]>),
}

/// Whether a value, or any other one, is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    It,
    Others,
}

/// A field without indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plain {
    field: FieldId,
    /// What a missing value yields.
    on_nil: bool,
}

/// Values from a first one on, so many of them and one more; or all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range<T, S> {
    first: T,
    span: S,
    is_outside: bool,
}

impl Range<i64, u64> {
    #[inline]
    const fn holds(self, value: i64) -> bool {
        (value.wrapping_sub(self.first) as u64 <= self.span) != self.is_outside
    }
}

impl Range<u32, u32> {
    #[inline]
    const fn holds(self, value: u32) -> bool {
        (value.wrapping_sub(self.first) <= self.span) != self.is_outside
    }
}

impl Plain {
    /// The answer for a field whose value is not known: without one, that for a missing value.
    #[cold]
    fn unknown(self, facts: &Facts) -> Option<bool> {
        match facts.state(self.field) {
            Fact::Missing => Some(self.on_nil),
            Fact::Known(_) | Fact::Partial(_) | Fact::NotYet => None,
        }
    }

    /// The answer of a test that is over byte strings.
    #[inline]
    fn of_bytes(self, facts: &Facts, test: impl FnOnce(&[u8]) -> bool) -> Option<bool> {
        match facts.known(self.field) {
            Some(Value::Bytes(value)) => Some(test(value)),
            Some(_) => Some(self.on_nil),
            None => self.unknown(facts),
        }
    }
}

impl Quick {
    /// Whether the condition holds.
    #[inline]
    pub(crate) fn truth(&self, facts: &Facts) -> Option<bool> {
        match self {
            Self::And(items) => joined(items, facts, false),
            _ => self.simple(facts).unwrap_or_else(|| self.compound(facts)),
        }
    }

    /// The answer of a test of a field; nothing for other conditions.
    #[inline(always)]
    fn simple(&self, facts: &Facts) -> Option<Option<bool>> {
        Some(match self {
            Self::True(field) => match facts.truth(*field) {
                Some(value) => Some(value),
                None => Plain { field: *field, on_nil: false }.unknown(facts),
            },
            Self::Int(plain, range) => match facts.known(plain.field) {
                Some(Value::Int(value)) => Some(range.holds(*value)),
                Some(_) => Some(plain.on_nil),
                None => plain.unknown(facts),
            },
            Self::Ints(plain, ranges) => match facts.known(plain.field) {
                Some(Value::Int(value)) => Some(within(ranges, *value)),
                Some(_) => Some(plain.on_nil),
                None => plain.unknown(facts),
            },
            Self::V4(plain, range) => match facts.known(plain.field) {
                Some(Value::Ip(IpAddr::V4(value))) => Some(range.holds(u32::from(*value))),
                // Addresses of two families differ.
                Some(Value::Ip(IpAddr::V6(_))) => Some(range.is_outside),
                Some(_) => Some(plain.on_nil),
                None => plain.unknown(facts),
            },
            Self::Word(plain, wanted, length, known) => plain.of_bytes(facts, |value| {
                let is_it = value.len() == usize::from(*length) && word(value) == *known;
                is_it == (*wanted == Wanted::It)
            }),
            Self::Bytes(plain, wanted, known) => {
                plain.of_bytes(facts, |value| (*value == **known) == (*wanted == Wanted::It))
            }
            Self::Among(plain, set) => plain.of_bytes(facts, |value| set.holds(value)),
            _ => return None,
        })
    }

    fn compound(&self, facts: &Facts) -> Option<bool> {
        match self {
            Self::Open
            | Self::True(_)
            | Self::Int(..)
            | Self::Ints(..)
            | Self::V4(..)
            | Self::Word(..)
            | Self::Bytes(..)
            | Self::Among(..) => None,
            Self::Constant(value) => Some(*value),
            Self::Addresses(plain, set) => match facts.known(plain.field) {
                Some(Value::Ip(value)) => Some(set.holds(*value)),
                Some(_) => Some(plain.on_nil),
                None => plain.unknown(facts),
            },
            Self::Wildcard(plain, pattern) => {
                plain.of_bytes(facts, |value| pattern.is_match(value))
            }
            Self::Contains(plain, needle) => plain.of_bytes(facts, |value| needle.is_in(value)),
            Self::Matches(plain, regex) => plain.of_bytes(facts, |value| regex.is_match(value)),
            Self::Check(plain, check) => match facts.known(plain.field) {
                Some(value) => Some(check.holds(value).unwrap_or(plain.on_nil)),
                None => plain.unknown(facts),
            },
            Self::Test(tested) => tested.truth(facts),
            Self::Compare(compared) => compared.quick_truth(facts),
            Self::Elements(elements) => elements.truth(facts),
            Self::Not(item) => item.truth(facts).map(|value| !value),
            Self::And(items) => joined(items, facts, false),
            Self::Or(items) => joined(items, facts, true),
            Self::Xor(items) => {
                let mut truths = items.iter().map(|item| item.truth(facts));
                truths.try_fold(false, |before, value| Some(before ^ value?))
            }
        }
    }
}

/// `and`, which false decides, or `or`, which true decides.
#[inline]
fn joined(items: &[Quick], facts: &Facts, decisive: bool) -> Option<bool> {
    let mut is_open = false;
    for item in items {
        let truth = match item.simple(facts) {
            Some(truth) => truth,
            None => item.compound(facts),
        };
        match truth {
            Some(value) if value == decisive => return Some(decisive),
            Some(_) => {}
            None => is_open = true,
        }
    }
    (!is_open).then_some(!decisive)
}

impl Tested {
    fn truth(&self, facts: &Facts) -> Option<bool> {
        self.subject.look(facts, |found| match found {
            Found::NotYet | Found::Growing(_) => None,
            Found::Nil => Some(self.on_nil),
            Found::Final(value) => Some(self.check.holds(value).unwrap_or(self.on_nil)),
        })
    }
}

impl Compared {
    fn quick_truth(&self, facts: &Facts) -> Option<bool> {
        self.left.look(facts, |left| {
            self.right.look(facts, |right| match (left, right) {
                (Found::Nil, _) | (_, Found::Nil) => Some(self.on_nil),
                (Found::Final(left), Found::Final(right)) => {
                    Some(self.order.holds(left, right).unwrap_or(self.on_nil))
                }
                (Found::NotYet | Found::Growing(_), _) | (_, Found::NotYet | Found::Growing(_)) => {
                    None
                }
            })
        })
    }
}
