//! The grammar of a body: hex digits, wildcards, gaps, alternatives and marks.

use nom::branch::alt;
use nom::character::complete::{char, one_of};
use nom::combinator::{opt, peek, value};
use nom::sequence::{delimited, preceded, separated_pair};
use nom::{Err, IResult, Parser};

use crate::LineError;
use crate::assembly::{Assembly, Refusal};
use crate::line::{Fault, NO_DIGIT, Parsed, expect, hex_digit, number};
use crate::mark::{Mark, MarkKind};
use crate::segment::Segment;

/// A segment of a body, and how many bytes at least lie between it and the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) gap_min: u64,
    pub(crate) segment: Segment,
}

/// A byte: value and mask.
pub(crate) type Byte = (u8, u8);

/// One element of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Byte(Byte),
    /// `*`, `{n}`, `{-n}`, `{n-}`, `{n-m}`.
    Gap {
        min: u64,
        max: Option<u64>,
    },
    /// `[n-m]`, a gap that a single byte stands on the other side of.
    Reach {
        min: u64,
        max: u64,
    },
    /// `(aa|bb)` or `!(aa|bb)`.
    OneOf {
        negated: bool,
        options: Vec<Vec<Byte>>,
        nested: Nested,
    },
    /// `(B)`, `(L)`, `(W)`, or the negation of one.
    Mark(Mark),
}

/// Whether alternatives hold others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nested {
    No,
    Yes,
}

/// Alternatives in one another, as ClamAV allows.
const DEPTH_MAX: usize = 15;

/// Alternatives of one place, those in one another multiplied out.
const OPTIONS_MAX: usize = 1024;

/// How the bytes of a body are to be taken: the letters behind the body of a subsignature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Modifiers {
    /// `i`: the case of letters does not count.
    pub(crate) no_case: bool,
    /// `w`: each byte is followed by a zero byte.
    pub(crate) wide: bool,
    /// `f`: no letter or digit stands beside it.
    pub(crate) full_word: bool,
}

impl Modifiers {
    /// Whether `[n-m]` is a gap as `{n-m}` is: the byte beside it has become two, or has a mark
    /// beside it, and ClamAV takes it so.
    pub(crate) const fn make_gaps(self) -> bool {
        self.wide || self.full_word
    }
}

/// The segments of a body that look back over `lookback_bytes_max` bytes at most.
pub(crate) fn body(
    input: &[u8],
    lookback_bytes_max: usize,
    modifiers: Modifiers,
) -> Result<Parsed<Vec<Link>>, Fault> {
    let mut assembly = Assembly::new(lookback_bytes_max, modifiers);
    let mut rest = input;
    let mut added = Ok(());
    while !rest.is_empty() && added.is_ok() {
        let (after, item) = match item(rest) {
            Ok(parsed) => parsed,
            Err(Err::Failure(fault)) => return Err(fault),
            Err(_) => return Err(Fault::new(rest, LineError::Body)),
        };
        added = assembly.add(item);
        if added.is_ok() {
            rest = after;
        }
    }
    match added.and_then(|()| assembly.end()) {
        Ok(links) => Ok(Parsed::Signature(links)),
        Err(Refusal::Unsupported(reason)) => Ok(Parsed::Unsupported(reason)),
        Err(Refusal::Malformed(reason)) => Err(Fault::new(rest, reason)),
    }
}

fn item(input: &[u8]) -> IResult<&[u8], Item, Fault> {
    alt((byte.map(Item::Byte), gap, reach, mark, one_of_several)).parse(input)
}

/// `a0`, `a?`, `?a` or `??`.
pub(crate) fn byte(input: &[u8]) -> IResult<&[u8], Byte, Fault> {
    let (rest, (high, low)) = (nibble, expect(LineError::Body, nibble)).parse(input)?;
    Ok((rest, (high.0 << 4 | low.0, high.1 << 4 | low.1)))
}

/// The value and the mask of one digit.
fn nibble(input: &[u8]) -> IResult<&[u8], (u8, u8), Fault> {
    let fail = || Err(Err::Error(Fault::new(input, LineError::Body)));
    let Some((first, rest)) = input.split_first() else { return fail() };
    match (*first, hex_digit(*first)) {
        (b'?', _) => Ok((rest, (0, 0))),
        (_, NO_DIGIT) => fail(),
        (_, digit) => Ok((rest, (digit, 0xF))),
    }
}

/// `*`, or a pair of braces.
fn gap(input: &[u8]) -> IResult<&[u8], Item, Fault> {
    let any = value(Item::Gap { min: 0, max: None }, char('*'));
    alt((any, preceded(peek(char('{')), expect(LineError::Gap, braces)))).parse(input)
}

fn braces(input: &[u8]) -> IResult<&[u8], Item, Fault> {
    let range = separated_pair(opt(number), char('-'), opt(number))
        .map(|(min, max)| (min.unwrap_or(0), max, min.is_some() || max.is_some()));
    let exact = number.map(|n| (n, Some(n), true));
    let (rest, (min, max, bounded)) =
        delimited(char('{'), alt((range, exact)), char('}')).parse(input)?;
    if bounded && max.is_none_or(|max| min <= max) {
        Ok((rest, Item::Gap { min, max }))
    } else {
        Err(Err::Error(Fault::new(input, LineError::Gap)))
    }
}

/// `[n-m]` or `[n]`, with m no greater than 32.
fn reach(input: &[u8]) -> IResult<&[u8], Item, Fault> {
    let range = separated_pair(number, char('-'), number);
    let brackets = delimited(char('['), alt((range, number.map(|n| (n, n)))), char(']'));
    let brackets = nom::combinator::verify(brackets, |(min, max)| min <= max && *max <= 32);
    let reach = brackets.map(|(min, max)| Item::Reach { min, max });
    preceded(peek(char('[')), expect(LineError::Reach, reach)).parse(input)
}

/// `(B)`, `(L)`, `(W)`, `!(B)`, `!(L)`, `!(W)`.
fn mark(input: &[u8]) -> IResult<&[u8], Item, Fault> {
    let letter = delimited(char('('), one_of("BLW"), char(')'));
    let (rest, (negation, letter)) = (opt(char('!')), letter).parse(input)?;
    match u8::try_from(letter).ok().and_then(MarkKind::of) {
        Some(kind) => Ok((rest, Item::Mark(Mark { kind, negated: negation.is_some() }))),
        None => Err(Err::Error(Fault::new(input, LineError::Body))),
    }
}

/// `(aa|bb)`, `!(aa|bb)`.
fn one_of_several(input: &[u8]) -> IResult<&[u8], Item, Fault> {
    let (rest, negation) = opt(char('!')).parse(input)?;
    let (rest, (options, nested)) = group(rest, DEPTH_MAX)?;
    Ok((rest, Item::OneOf { negated: negation.is_some(), options, nested }))
}

type Options = (Vec<Vec<Byte>>, Nested);

/// `(aa|bb)`, which may hold others; multiplied out.
fn group(input: &[u8], depth: usize) -> IResult<&[u8], Options, Fault> {
    let fail = |at: &[u8]| Err(Err::Failure(Fault::new(at, LineError::Alternatives)));
    let (mut rest, _) = char('(').parse(input)?;
    let Some(depth) = depth.checked_sub(1) else { return fail(input) };
    let mut options = Vec::new();
    let mut nested = Nested::No;
    // What the alternative at work may be so far.
    let mut ways: Vec<Vec<Byte>> = vec![Vec::new()];
    loop {
        match rest.first() {
            Some(b'(') => {
                let (after, (inner, _)) = group(rest, depth)?;
                nested = Nested::Yes;
                if ways.len().saturating_mul(inner.len()) > OPTIONS_MAX {
                    return fail(rest);
                }
                let join = |way: &Vec<Byte>| {
                    let way = way.clone();
                    inner.iter().map(move |more| [&way[..], more].concat()).collect::<Vec<_>>()
                };
                ways = ways.iter().flat_map(join).collect();
                rest = after;
            }
            Some(end @ (b'|' | b')')) => {
                if ways.iter().any(Vec::is_empty) || options.len() + ways.len() > OPTIONS_MAX {
                    return fail(rest);
                }
                options.append(&mut ways);
                let after = rest.get(1..).unwrap_or_default();
                if *end == b')' {
                    return Ok((after, (options, nested)));
                }
                ways.push(Vec::new());
                rest = after;
            }
            _ => match byte(rest) {
                Ok((after, byte)) => {
                    ways.iter_mut().for_each(|way| way.push(byte));
                    rest = after;
                }
                Err(_) => return fail(rest),
            },
        }
    }
}
