//! What the grammars of the lines of all signature files have in common: fields, numbers, names, levels,
//! and what is wrong with a line.

use nom::bytes::complete::{take_while, take_while1};
use nom::character::complete::{char, digit1};
use nom::combinator::{map_opt, opt};
use nom::error::{ErrorKind, ParseError};
use nom::sequence::preceded;
use nom::{Err, IResult, Parser};

use crate::{LineError, Unsupported};

/// The functionality level of ClamAV whose forms of the supported files this loader knows.
pub(crate) const FUNCTIONALITY_LEVEL: u64 = 240;

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
    pub(crate) min: Option<u64>,
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
