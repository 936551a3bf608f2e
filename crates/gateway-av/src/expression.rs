//! The expression of a logical signature: which of its members must match, and how often.
//!
//! `&` and `|` are of one rank and group to the right, as ClamAV takes them: `0&1|2` is
//! `0&(1|2)`.

use nom::branch::alt;
use nom::character::complete::{char, one_of};
use nom::combinator::opt;
use nom::sequence::{delimited, pair, preceded};
use nom::{IResult, Parser};

use crate::LineError;
use crate::image::{stored_enum, stored_struct};
use crate::line::{Fault, expect, number};

/// Members that a logical signature may have.
pub(crate) const MEMBERS_MAX: usize = 64;

/// Parentheses in one another.
const DEPTH_MAX: usize = 64;

/// How a count is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    Greater,
}

/// What is asked of the number of matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Test {
    order: Order,
    count: u32,
    /// How many different members at least must have matched.
    distinct_min: u32,
}

impl Test {
    fn holds(self, count: u32) -> bool {
        match self.order {
            Order::Equal => count == self.count,
            Order::Less => count < self.count,
            Order::Greater => count > self.count,
        }
    }
}

/// An expression over the counts of members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expression {
    /// A member, by its index.
    Member(u8, Option<Test>),
    /// Two expressions, of which both must hold, or one of them.
    Pair { both: bool, pair: Box<(Self, Self)>, test: Option<Test> },
}

/// What an expression comes to: whether it holds, matches, and members that matched as bits.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    holds: bool,
    count: u32,
    members: u64,
}

impl Expression {
    /// Whether it holds for these counts of the members.
    pub(crate) fn holds(&self, counts: &[u32]) -> bool {
        self.sum(counts).holds
    }

    fn sum(&self, counts: &[u32]) -> Sum {
        match self {
            Self::Member(index, test) => {
                let count = counts.get(usize::from(*index)).copied().unwrap_or(0);
                let holds = test.map_or(count > 0, |test| test.holds(count));
                let sum = Sum { holds, count, members: 1 << (index & 63) };
                if holds { sum } else { Sum::default() }
            }
            Self::Pair { both, pair, test } => {
                let (left, right) = (pair.0.sum(counts), pair.1.sum(counts));
                let holds =
                    if *both { left.holds && right.holds } else { left.holds || right.holds };
                let mut sum = Sum::default();
                if holds {
                    let count = left.count.saturating_add(right.count);
                    sum = Sum { holds, count, members: left.members | right.members };
                }
                let Some(test) = test else { return sum };
                if test.holds(sum.count) && sum.members.count_ones() >= test.distinct_min {
                    // ClamAV forgets which members matched inside a group that is counted.
                    Sum { holds: true, count: sum.count, members: 0 }
                } else {
                    Sum::default()
                }
            }
        }
    }

    fn any_test(&self, accept: &impl Fn(Test) -> bool) -> bool {
        let of = |test: &Option<Test>| test.is_some_and(accept);
        match self {
            Self::Member(_, test) => of(test),
            Self::Pair { pair, test, .. } => {
                of(test) || pair.0.any_test(accept) || pair.1.any_test(accept)
            }
        }
    }

    /// Whether more matches can make it hold, but never make it hold no more.
    pub(crate) fn is_monotone(&self) -> bool {
        !self.any_test(&|test| test.order != Order::Greater)
    }

    /// The count of a member above which no greater one makes a difference.
    pub(crate) fn count_max(&self) -> u32 {
        let mut max = 1;
        while self.any_test(&|test| test.count >= max) && max < 1 << 31 {
            max *= 2;
        }
        max
    }

    /// The index of its last member.
    pub(crate) fn member_max(&self) -> usize {
        match self {
            Self::Member(index, _) => usize::from(*index),
            Self::Pair { pair, .. } => pair.0.member_max().max(pair.1.member_max()),
        }
    }
}

/// An expression, up to the end of what it can be.
pub(crate) fn expression(input: &[u8]) -> IResult<&[u8], Expression, Fault> {
    any(input, DEPTH_MAX)
}

fn any(input: &[u8], depth: usize) -> IResult<&[u8], Expression, Fault> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(nom::Err::Failure(Fault::new(input, LineError::Expression)));
    };
    let group = |input| {
        let close = expect(LineError::Expression, char(')'));
        delimited(char('('), |input| any(input, depth), close).parse(input)
    };
    let group = pair(group, opt(test)).map(|(inner, test)| inner.with_test(test));
    let member = pair(member, opt(test)).map(|(index, test)| Expression::Member(index, test));
    let (rest, first) = match alt((group, member)).parse(input) {
        Err(nom::Err::Error(_)) => {
            return Err(nom::Err::Failure(Fault::new(input, LineError::Expression)));
        }
        parsed => parsed?,
    };
    let more = |input| {
        let (rest, operator) = one_of("&|").parse(input)?;
        let (rest, next) = any(rest, depth)?;
        Ok((rest, (operator, next)))
    };
    let (rest, next) = opt(more).parse(rest)?;
    let joined = match next {
        None => first,
        Some((operator, next)) => {
            Expression::Pair { both: operator == '&', pair: Box::new((first, next)), test: None }
        }
    };
    Ok((rest, joined))
}

impl Expression {
    fn with_test(self, new: Option<Test>) -> Self {
        match self {
            Self::Member(index, test) => Self::Member(index, new.or(test)),
            Self::Pair { both, pair, test } => Self::Pair { both, pair, test: new.or(test) },
        }
    }
}

fn member(input: &[u8]) -> IResult<&[u8], u8, Fault> {
    let (rest, index) = number(input)?;
    match u8::try_from(index) {
        Ok(index) if usize::from(index) < MEMBERS_MAX => Ok((rest, index)),
        _ => Err(nom::Err::Error(Fault::new(input, LineError::Expression))),
    }
}

/// `=n`, `<n` or `>n`, each with `,m`.
fn test(input: &[u8]) -> IResult<&[u8], Test, Fault> {
    let count = || expect(LineError::Expression, count);
    let (rest, order) = one_of("=<>").parse(input)?;
    let (rest, (count, distinct_min)) =
        pair(count(), opt(preceded(char(','), count()))).parse(rest)?;
    let order = match order {
        '=' => Order::Equal,
        '<' => Order::Less,
        _ => Order::Greater,
    };
    Ok((rest, Test { order, count, distinct_min: distinct_min.unwrap_or(0) }))
}

fn count(input: &[u8]) -> IResult<&[u8], u32, Fault> {
    nom::combinator::map_opt(number, |number| u32::try_from(number).ok()).parse(input)
}

stored_enum!(Order { 0 => Equal, 1 => Less, 2 => Greater });
stored_struct!(Test { order, count, distinct_min });
stored_enum!(Expression { 0 => Member(index, test), 1 => Pair { both, pair, test } });

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Expression, usize> {
        match expression(text.as_bytes()) {
            Ok(([], parsed)) => Ok(parsed),
            Ok((rest, _)) => Err(text.len() - rest.len()),
            Err(nom::Err::Failure(fault) | nom::Err::Error(fault)) => Err(text.len() - fault.rest),
            Err(error) => panic!("{error:?}"),
        }
    }

    #[test]
    fn expressions_hold_for_counts() {
        for (text, counts, holds) in [
            ("0", &[1][..], true),
            ("0", &[0], false),
            ("0&1", &[1, 0], false),
            ("0|1", &[0, 1], true),
            ("0&1|2", &[1, 0, 1], true),
            ("0|1&2", &[1, 0, 0], true),
            ("0=2", &[2], true),
            ("0=2", &[3], false),
            ("0=0", &[0], true),
            ("0&1=0", &[1, 1], false),
            ("0>1", &[1], false),
            ("0>1", &[2], true),
            ("0<2", &[1], true),
            ("0<2", &[0], true),
            ("(0|1|2)>2", &[1, 1, 1], true),
            ("(0|1|2)>2,2", &[3, 0, 0], false),
            ("(0|1|2)>2,2", &[2, 0, 1], true),
            ("(0|1)=0", &[0, 0], true),
            ("(0|1)=0", &[1, 0], false),
            ("(0&1)>2", &[5, 0], false),
            ("((0|1)>2)&2", &[2, 1, 1], true),
            ("(0&1)|(2&3)", &[1, 0, 1, 1], true),
        ] {
            assert_eq!(parse(text).unwrap().holds(counts), holds, "{text} {counts:?}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused_where_it_ends() {
        for (text, at) in [
            ("", 0),
            ("0&", 2),
            ("(0|1", 4),
            ("0)", 1),
            ("0=", 2),
            ("0>1,", 4),
            ("64", 0),
            ("0=4294967296", 2),
            ("a", 0),
        ] {
            assert_eq!(parse(text), Err(at), "{text}");
        }
        assert!(parse(&format!("{}0{}", "(".repeat(80), ")".repeat(80))).is_err());
    }

    #[test]
    fn bounds_are_those_of_the_tests() {
        for (text, monotone, count_max, member_max) in [
            ("0&3", true, 1, 3),
            ("0>3", true, 4, 0),
            ("(0|1)=5", false, 8, 1),
            ("0&1<2", false, 4, 1),
        ] {
            let parsed = parse(text).unwrap();
            let bounds = (parsed.is_monotone(), parsed.count_max(), parsed.member_max());
            assert_eq!(bounds, (monotone, count_max, member_max), "{text}");
        }
    }
}
