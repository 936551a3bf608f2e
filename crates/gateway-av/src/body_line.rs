//! The grammar of a line of an `.ndb` file: `name:target:offset:body`, and of the offsets and targets that
//! lines of other files have too.

use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::char;
use nom::combinator::{map_opt, opt, value, verify};
use nom::sequence::preceded;
use nom::{IResult, Parser};

use crate::anchor::{Anchor, Place};
use crate::follower::group;
use crate::hex_body::{self, Link, Modifiers};
use crate::line::{
    Fault, Field, Parsed, expect, fault, field, levels, name, number, separator, whole,
};
use crate::target::Target;
use crate::{DatabaseLimits, LineError, Unsupported};

/// What a line of an `.ndb` file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BodyLine {
    pub(crate) target: Target,
    pub(crate) anchor: Anchor,
    /// At least one.
    pub(crate) links: Vec<Link>,
}

/// Parses `name:target:offset:body[:min[:max]]`.
///
/// The levels come first: a line that is meant for others may be in a form that they alone know.
pub(crate) fn body_line<'a>(
    line: &'a [u8],
    limits: &DatabaseLimits,
) -> Result<Parsed<(&'a str, BodyLine)>, Fault> {
    let mut fields = (name, separator, field, separator, field, separator, field, levels);
    let (_, (name, (), target, (), offset, (), body, levels)) =
        fields.parse(line).map_err(fault)?;
    if !levels.hold() {
        return Ok(Parsed::Unsupported(Unsupported::FunctionalityLevel));
    }
    let target = whole(target, LineError::Target, target_number)?;
    let anchored = anchored(offset, body, Modifiers::default(), limits)?;
    match (target, anchored) {
        (None, _) => Ok(Parsed::Unsupported(Unsupported::Target)),
        (_, Parsed::Unsupported(reason)) => Ok(Parsed::Unsupported(reason)),
        (Some(target), Parsed::Signature((anchor, links))) => {
            let anchor = placed(anchor, target, offset)?;
            Ok(Parsed::Signature((name, BodyLine { target, anchor, links })))
        }
    }
}

/// A target type, and what it means if that is told apart.
pub(crate) fn target_number(input: &[u8]) -> IResult<&[u8], Option<Target>, Fault> {
    let number = verify(number, |number| *number <= 14);
    expect(LineError::Target, number).map(Target::from_number).parse(input)
}

/// The offset `anchor` of something for parts of `target`, or a fault if these have no such place.
pub(crate) fn placed(anchor: Anchor, target: Target, offset: Field<'_>) -> Result<Anchor, Fault> {
    let has_places = matches!(target, Target::Pe | Target::Elf | Target::MachO);
    if matches!(anchor, Anchor::Program { .. } | Anchor::Late { .. }) && !has_places {
        let rest = offset.bytes.len() + offset.after;
        return Err(Fault { rest, reason: LineError::OffsetTarget });
    }
    Ok(anchor.deferred(target))
}

/// An offset and the body that it is for.
pub(crate) fn anchored(
    offset: Field<'_>,
    body: Field<'_>,
    modifiers: Modifiers,
    limits: &DatabaseLimits,
) -> Result<Parsed<(Anchor, Vec<Link>)>, Fault> {
    let anchor = whole(offset, LineError::Offset, expect(LineError::Offset, anchor))?;
    let in_line = |fault: Fault| Fault { rest: fault.rest + body.after, ..fault };
    let links =
        hex_body::body(body.bytes, limits.lookback_bytes_max, modifiers).map_err(in_line)?;
    let (anchor, mut links) = match (anchor, links) {
        (Parsed::Signature(anchor), Parsed::Signature(links)) => (anchor, links),
        (Parsed::Unsupported(reason), _) | (_, Parsed::Unsupported(reason)) => {
            return Ok(Parsed::Unsupported(reason));
        }
    };
    // The offset says where the bytes behind the first one are.
    let has_reach = body.bytes.get(2) == Some(&b'[') && !modifiers.make_gaps();
    if anchor != Anchor::ANYWHERE && has_reach {
        return Ok(Parsed::Unsupported(Unsupported::AnchoredByte));
    }
    if links.iter().any(|link| link.segment.slack() > limits.gap_bytes_max) {
        return Ok(Parsed::Unsupported(Unsupported::GapTooWide));
    }
    if let Anchor::FromEnd { back, .. } = anchor {
        if back > limits.lookback_bytes_max as u64 {
            return Ok(Parsed::Unsupported(Unsupported::TooLong));
        }
        if links.len() > 1 || links.iter().any(|link| link.segment.len_fixed().is_none()) {
            return Ok(Parsed::Unsupported(Unsupported::EndOffsetWithGap));
        }
        return Ok(Parsed::Signature((anchor, links)));
    }
    let mut anchor = anchor;
    for (link, index) in links.iter_mut().zip(0..) {
        // Bytes of any value at the beginning say only how many bytes there are before the rest.
        let skipped = link.segment.trim_start() as u64;
        match &mut anchor {
            Anchor::Within { first, last } if index == 0 => {
                *first = first.saturating_add(skipped);
                *last = last.saturating_add(skipped);
            }
            Anchor::Program { plus, .. } | Anchor::Late { plus, .. } if index == 0 => {
                *plus = plus.saturating_add_unsigned(skipped);
            }
            _ => link.gap_min = link.gap_min.saturating_add(skipped),
        }
    }
    Ok(Parsed::Signature((anchor, links)))
}

/// `*`, `n` or `EOF-n`, each but the first with `,maxshift`; or what is not supported.
pub(crate) fn anchor(input: &[u8]) -> IResult<&[u8], Parsed<Anchor>, Fault> {
    let shift = || opt(preceded(char(','), number)).map(|shift| shift.unwrap_or(0));
    let within = (number, shift())
        .map(|(first, shift)| Anchor::Within { first, last: first.saturating_add(shift) });
    let from_end = preceded(tag("EOF-"), (number, shift()))
        .map(|(back, shift)| Anchor::FromEnd { back, shift });
    let program =
        (place, shift()).map(|((place, plus), shift)| Anchor::Program { place, plus, shift });
    let grouped = (char('$'), group, opt(char('$')));
    let grouped = grouped.map(|(_, group, _)| Anchor::Grouped { group });
    let version = Anchor::Late { place: Place::Version, plus: 0, shift: 0 };
    let version = value(version, (tag("VI"), shift()));
    alt((
        value(Anchor::ANYWHERE, char('*')).map(Parsed::Signature),
        within.map(Parsed::Signature),
        from_end.map(Parsed::Signature),
        program.map(Parsed::Signature),
        grouped.map(Parsed::Signature),
        version.map(Parsed::Signature),
    ))
    .parse(input)
}

/// `EP+n`, `EP-n`, `S0+n`, `SL+n` or `SE0`: a place of a program, and the bytes behind it.
fn place(input: &[u8]) -> IResult<&[u8], (Place, i64), Fault> {
    let index = || map_opt(number, |index| u32::try_from(index).ok());
    let plus = || preceded(char('+'), map_opt(number, |plus| i64::try_from(plus).ok()));
    let minus = preceded(char('-'), map_opt(number, |minus| i64::try_from(minus).ok()));
    let entry = preceded(tag("EP"), alt((plus(), minus.map(|minus| -minus))));
    alt((
        entry.map(|plus| (Place::Entry, plus)),
        preceded(tag("SL"), plus()).map(|plus| (Place::LastSection, plus)),
        preceded(tag("SE"), index()).map(|index| (Place::Inside(index), 0)),
        (preceded(char('S'), index()), plus()).map(|(index, plus)| (Place::Section(index), plus)),
    ))
    .parse(input)
}
