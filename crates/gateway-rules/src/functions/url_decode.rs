//! `url_decode(source Bytes, options Bytes optional) -> Bytes`: `%XX` as the byte that it stands
//! for, and `+` as a blank; what is not two hexadecimal digits stays as it is.
//!
//! The options are letters in one string:
//!
//! * `r`: decode again and again, until nothing changes, at most 16 times.
//! * `u`: `%uXXXX` is a UTF-16 code unit too, and becomes UTF-8; two surrogates make one character,
//!   a lone one stays as it is.
//!
//! ```text
//! url_decode("John%20Doe") == "John Doe"
//! url_decode("John+Doe") == "John Doe"
//! url_decode("%2520") == "%20"
//! url_decode("%2520", "r") == " "
//! url_decode("%252520", "r") == " "
//! url_decode("%E4%BD") == "\xE4\xBD"
//! url_decode("%u2601", "u") == "\xe2\x98\x81"
//! url_decode("%u2601") == "%u2601"
//! url_decode("%25u2601", "ur") == "\xe2\x98\x81"
//! url_decode("%uD83D%uDE00", "u") == "\xF0\x9F\x98\x80"
//! url_decode("%uD83D!", "u") == "%uD83D!"
//! url_decode("%zz%2%") == "%zz%2%"
//! any(url_decode(args["filter"][*])[*] contains "cd")
//! not url_decode(nothing) == ""
//! ```

use super::{Function, Kind, Parameter, Repeats, Shape, check_flags, nothing};
use crate::value::{Type, Value};

/// How often `r` decodes at the most.
const ROUNDS_MAX: usize = 16;

pub(super) const FUNCTION: Function = Function {
    name: "url_decode",
    parameters: &[
        Parameter { name: "source", shapes: &[Shape::Bytes], kind: Kind::Field },
        Parameter { name: "options", shapes: &[Shape::Bytes], kind: Kind::Literal },
    ],
    required: 1,
    repeats: Repeats::No,
    yields: |arguments, _| {
        check_flags(arguments, 1, b"ru", "the letters `r` and `u`")?;
        Ok(Type::Bytes)
    },
    prepare: nothing,
    apply: |given| {
        let options = given.bytes(1).map_or(&[][..], |options| options);
        let rounds = if options.contains(&b'r') { ROUNDS_MAX } else { 1 };
        let units = if options.contains(&b'u') { Units::Decoded } else { Units::Kept };
        let mut text = given.bytes(0)?.to_vec();
        for _ in 0..rounds {
            let decoded = decode(&text, units);
            if decoded == text {
                break;
            }
            text = decoded;
        }
        Some(Value::Bytes(text.into()))
    },
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Units {
    Decoded,
    Kept,
}

/// One round.
pub(super) fn decode_once(text: &[u8]) -> Vec<u8> {
    decode(text, Units::Kept)
}

fn decode(text: &[u8], units: Units) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        match byte {
            b'+' => decoded.push(b' '),
            b'%' => match hex(behind, 2).and_then(|value| u8::try_from(value).ok()) {
                Some(value) => {
                    decoded.push(value);
                    rest = behind.get(2..).unwrap_or_default();
                }
                None => match character(behind).filter(|_| units == Units::Decoded) {
                    Some((c, length)) => {
                        decoded.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                        rest = behind.get(length..).unwrap_or_default();
                    }
                    None => decoded.push(byte),
                },
            },
            _ => decoded.push(byte),
        }
    }
    decoded
}

/// The character that `uXXXX`, or a pair of surrogates, stands for, and its length in the text.
fn character(text: &[u8]) -> Option<(char, usize)> {
    let unit = |text: &[u8]| hex(text.strip_prefix(b"u")?, 4);
    let first = unit(text)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c, 5));
    }
    let second = unit(text.get(5..)?.strip_prefix(b"%")?)?;
    let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let c = char::decode_utf16(pair).next()?.ok()?;
    Some((c, 11))
}

/// The number that so many hexadecimal digits at the beginning are.
fn hex(text: &[u8], digits: usize) -> Option<u32> {
    let digits = text.get(..digits)?;
    digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}
