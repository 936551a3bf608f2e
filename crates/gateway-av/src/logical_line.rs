//! The grammar of a line of an `.ldb` file: `name;attributes;expression;subsignature;…`.

use std::ops::RangeInclusive;

use gateway_inspect::{Containers, PartKind};
use nom::character::complete::char;
use nom::sequence::separated_pair;
use nom::{IResult, Parser};

use crate::anchor::Anchor;
use crate::body_line::{anchored, placed, target_number};
use crate::byte_compare::byte_compare;
use crate::expression::{Expression, MEMBERS_MAX, expression};
use crate::file_types::handler;
use crate::follower::{Follower, Sight, group_macro};
use crate::hex_body::{Link, Modifiers};
use crate::image::stored_struct;
use crate::line::{FUNCTIONALITY_LEVEL, Fault, Field, Parsed, number, whole};
use crate::member_line::container_kind;
use crate::regex_member::{RegexMember, is_regex, regex_member};
use crate::target::Target;
use crate::{DatabaseLimits, LineError, Unsupported};

/// The first functionality level that knows other attributes than `Target`.
const ATTRIBUTES_LEVEL: u64 = 51;

/// What a line of an `.ldb` file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogicalLine {
    pub(crate) target: Target,
    pub(crate) conditions: Conditions,
    pub(crate) expression: Expression,
    /// Bodies, each with the index of the member that it is of; a member has one or two.
    pub(crate) bodies: Vec<(u8, Anchor, Vec<Link>)>,
    /// Members without a body.
    pub(crate) followers: Vec<Follower>,
    /// Members that are regular expressions.
    pub(crate) regexes: Vec<RegexMember>,
    pub(crate) members: u8,
}

impl LogicalLine {
    /// Whether it can be judged at the end of a part only.
    pub(crate) fn is_late(&self) -> bool {
        !self.regexes.is_empty()
            || self.conditions.handler.is_some()
            || self.bodies.iter().any(|(_, anchor, _)| matches!(anchor, Anchor::Late { .. }))
    }
}

/// Parses a line.
///
/// The attributes come first: a line that is meant for others may be in a form that they alone
/// know.
pub(crate) fn logical_line<'a>(
    line: &'a [u8],
    limits: &DatabaseLimits,
) -> Result<Parsed<(&'a str, LogicalLine)>, Fault> {
    let (name_field, rest) = field(Field { bytes: line, after: 0 }, b';');
    let name = std::str::from_utf8(name_field.bytes)
        .ok()
        .filter(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic()))
        .ok_or(Fault { rest: line.len(), reason: LineError::Name })?;
    let (attributes_field, rest) = field(next(rest, name_field)?, b';');
    let attributes = match attributes(attributes_field)? {
        Parsed::Signature(attributes) => attributes,
        Parsed::Unsupported(reason) => return Ok(Parsed::Unsupported(reason)),
    };
    let (expression_field, rest) = field(next(rest, attributes_field)?, b';');
    let expression = whole(expression_field, LineError::Expression, expression)?;
    let subsignatures = next(rest, expression_field)?;
    let (mut bodies, mut followers, mut regexes) = (Vec::new(), Vec::new(), Vec::new());
    let (mut members, mut rest) = (0u8, Some(subsignatures));
    while let Some(all) = rest {
        let (one, more) = member_field(all);
        if usize::from(members) >= MEMBERS_MAX.min(expression.member_max() + 1) {
            return Err(Fault { rest: all.bytes.len(), reason: LineError::Members });
        }
        let unsupported = if is_regex(one.bytes) {
            regex_member(one, members, attributes.target)?.take(|one| regexes.push(one))
        } else if let Some(parsed) = follower(one, members, &expression, limits)? {
            parsed.take(|one| followers.push(one))
        } else {
            subsignature(one, attributes.target, limits)?.take(|all| {
                bodies.extend(all.into_iter().map(|(anchor, links)| (members, anchor, links)));
            })
        };
        if let Some(reason) = unsupported {
            return Ok(Parsed::Unsupported(reason));
        }
        members += 1;
        rest = more;
    }
    if usize::from(members) != expression.member_max() + 1 {
        return Err(Fault { rest: 0, reason: LineError::Members });
    }
    let Some(target) = attributes.target else {
        return Ok(Parsed::Unsupported(Unsupported::Target));
    };
    // A trigger must be known to have matched while what is near it is still there.
    let has_body = |trigger: u8| {
        let mut of = bodies.iter().filter(|(member, _, _)| *member == trigger).peekable();
        of.peek().is_some() && of.all(|(_, anchor, _)| !matches!(anchor, Anchor::Late { .. }))
    };
    if !followers.iter().all(|one| has_body(one.trigger)) {
        return Ok(Parsed::Unsupported(Unsupported::FollowsFollower));
    }
    let conditions = attributes.conditions;
    let line = LogicalLine { target, conditions, expression, bodies, followers, regexes, members };
    // Bodies of groups are looked for in the other pass.
    let is_group = |one: &Follower| matches!(one.sight, Sight::Group { .. });
    if line.is_late() && line.followers.iter().any(is_group) {
        return Ok(Parsed::Unsupported(Unsupported::FollowsFollower));
    }
    Ok(Parsed::Signature((name, line)))
}

/// What the attributes say.
struct Attributes {
    /// `None` for a target that is not told apart.
    target: Option<Target>,
    conditions: Conditions,
}

/// What must be so of a part besides the matches in it; what is `None` may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    /// Its size in bytes.
    pub(crate) size: Option<RangeInclusive<u64>>,
    /// Where in it the program begins to run that it is.
    pub(crate) entry: Option<RangeInclusive<u64>>,
    /// How many sections it has.
    pub(crate) sections: Option<RangeInclusive<u64>>,
    /// What it is a member of.
    pub(crate) container: Option<PartKind>,
    /// What it is in, the nearest last; `None` for anything, which ClamAV does not count as a layer.
    pub(crate) intermediates: Vec<Option<PartKind>>,
    /// What a part in which it is found is looked at as, before anything is said of it.
    pub(crate) handler: Option<Target>,
}

fn attributes(all: Field<'_>) -> Result<Parsed<Attributes>, Fault> {
    let (mut target, mut level_min) = (None, 0);
    let mut conditions = Conditions::default();
    let mut unsupported = None;
    let mut needs_level = false;
    let (mut rest, mut is_first) = (Some(all), true);
    while let Some(more) = rest {
        let (attribute, after) = field(more, b',');
        let wrong = || Fault {
            rest: attribute.bytes.len() + attribute.after,
            reason: LineError::Attribute,
        };
        let (name, value) = field(attribute, b':');
        let value = value.ok_or_else(wrong)?;
        match name.bytes {
            b"Engine" if is_first => {
                let levels = whole(value, LineError::Attribute, range)?;
                if !levels.contains(&FUNCTIONALITY_LEVEL) {
                    return Ok(Parsed::Unsupported(Unsupported::FunctionalityLevel));
                }
                level_min = *levels.start();
            }
            b"Engine" => return Err(wrong()),
            b"Target" => target = Some(whole(value, LineError::Target, target_number)?),
            b"FileSize" | b"EntryPoint" | b"NumberOfSections" => {
                needs_level = true;
                let range = Some(whole(value, LineError::Attribute, range)?);
                match name.bytes {
                    b"FileSize" => conditions.size = range,
                    b"EntryPoint" => conditions.entry = range,
                    _ => conditions.sections = range,
                }
            }
            b"Container" => {
                needs_level = true;
                match container_kind(value)? {
                    Parsed::Signature(kind) => conditions.container = kind,
                    Parsed::Unsupported(reason) => unsupported = Some(reason),
                }
            }
            b"Intermediates" => {
                needs_level = true;
                match intermediates(value)? {
                    Parsed::Signature(kinds) => conditions.intermediates = kinds,
                    Parsed::Unsupported(reason) => unsupported = Some(reason),
                }
            }
            b"HandlerType" => {
                needs_level = true;
                match handler(value)? {
                    Some(target) => conditions.handler = Some(target),
                    None => unsupported = Some(Unsupported::Attribute),
                }
            }
            _ => {
                needs_level = true;
                unsupported = Some(Unsupported::Attribute);
            }
        }
        (rest, is_first) = (after, false);
    }
    if let Some(reason) = unsupported {
        return Ok(Parsed::Unsupported(reason));
    }
    let wrong = Fault { rest: all.bytes.len() + all.after, reason: LineError::Attribute };
    if needs_level && level_min < ATTRIBUTES_LEVEL {
        return Err(wrong);
    }
    Ok(Parsed::Signature(Attributes { target: target.ok_or(wrong)?, conditions }))
}

/// Types of containers with `>` between them, the nearest one last.
fn intermediates(all: Field<'_>) -> Result<Parsed<Vec<Option<PartKind>>>, Fault> {
    let (mut kinds, mut rest) = (Vec::new(), Some(all));
    while let Some(more) = rest {
        let (one, after) = field(more, b'>');
        if kinds.len() >= Containers::MAX {
            return Err(Fault {
                rest: more.bytes.len() + more.after,
                reason: LineError::Attribute,
            });
        }
        match container_kind(one)? {
            Parsed::Signature(kind) => kinds.push(kind),
            Parsed::Unsupported(reason) => return Ok(Parsed::Unsupported(reason)),
        }
        rest = after;
    }
    Ok(Parsed::Signature(kinds))
}

/// `n-m`; what is above 32 bits counts as no bound.
fn range(input: &[u8]) -> IResult<&[u8], RangeInclusive<u64>, Fault> {
    let (rest, (from, to)) = separated_pair(number, char('-'), number).parse(input)?;
    Ok((rest, from..=to))
}

type Bodies = Vec<(Anchor, Vec<Link>)>;

/// `body`, `offset:body`, `body::modifiers` or `offset:body::modifiers`.
fn subsignature(
    all: Field<'_>,
    target: Option<Target>,
    limits: &DatabaseLimits,
) -> Result<Parsed<Bodies>, Fault> {
    if all.bytes.starts_with(b"fuzzy_img#") {
        return Ok(Parsed::Unsupported(Unsupported::FuzzyImage));
    }
    let mut fields = Vec::new();
    let mut rest = Some(all);
    while let Some(more) = rest {
        let (one, after) = field(more, b':');
        fields.push(one);
        rest = after;
    }
    let anywhere = Field { bytes: b"*", after: 0 };
    let none = Field { bytes: b"", after: 0 };
    let (offset, body, letters) = match fields[..] {
        [body] => (anywhere, body, none),
        [offset, body] => (offset, body, none),
        [body, gap, letters] if gap.bytes.is_empty() => (anywhere, body, letters),
        [offset, body, gap, letters] if gap.bytes.is_empty() => (offset, body, letters),
        _ => return Err(Fault { rest: all.bytes.len() + all.after, reason: LineError::Body }),
    };
    let mut modifiers = Modifiers::default();
    let mut ascii = false;
    for (letter, index) in letters.bytes.iter().zip(0..) {
        match letter {
            b'i' => modifiers.no_case = true,
            b'w' => modifiers.wide = true,
            b'f' => modifiers.full_word = true,
            b'a' => ascii = true,
            _ => {
                let rest = letters.bytes.len() - index + letters.after;
                return Err(Fault { rest, reason: LineError::Modifier });
            }
        }
    }
    // Asked for as both, a body is looked for as both.
    let plain = (modifiers.wide && ascii).then_some(Modifiers { wide: false, ..modifiers });
    let mut bodies = Vec::new();
    for modifiers in [Some(modifiers), plain].into_iter().flatten() {
        match anchored(offset, body, modifiers, limits)? {
            Parsed::Signature(one) => {
                if matches!(one.0, Anchor::Grouped { .. }) {
                    return Err(Fault {
                        rest: offset.bytes.len() + offset.after,
                        reason: LineError::Offset,
                    });
                }
                let (anchor, links) = one;
                let anchor = target.map_or(Ok(anchor), |target| placed(anchor, target, offset))?;
                bodies.push((anchor, links));
            }
            Parsed::Unsupported(reason) => return Ok(Parsed::Unsupported(reason)),
        }
    }
    Ok(Parsed::Signature(bodies))
}

/// The member without a body that a subsignature is, if it is one.
fn follower(
    all: Field<'_>,
    member: u8,
    expression: &Expression,
    limits: &DatabaseLimits,
) -> Result<Option<Parsed<Follower>>, Fault> {
    let text = all.bytes;
    let wrong = |reason| Fault { rest: text.len() + all.after, reason };
    let hashes = text.iter().filter(|byte| **byte == b'#').count();
    let one = if text.starts_with(b"$") {
        let (group, distance) = whole(all, LineError::Macro, group_macro)?;
        let trigger = member.checked_sub(1).ok_or_else(|| wrong(LineError::Macro))?;
        Follower { member, trigger, sight: Sight::Group { group, distance } }
    } else if hashes >= 2 && text.contains(&b'(') && !text.starts_with(b"fuzzy_img#") {
        let Some(compare) = whole(all, LineError::ByteCompare, byte_compare)? else {
            return Ok(Some(Parsed::Unsupported(Unsupported::ByteCompare)));
        };
        if usize::from(compare.trigger) > expression.member_max() {
            return Err(wrong(LineError::ByteCompare));
        }
        Follower { member, trigger: compare.trigger, sight: Sight::Bytes(compare) }
    } else {
        return Ok(None);
    };
    if one.reach() > limits.lookback_bytes_max as u64 {
        return Ok(Some(Parsed::Unsupported(Unsupported::TooLong)));
    }
    Ok(Some(Parsed::Signature(one)))
}

/// Splits subsignatures at the first `;` that does not stand between slashes.
fn member_field(all: Field<'_>) -> (Field<'_>, Option<Field<'_>>) {
    let (mut in_regex, mut before) = (false, b'\\');
    for (index, byte) in all.bytes.iter().enumerate() {
        match byte {
            b'/' if index > 0 && before != b'\\' => in_regex = !in_regex,
            b';' if !in_regex => return split(all, index),
            _ => {}
        }
        before = *byte;
    }
    (all, None)
}

/// Splits a field at the first `separator`: what is before it, and what is behind it if it is
/// there.
fn field(all: Field<'_>, separator: u8) -> (Field<'_>, Option<Field<'_>>) {
    match all.bytes.iter().position(|byte| *byte == separator) {
        None => (all, None),
        Some(at) => split(all, at),
    }
}

/// What is before the separator at index `at`, and what is behind it.
fn split(all: Field<'_>, at: usize) -> (Field<'_>, Option<Field<'_>>) {
    let (before, rest) = all.bytes.split_at(at);
    let first = Field { bytes: before, after: all.after + rest.len() };
    let rest = rest.get(1..).unwrap_or_default();
    (first, Some(Field { bytes: rest, after: all.after }))
}

/// The field that must follow on `before`.
fn next<'a>(rest: Option<Field<'a>>, before: Field<'_>) -> Result<Field<'a>, Fault> {
    rest.ok_or(Fault { rest: before.after, reason: LineError::Semicolon })
}

stored_struct!(Conditions { size, entry, sections, container, intermediates, handler });
