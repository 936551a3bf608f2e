//! Subsignatures that compare a number in the part: `trigger(offset#options#comparisons)`.
//!
//! The number lies at a distance from where the trigger, another subsignature, begins to match. It
//! is compared for every match of the trigger; ClamAV compares it for the last one only.

use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::{char, one_of};
use nom::combinator::{map_opt, opt, value};
use nom::multi::separated_list1;
use nom::{IResult, Parser};

use crate::LineError;
use crate::expression::MEMBERS_MAX;
use crate::image::{stored_enum, stored_struct};
use crate::line::{Fault, expect, number};

/// Digits of a number that is written out.
const DIGITS_MAX: u64 = 64;

/// How the number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    /// In hexadecimal digits.
    Hex,
    /// In hexadecimal digits, the lowest pair of them first.
    HexLittle,
    /// In decimal digits.
    Decimal,
    /// In hexadecimal digits behind `0x`, in decimal ones otherwise.
    Auto,
    /// As bytes, the lowest one first.
    Little,
    /// As bytes, the highest one first.
    Big,
}

/// What is asked of the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Equal,
    Greater,
    Less,
}

/// Whether every byte must be a digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exactly {
    No,
    Yes,
}

/// One such subsignature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ByteCompare {
    /// The member whose matches it is compared for.
    pub(crate) trigger: u8,
    /// Bytes from where such a match begins to the number.
    pub(crate) offset: i64,
    /// Bytes of the number.
    pub(crate) len: usize,
    written: Written,
    exactly: Exactly,
    tests: Vec<(Order, i64)>,
}

impl ByteCompare {
    /// Whether `bytes`, as many as it has, are a number as it asks for.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        let value = match self.written {
            Written::Little => Some(bytes.iter().rev().fold(0, push_byte)),
            Written::Big => Some(bytes.iter().fold(0, push_byte)),
            Written::Hex | Written::Decimal | Written::Auto => self.digits(bytes),
            Written::HexLittle => self.pairs(bytes),
        };
        value.is_some_and(|value| {
            self.tests.iter().all(|(order, wanted)| match order {
                Order::Equal => value == *wanted,
                Order::Greater => value > *wanted,
                Order::Less => value < *wanted,
            })
        })
    }

    /// The number that digits stand for, with white space before it and anything behind it; but not
    /// where it is to be exact.
    fn digits(&self, bytes: &[u8]) -> Option<i64> {
        let is_space = |byte: &&u8| matches!(byte, b' ' | 9..=13);
        let blank = bytes.iter().take_while(is_space).count();
        let rest = bytes.get(blank..).unwrap_or_default();
        let behind = rest.strip_prefix(b"0x").or_else(|| rest.strip_prefix(b"0X"));
        let (radix, digits) = match (self.written, behind) {
            (Written::Decimal, _) | (Written::Auto, None) => (10, rest),
            (_, behind) => (16, behind.unwrap_or(rest)),
        };
        let digit = |byte: &u8| char::from(*byte).to_digit(radix);
        let count = digits.iter().take_while(|byte| digit(byte).is_some()).count();
        if self.exactly == Exactly::Yes && (blank > 0 || count < digits.len()) {
            return None;
        }
        let mut value = 0i64;
        for digit in digits.iter().take(count).filter_map(digit) {
            value = value.checked_mul(radix.into())?.checked_add(digit.into())?;
        }
        (count > 0).then_some(value)
    }
}

impl ByteCompare {
    /// The number that pairs of hexadecimal digits stand for, the lowest pair first, with white space
    /// before them. As in ClamAV, an odd number of bytes has a zero before them, and what is behind the
    /// last pair counts for nothing, be it exact or not.
    fn pairs(&self, bytes: &[u8]) -> Option<i64> {
        let blank = bytes.iter().take_while(|byte| matches!(byte, b' ' | 9..=13)).count();
        if self.exactly == Exactly::Yes && blank > 0 {
            return None;
        }
        let rest = bytes.get(blank..).unwrap_or_default();
        let rest = rest.strip_prefix(b"0x").or_else(|| rest.strip_prefix(b"0X")).unwrap_or(rest);
        rest.first().filter(|byte| byte.is_ascii_hexdigit())?;
        let zero = if rest.len() % 2 == 1 { &b"0"[..] } else { &[] };
        let all = [zero, rest].concat();
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let pair = |pair: &[u8; 2]| Some(digit(pair[0])? << 4 | digit(pair[1])?);
        let (pairs, _) = all.as_chunks();
        let mut value = 0u64;
        for (pair, place) in pairs.iter().map_while(pair).zip(0u32..) {
            let shifted = u64::from(pair).checked_shl(8 * place);
            value |= shifted.filter(|_| place < 8)?;
        }
        i64::try_from(value).ok()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what iterators fold over")]
fn push_byte(value: i64, byte: &u8) -> i64 {
    value << 8 | i64::from(*byte)
}

/// `trigger(offset#options#comparisons)`; `None` where the number is written in digits of either
/// kind with the lowest pair first.
pub(crate) fn byte_compare(input: &[u8]) -> IResult<&[u8], Option<ByteCompare>, Fault> {
    expect(LineError::ByteCompare, whole).parse(input)
}

fn whole(input: &[u8]) -> IResult<&[u8], Option<ByteCompare>, Fault> {
    let trigger = map_opt(number, |index| {
        u8::try_from(index).ok().filter(|index| usize::from(*index) < MEMBERS_MAX)
    });
    let (rest, (trigger, _)) = (trigger, char('(')).parse(input)?;
    let signed = map_opt(number, |distance| i64::try_from(distance).ok());
    let (rest, (direction, distance, _)) =
        (alt((tag(">>"), tag("<<"))), signed, char('#')).parse(rest)?;
    let offset = if direction == b"<<" { -distance } else { distance };
    let (rest, (form, end, exact)) = (one_of("hdai"), one_of("lb"), opt(char('e'))).parse(rest)?;
    let (rest, (len, _)) = (number, char('#')).parse(rest)?;
    let test = (one_of("=><"), any_number).map(|(order, value)| {
        let order = match order {
            '=' => Order::Equal,
            '>' => Order::Greater,
            _ => Order::Less,
        };
        (order, value)
    });
    let (rest, (tests, _)) = (separated_list1(char(','), test), char(')')).parse(rest)?;
    let wrong = || Err(nom::Err::Error(Fault::new(input, LineError::ByteCompare)));
    let written = match (form, end) {
        ('i', 'l') => Some(Written::Little),
        ('i', _) => Some(Written::Big),
        ('h', 'b') => Some(Written::Hex),
        ('h', _) => Some(Written::HexLittle),
        ('a', 'b') => Some(Written::Auto),
        ('d', 'b') => Some(Written::Decimal),
        ('d', _) => return wrong(),
        _ => None,
    };
    let fits =
        if form == 'i' { matches!(len, 1 | 2 | 4 | 8) } else { (1..=DIGITS_MAX).contains(&len) };
    if !fits || tests.len() > 2 {
        return wrong();
    }
    let exactly = if exact.is_some() { Exactly::Yes } else { Exactly::No };
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    let compare =
        written.map(|written| ByteCompare { trigger, offset, len, written, exactly, tests });
    Ok((rest, compare))
}

/// A number in decimal digits, or in hexadecimal ones behind `0x`.
fn any_number(input: &[u8]) -> IResult<&[u8], i64, Fault> {
    let (rest, prefix) = opt(tag("0x")).parse(input)?;
    let signed = |value: u64| i64::try_from(value).ok();
    if prefix.is_none() {
        let minus = opt(value((), char('-')));
        let (rest, (minus, value)) = (minus, map_opt(number, signed)).parse(rest)?;
        return Ok((rest, if minus.is_some() { -value } else { value }));
    }
    let count = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (digits, rest) = rest.split_at(count);
    let value =
        std::str::from_utf8(digits).ok().and_then(|text| i64::from_str_radix(text, 16).ok());
    match value {
        Some(value) => Ok((rest, value)),
        None => Err(nom::Err::Error(Fault::new(input, LineError::ByteCompare))),
    }
}

stored_enum!(Written {
    0 => Hex,
    1 => Decimal,
    2 => Auto,
    3 => Little,
    4 => Big,
    5 => HexLittle,
});
stored_enum!(Order { 0 => Equal, 1 => Greater, 2 => Less });
stored_enum!(Exactly { 0 => No, 1 => Yes });
stored_struct!(ByteCompare { trigger, offset, len, written, exactly, tests });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared() {
        for (text, bytes, holds) in [
            ("0(>>1#ib1#=65)", &b"A"[..], true),
            ("0(>>1#ib2#=0x4142)", b"AB", true),
            ("0(>>1#il2#=0x4241)", b"AB", true),
            ("0(>>1#il4#>5,<0x7fffffff)", b"ABCD", true),
            ("0(>>1#il4#>5,<6)", b"ABCD", false),
            ("0(>>1#hb4#=255)", b"00FF", true),
            ("0(>>1#hb4#=15)", b"  F-", true),
            ("0(>>1#hbe4#=15)", b"  F-", false),
            ("0(>>1#hbe4#=15)", b"000F", true),
            ("0(>>1#hb4#=0)", b"zzzz", false),
            ("0(>>1#hl4#=0x3412)", b"1234", true),
            ("0(>>1#hl3#=0x2301)", b"123", true),
            ("0(>>1#hl20#=0x12)", b"12000000000000000000", false),
            ("0(>>1#hl16#>0)", b"00000000000000ff", false),
            ("0(<<9#db3#>99)", b"100", true),
            ("0(<<9#db3#>99)", b"1x0", false),
            ("0(>>1#ab4#=16)", b"0x10", true),
            ("0(>>1#ab4#=10)", b"0010", true),
            ("0(>>1#ib8#=-1)", b"\xff\xff\xff\xff\xff\xff\xff\xff", true),
        ] {
            let (rest, compare) = byte_compare(text.as_bytes()).unwrap();
            assert!(rest.is_empty(), "{text}");
            assert_eq!(compare.unwrap().holds(bytes), holds, "{text} {bytes:?}");
        }
        assert_eq!(byte_compare(b"0(>>1#al4#=1)").unwrap().1, None);
        for text in [
            "0",
            "64(>>1#ib1#=1)",
            "0(>1#ib1#=1)",
            "0(>>1#ib3#=1)",
            "0(>>1#dl1#=1)",
            "0(>>1#ib1#1)",
            "0(>>1#ib1#=1,=1,=1)",
            "0(>>1#ib1#=1",
        ] {
            assert!(byte_compare(text.as_bytes()).is_err(), "{text}");
        }
    }
}
