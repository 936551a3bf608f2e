//! The grammar of a body: hex digits, wildcards and gaps.

use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::{char, one_of};
use nom::combinator::{opt, peek, value};
use nom::multi::many1;
use nom::sequence::{delimited, preceded, separated_pair};
use nom::{Err, IResult, Parser};

use crate::line::{Fault, Parsed, expect, number};
use crate::segment::{Gap, Piece, Segment};
use crate::{LineError, Unsupported};

/// A segment of a body, and how many bytes at least lie between it and the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) gap_min: u64,
    pub(crate) segment: Segment,
}

/// One element of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    /// A byte: value and mask.
    Byte(u8, u8),
    /// `*`, `{n}`, `{-n}`, `{n-}`, `{n-m}`.
    Gap { min: u64, max: Option<u64> },
    /// Well formed, but not supported.
    Unsupported(Unsupported),
}

/// The segments of a body that look back over `lookback_bytes_max` bytes at most.
pub(crate) fn body(input: &[u8], lookback_bytes_max: usize) -> Result<Parsed<Vec<Link>>, Fault> {
    let mut assembly = Assembly::new(lookback_bytes_max);
    let mut rest = input;
    while !rest.is_empty() {
        let (after, item) = match item(rest) {
            Ok(parsed) => parsed,
            Err(Err::Failure(fault)) => return Err(fault),
            Err(_) => return Err(Fault::new(rest, LineError::Body)),
        };
        let added = match item {
            Item::Byte(value, mask) => assembly.byte(value, mask),
            Item::Gap { min, max: Some(max) } if min == max => assembly.wildcards(min),
            Item::Gap { min, max } => assembly.gap(min, max),
            Item::Unsupported(reason) => Err(Refusal::Unsupported(reason)),
        };
        match added {
            Ok(()) => rest = after,
            Err(Refusal::Unsupported(reason)) => return Ok(Parsed::Unsupported(reason)),
            Err(Refusal::Malformed(reason)) => return Err(Fault::new(rest, reason)),
        }
    }
    match assembly.end() {
        Ok(links) => Ok(Parsed::Signature(links)),
        Err(Refusal::Unsupported(reason)) => Ok(Parsed::Unsupported(reason)),
        Err(Refusal::Malformed(reason)) => Err(Fault::new(rest, reason)),
    }
}

fn item(input: &[u8]) -> IResult<&[u8], Item, Fault> {
    alt((byte, gap, unsupported)).parse(input)
}

/// `a0`, `a?`, `?a` or `??`.
fn byte(input: &[u8]) -> IResult<&[u8], Item, Fault> {
    let (rest, (high, low)) = (nibble, expect(LineError::Body, nibble)).parse(input)?;
    Ok((rest, Item::Byte(high.0 << 4 | low.0, high.1 << 4 | low.1)))
}

/// The value and the mask of one digit.
fn nibble(input: &[u8]) -> IResult<&[u8], (u8, u8), Fault> {
    let (rest, digit) = one_of("0123456789abcdefABCDEF?").parse(input)?;
    let digit = digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Ok((rest, digit.map_or((0, 0), |digit| (digit, 0xF))))
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

fn unsupported(input: &[u8]) -> IResult<&[u8], Item, Fault> {
    let mark = delimited(char('('), many1(one_of("BLW")), char(')'));
    let reason = alt((
        value(Unsupported::BoundaryMark, mark),
        value(Unsupported::Alternatives, alt((tag("("), tag("!")))),
        value(Unsupported::AnchoredByte, char('[')),
    ));
    reason.map(Item::Unsupported).parse(input)
}

/// Why an element cannot be taken in.
enum Refusal {
    Unsupported(Unsupported),
    Malformed(LineError),
}

/// Puts elements together into pieces, pieces into segments.
struct Assembly {
    lookback_bytes_max: usize,
    links: Vec<Link>,
    /// The unbounded gap before the segment at work.
    gap_min: u64,
    before: Vec<(Piece, Gap)>,
    /// The piece at work.
    bytes: Vec<(u8, u8)>,
    /// The most bytes that the segment at work takes so far.
    len_max: usize,
}

impl Assembly {
    fn new(lookback_bytes_max: usize) -> Self {
        Self {
            lookback_bytes_max,
            links: Vec::new(),
            gap_min: 0,
            before: Vec::new(),
            bytes: Vec::new(),
            len_max: 0,
        }
    }

    fn byte(&mut self, value: u8, mask: u8) -> Result<(), Refusal> {
        self.grow(1)?;
        self.bytes.push((value, mask));
        Ok(())
    }

    fn wildcards(&mut self, count: u64) -> Result<(), Refusal> {
        let count = self.grow(count)?;
        self.bytes.extend(std::iter::repeat_n((0, 0), count));
        Ok(())
    }

    fn gap(&mut self, min: u64, max: Option<u64>) -> Result<(), Refusal> {
        let piece = self.piece()?;
        if let Some(max) = max {
            let max = self.grow(max)?;
            let min = usize::try_from(min).unwrap_or(max);
            self.before.push((piece, Gap { min, max }));
        } else {
            self.close(piece);
            self.gap_min = min;
        }
        Ok(())
    }

    fn end(mut self) -> Result<Vec<Link>, Refusal> {
        let piece = self.piece()?;
        self.close(piece);
        Ok(self.links)
    }

    fn grow(&mut self, bytes: u64) -> Result<usize, Refusal> {
        let left = self.lookback_bytes_max.saturating_sub(self.len_max);
        match usize::try_from(bytes) {
            Ok(bytes) if bytes <= left => {
                self.len_max += bytes;
                Ok(bytes)
            }
            _ => Err(Refusal::Unsupported(Unsupported::TooLong)),
        }
    }

    /// Ends the piece at work.
    fn piece(&mut self) -> Result<Piece, Refusal> {
        if self.bytes.is_empty() {
            return Err(Refusal::Malformed(LineError::EmptySubPart));
        }
        let literal = |pair: &[(u8, u8)]| pair.iter().all(|(_, mask)| *mask == 0xFF);
        if !self.bytes.windows(2).any(literal) {
            return Err(Refusal::Malformed(LineError::SubPartWithoutLiteral));
        }
        Ok(Piece::new(&std::mem::take(&mut self.bytes)))
    }

    /// Ends the segment at work with its last piece.
    fn close(&mut self, last: Piece) {
        let segment = Segment::new(std::mem::take(&mut self.before), last);
        self.links.push(Link { gap_min: self.gap_min, segment });
        self.len_max = 0;
    }
}
