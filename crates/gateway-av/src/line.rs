//! The grammar of one line of a signature file.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, digit1};
use nom::combinator::{map_opt, opt, value, verify};
use nom::error::{ErrorKind, ParseError};
use nom::sequence::preceded;
use nom::{Err, IResult, Parser};

use crate::anchor::{Anchor, Place};
use crate::follower::group;
use crate::hex_body::{self, Link, Modifiers};
use crate::target::Target;
use crate::{DatabaseLimits, LineError, Unsupported};

/// The functionality level of ClamAV whose forms of the supported files this loader knows.
pub(crate) const FUNCTIONALITY_LEVEL: u64 = 240;

/// The first functionality level that knows the size `*`.
const WILDCARD_LEVEL: u64 = 73;

/// A well-formed line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parsed<T> {
    /// What it says.
    Signature(T),
    /// It says something that is not supported.
    Unsupported(Unsupported),
}

impl<T> Parsed<T> {
    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U) -> Parsed<U> {
        match self {
            Self::Signature(signature) => Parsed::Signature(f(signature)),
            Self::Unsupported(reason) => Parsed::Unsupported(reason),
        }
    }

    /// Hands what it says to `take`, or gives back why it is not supported.
    pub(crate) fn take(self, take: impl FnOnce(T)) -> Option<Unsupported> {
        match self {
            Self::Signature(signature) => {
                take(signature);
                None
            }
            Self::Unsupported(reason) => Some(reason),
        }
    }
}

/// What is wrong, and how many bytes of the input are left where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) rest: usize,
    pub(crate) reason: LineError,
}

impl Fault {
    pub(crate) fn new(rest: &[u8], reason: LineError) -> Self {
        Self { rest: rest.len(), reason }
    }
}

impl ParseError<&[u8]> for Fault {
    fn from_error_kind(input: &[u8], _: ErrorKind) -> Self {
        Self::new(input, LineError::End)
    }

    fn append(_: &[u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// What `parser` takes, or `reason` for the place at which it began.
pub(crate) fn expect<'a, O>(
    reason: LineError,
    mut parser: impl Parser<&'a [u8], Output = O, Error = Fault>,
) -> impl Parser<&'a [u8], Output = O, Error = Fault> {
    move |input: &'a [u8]| parser.parse(input).map_err(|_| Err::Failure(Fault::new(input, reason)))
}

/// A number that fits 64 bits.
pub(crate) fn number(input: &[u8]) -> IResult<&[u8], u64, Fault> {
    let add = |number: u64, digit: &u8| {
        number.checked_mul(10)?.checked_add(u64::from(digit.wrapping_sub(b'0')))
    };
    map_opt(digit1, |digits: &[u8]| digits.iter().try_fold(0, add)).parse(input)
}

/// A file digest, told apart by its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileDigest {
    Md5([u8; 16]),
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

/// What a line with a digest says, whatever the digest is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HashLine {
    pub(crate) digest: FileDigest,
    /// `None` for any size.
    pub(crate) size: Option<u64>,
}

/// Parses `digest:size:name[:min[:max]]`.
pub(crate) fn hash_line(line: &[u8]) -> Result<Parsed<(&str, HashLine)>, Fault> {
    let mut fields = (expect(LineError::Digest, digest), separator, size, separator, name, levels);
    let (rest, (digest, (), size, (), name, levels)) = fields.parse(line).map_err(fault)?;
    digest_line(rest, name, HashLine { digest, size }, levels)
}

/// Parses `size:digest:name[:min[:max]]`, as a line of an `.mdb` or `.msb` file has it.
pub(crate) fn section_line(line: &[u8]) -> Result<Parsed<(&str, HashLine)>, Fault> {
    let mut fields = (size, separator, expect(LineError::Digest, digest), separator, name, levels);
    let (rest, (size, (), digest, (), name, levels)) = fields.parse(line).map_err(fault)?;
    digest_line(rest, name, HashLine { digest, size }, levels)
}

/// What a line with a digest comes to, `rest` being its end.
fn digest_line<'a>(
    rest: &[u8],
    name: &'a str,
    line: HashLine,
    levels: Levels,
) -> Result<Parsed<(&'a str, HashLine)>, Fault> {
    if line.size.is_none() && levels.min.is_none_or(|min| min < WILDCARD_LEVEL) {
        return Err(Fault::new(rest, LineError::WildcardLevel));
    }
    if !levels.hold() {
        return Ok(Parsed::Unsupported(Unsupported::FunctionalityLevel));
    }
    Ok(Parsed::Signature((name, line)))
}

/// A size of at least one byte; `None` for `*`.
fn size(input: &[u8]) -> IResult<&[u8], Option<u64>, Fault> {
    let size = alt((value(None, char('*')), verify(number, |size| *size > 0).map(Some)));
    expect(LineError::Size, size).parse(input)
}

/// Parses `name[:digest]` with so many other fields before it: the name of a signature that is to
/// be ignored. The digest is that of its line in another form, and of no use here.
pub(crate) fn ignored_line(line: &[u8], before: usize) -> Result<&str, Fault> {
    let mut rest = line;
    for _ in 0..before {
        (rest, _) = (field, separator).parse(rest).map_err(fault)?;
    }
    let digest = preceded(char(':'), expect(LineError::Digest, digest));
    let (rest, (name, _)) = (name, opt(digest)).parse(rest).map_err(fault)?;
    if rest.is_empty() { Ok(name) } else { Err(Fault::new(rest, LineError::End)) }
}

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

/// A field as it stands, with the number of bytes of the line after it.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) after: usize,
}

pub(crate) fn field(input: &[u8]) -> IResult<&[u8], Field<'_>, Fault> {
    let (rest, bytes) = take_while(|byte| byte != b':').parse(input)?;
    Ok((rest, Field { bytes, after: rest.len() }))
}

/// What `parser` makes of the whole of `field`.
pub(crate) fn whole<'a, O>(
    field: Field<'a>,
    reason: LineError,
    mut parser: impl Parser<&'a [u8], Output = O, Error = Fault>,
) -> Result<O, Fault> {
    match parser.parse(field.bytes) {
        Ok(([], output)) => Ok(output),
        Ok((rest, _)) => Err(Fault { rest: rest.len() + field.after, reason }),
        Err(error) => Err(Fault { rest: fault(error).rest + field.after, reason }),
    }
}

pub(crate) fn fault(error: Err<Fault>) -> Fault {
    match error {
        Err::Error(fault) | Err::Failure(fault) => fault,
        // Not reached: all parsers here know that the input is complete.
        Err::Incomplete(_) => Fault { rest: 0, reason: LineError::End },
    }
}

pub(crate) fn separator(input: &[u8]) -> IResult<&[u8], (), Fault> {
    expect(LineError::Separator, char(':').map(drop)).parse(input)
}

pub(crate) fn name(input: &[u8]) -> IResult<&[u8], &str, Fault> {
    let visible = take_while1(|byte: u8| byte.is_ascii_graphic() && byte != b':');
    let text = map_opt(visible, |name| std::str::from_utf8(name).ok());
    expect(LineError::Name, text).parse(input)
}

fn digest(input: &[u8]) -> IResult<&[u8], FileDigest, Fault> {
    let digest = (unhex(input).map(FileDigest::Sha256).map(|digest| (digest, 64)))
        .or_else(|| unhex(input).map(FileDigest::Sha1).map(|digest| (digest, 40)))
        .or_else(|| unhex(input).map(FileDigest::Md5).map(|digest| (digest, 32)));
    match digest.and_then(|(digest, len)| Some((input.get(len..)?, digest))) {
        Some(parsed) => Ok(parsed),
        None => Err(Err::Error(Fault::new(input, LineError::Digest))),
    }
}

/// The bytes that the hex digits at the beginning of `input` stand for, if these are `2 * N`.
fn unhex<const N: usize>(input: &[u8]) -> Option<[u8; N]> {
    let (digits, rest) = input.split_at_checked(2 * N)?;
    if rest.first().is_some_and(|next| hex_digit(*next) != NO_DIGIT) {
        return None;
    }
    let mut bytes = [0; N];
    let mut all = 0;
    // A database has tens of millions of digits: all are looked at, so that a processor takes many
    // of them at a time.
    for (byte, [high, low]) in bytes.iter_mut().zip(digits.as_chunks().0) {
        let (high, low) = (hex_digit(*high), hex_digit(*low));
        all |= high | low;
        *byte = high << 4 | low & 15;
    }
    (all < 16).then_some(bytes)
}

/// What a byte that is no hex digit is taken for.
pub(crate) const NO_DIGIT: u8 = 0xFF;

/// The hex digit that a byte is.
#[inline]
pub(crate) const fn hex_digit(byte: u8) -> u8 {
    let digit = byte.wrapping_sub(b'0');
    let letter = (byte | 0x20).wrapping_sub(b'a');
    if digit < 10 {
        digit
    } else if letter < 6 {
        letter + 10
    } else {
        NO_DIGIT
    }
}

/// The functionality levels for which a line is meant.
#[derive(Clone, Copy)]
pub(crate) struct Levels {
    min: Option<u64>,
    max: Option<u64>,
}

impl Levels {
    /// Whether the level of this loader is one of them.
    pub(crate) fn hold(self) -> bool {
        self.min.is_none_or(|min| min <= FUNCTIONALITY_LEVEL)
            && self.max.is_none_or(|max| max >= FUNCTIONALITY_LEVEL)
    }
}

/// `[:min[:max]]`, and the end of the line.
pub(crate) fn levels(input: &[u8]) -> IResult<&[u8], Levels, Fault> {
    let (rest, min) = opt(preceded(char(':'), expect(LineError::Level, number))).parse(input)?;
    let (rest, max) = match min {
        Some(_) => opt(preceded(char(':'), expect(LineError::Level, number))).parse(rest)?,
        None => (rest, None),
    };
    if rest.is_empty() {
        Ok((rest, Levels { min, max }))
    } else {
        Err(Err::Failure(Fault::new(rest, LineError::End)))
    }
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
