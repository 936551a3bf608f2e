//! Conditions in the form in which they are answered most often: where all that they read is final.
//!
//! There is an answer, or none; where there is none, `evaluate` walks the program, which knows of
//! what may still come, what is wanted and what made a condition hold. Nothing here is noted.

mod build;
mod elements;
mod price;
mod scalar;

use std::net::IpAddr;
use std::sync::Arc;

use self::elements::Elements;
use self::scalar::{Plain, Scalar};
use crate::among::{Among, is_same};
use crate::check::{Addresses, Check};
use crate::expression::Expression;
use crate::facts::Facts;
use crate::image::Kind;
use crate::needle::Needle;
use crate::place::Found;
use crate::program::{Compared, Tested};
use crate::scheme::FieldId;
use crate::spans::Spans;
use crate::value::Value;
use crate::wildcard::Wildcard;

/// A condition over one truth value.
#[derive(Clone, Debug)]
pub(crate) enum Quick {
    /// A Bool standing alone.
    True(FieldId),
    Scalar(Scalar),
    /// All of these hold: those over scalars first.
    And(Box<[Scalar]>, Box<[Self]>),
    /// An integer that is one of these.
    Ints(Plain, Arc<Spans>),
    Addresses(Plain, Arc<Addresses>),
    Among(Plain, Arc<Among>),
    Contains(Plain, Arc<Needle>),
    Wildcard(Plain, Arc<Wildcard>),
    Matches(Plain, Arc<Expression>),
    /// These bytes, for which this number stands, or any others.
    Bytes(Plain, Wanted, u64, Box<[u8]>),
    Check(Plain, Box<Check>),
    /// A test of what an index or a function yields.
    Test(Box<Tested>),
    Compare(Box<Compared>),
    Elements(Box<Elements>),
    Not(Box<Self>),
    Or(Box<[Self]>),
    Xor(Box<[Self]>),
    Constant(bool),
    /// There is never an answer.
    Open,
}

/// Whether a value, or any other one, is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    It,
    Others,
}

impl Plain {
    /// The answer of a test that is over byte strings.
    #[inline(always)]
    fn of_bytes(self, facts: &Facts, test: impl FnOnce(u64, &[u8]) -> bool) -> Option<bool> {
        match facts.text(self.field) {
            Some((image, text)) => Some(test(image, text)),
            None => self.other(facts),
        }
    }
}

impl Quick {
    /// Whether the condition holds.
    #[inline]
    pub(crate) fn truth(&self, facts: &Facts) -> Option<bool> {
        match self {
            // The shortest of all: not even a value is looked for.
            Self::True(field) => match facts.truth(*field) {
                Some(value) => Some(value),
                None => Scalar::is_true(*field).truth(facts),
            },
            Self::Scalar(scalar) => scalar.truth(facts),
            Self::And(scalars, rest) => all(scalars, rest, facts),
            _ => self.compound(facts),
        }
    }

    /// Each form but the smallest is asked in a function of its own, and nothing is done here with what
    /// it says: what one of them needs of the stack and of registers the others do not pay for.
    fn compound(&self, facts: &Facts) -> Option<bool> {
        match self {
            Self::True(field) => is_true(*field, facts),
            Self::Scalar(scalar) => scalar.truth(facts),
            Self::And(scalars, rest) => all(scalars, rest, facts),
            Self::Ints(plain, set) => is_among_ints(*plain, set, facts),
            Self::Addresses(plain, set) => is_among_addresses(*plain, set, facts),
            Self::Among(plain, set) => is_among(*plain, set, facts),
            Self::Contains(plain, needle) => contains(*plain, needle, facts),
            Self::Wildcard(plain, pattern) => is_like(*plain, pattern, facts),
            Self::Matches(plain, regex) => matches(*plain, regex, facts),
            Self::Bytes(plain, wanted, known, bytes) => {
                is_bytes(*plain, *wanted, (*known, bytes), facts)
            }
            Self::Check(plain, check) => passes(*plain, check, facts),
            Self::Test(tested) => tested.truth(facts),
            Self::Compare(compared) => compared.quick_truth(facts),
            Self::Elements(elements) => elements.truth(facts),
            Self::Not(item) => is_not(item, facts),
            Self::Or(items) => any(items, facts),
            Self::Xor(items) => xor(items, facts),
            Self::Constant(value) => Some(*value),
            Self::Open => None,
        }
    }
}

#[inline(never)]
fn is_true(field: FieldId, facts: &Facts) -> Option<bool> {
    Scalar::is_true(field).truth(facts)
}

#[inline(never)]
fn is_not(item: &Quick, facts: &Facts) -> Option<bool> {
    item.truth(facts).map(|value| !value)
}

#[inline(never)]
fn is_among_ints(plain: Plain, set: &Spans, facts: &Facts) -> Option<bool> {
    match facts.image(plain.field, Kind::Int) {
        Some(value) => Some(set.holds(value as i64)),
        None => plain.other(facts),
    }
}

#[inline(never)]
fn is_among_addresses(plain: Plain, set: &Addresses, facts: &Facts) -> Option<bool> {
    match facts.image(plain.field, Kind::V4) {
        Some(value) => Some(set.holds_v4(value as i64)),
        None => of_v6(plain, set, facts),
    }
}

#[inline(never)]
fn is_among(plain: Plain, set: &Among, facts: &Facts) -> Option<bool> {
    plain.of_bytes(facts, |image, text| set.holds_image(image, text))
}

#[inline(never)]
fn contains(plain: Plain, needle: &Needle, facts: &Facts) -> Option<bool> {
    plain.of_bytes(facts, |_, text| needle.is_in(text))
}

#[inline(never)]
fn is_like(plain: Plain, pattern: &Wildcard, facts: &Facts) -> Option<bool> {
    plain.of_bytes(facts, |_, text| pattern.is_match(text))
}

#[inline(never)]
fn matches(plain: Plain, regex: &Expression, facts: &Facts) -> Option<bool> {
    plain.of_bytes(facts, |_, text| regex.is_match(text))
}

#[inline(never)]
fn is_bytes(
    plain: Plain,
    wanted: Wanted,
    (known, bytes): (u64, &[u8]),
    facts: &Facts,
) -> Option<bool> {
    match facts.image(plain.field, Kind::Bytes) {
        // Mostly the number tells them apart.
        Some(image) if image != known => Some(wanted == Wanted::Others),
        Some(_) => plain.of_bytes(facts, |_, text| is_same(text, bytes) == (wanted == Wanted::It)),
        None => plain.other(facts),
    }
}

#[inline(never)]
fn passes(plain: Plain, check: &Check, facts: &Facts) -> Option<bool> {
    match facts.known(plain.field) {
        Some(value) => Some(check.holds(value).unwrap_or(plain.on_nil)),
        None => plain.other(facts),
    }
}

#[cold]
fn of_v6(plain: Plain, set: &Addresses, facts: &Facts) -> Option<bool> {
    match facts.known(plain.field) {
        Some(Value::Ip(value @ IpAddr::V6(_))) => Some(set.holds(*value)),
        _ => plain.other(facts),
    }
}

/// `and`: false decides. As long as the numbers of scalars say it, nothing is called.
#[inline(never)]
fn all(scalars: &[Scalar], rest: &[Quick], facts: &Facts) -> Option<bool> {
    for scalar in scalars {
        match scalar.truth_by_image(facts) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => return all_or_open(scalars, rest, facts),
        }
    }
    if rest.is_empty() { Some(true) } else { all_or_open(&[], rest, facts) }
}

#[inline(never)]
fn all_or_open(scalars: &[Scalar], rest: &[Quick], facts: &Facts) -> Option<bool> {
    let mut is_open = false;
    for scalar in scalars {
        match scalar.truth(facts) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => is_open = true,
        }
    }
    for item in rest {
        match item.compound(facts) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => is_open = true,
        }
    }
    (!is_open).then_some(true)
}

#[inline(never)]
fn xor(items: &[Quick], facts: &Facts) -> Option<bool> {
    let mut truths = items.iter().map(|item| item.truth(facts));
    truths.try_fold(false, |before, value| Some(before ^ value?))
}

/// `or`: true decides.
#[inline(never)]
fn any(items: &[Quick], facts: &Facts) -> Option<bool> {
    let mut is_open = false;
    for item in items {
        match item.truth(facts) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => is_open = true,
        }
    }
    (!is_open).then_some(false)
}

impl Tested {
    #[inline(never)]
    fn truth(&self, facts: &Facts) -> Option<bool> {
        self.subject.look(facts, |found| match found {
            Found::NotYet | Found::Growing(_) => None,
            Found::Nil => Some(self.on_nil),
            Found::Final(value) => Some(self.check.holds(value).unwrap_or(self.on_nil)),
        })
    }
}

impl Compared {
    #[inline(never)]
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
