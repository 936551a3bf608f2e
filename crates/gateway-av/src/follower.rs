//! Members of logical signatures that have no body of their own: they look at what stands at some
//! distance from a match of another member, their trigger.

use std::ops::RangeInclusive;

use nom::character::complete::char;
use nom::combinator::map_opt;
use nom::sequence::{delimited, separated_pair};
use nom::{IResult, Parser};

use crate::LineError;
use crate::byte_compare::ByteCompare;
use crate::image::{stored_enum, stored_struct};
use crate::line::{Fault, expect, number};

/// Groups of bodies that macros may name.
pub(crate) const GROUPS_MAX: u64 = 32;

/// What such a member looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// A number.
    Bytes(ByteCompare),
    /// A body of a group that begins so many bytes behind where the trigger does.
    Group { group: u8, distance: RangeInclusive<u64> },
}

/// Such a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Follower {
    pub(crate) member: u8,
    pub(crate) trigger: u8,
    pub(crate) sight: Sight,
}

impl Follower {
    /// Bytes from the beginning of its trigger, either way, up to which it looks.
    pub(crate) fn reach(&self) -> u64 {
        match &self.sight {
            Sight::Bytes(compare) => {
                compare.offset.unsigned_abs().saturating_add(compare.len as u64)
            }
            Sight::Group { distance, .. } => *distance.end(),
        }
    }
}

/// `${n-m}group$`: a distance and a group.
pub(crate) fn group_macro(input: &[u8]) -> IResult<&[u8], (u8, RangeInclusive<u64>), Fault> {
    let range = separated_pair(number, char('-'), number);
    let range = map_opt(delimited(char('{'), range, char('}')), |(from, to)| {
        (from <= to).then_some(from..=to)
    });
    let all = delimited(char('$'), (range, group), char('$'));
    expect(LineError::Macro, all.map(|(range, group)| (group, range))).parse(input)
}

/// The number of a group.
pub(crate) fn group(input: &[u8]) -> IResult<&[u8], u8, Fault> {
    let known = |group: u64| u8::try_from(group).ok().filter(|_| group < GROUPS_MAX);
    map_opt(number, known).parse(input)
}

stored_enum!(Sight { 0 => Bytes(compare), 1 => Group { group, distance } });
stored_struct!(Follower { member, trigger, sight });
