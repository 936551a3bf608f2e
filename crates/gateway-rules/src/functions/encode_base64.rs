//! `encode_base64(input Bytes, flags Bytes optional) -> Bytes`: a string in Base64 (RFC 4648 §4),
//! without padding.
//!
//! The flags are letters in one string: `p` pads with `=` to a multiple of four, `u` writes the
//! alphabet that is safe in URLs (§5). There is no result where it would be longer than 1 MiB.
//!
//! ```text
//! encode_base64("hello world") == "aGVsbG8gd29ybGQ"
//! encode_base64("hello world", "p") == "aGVsbG8gd29ybGQ="
//! encode_base64("hello world", "u") == "aGVsbG8gd29ybGQ"
//! encode_base64(fb:ff) == "+/8"
//! encode_base64(fb:ff, "u") == "-_8"
//! encode_base64(fb:ff, "up") == "-_8="
//! encode_base64("") == ""
//! encode_base64(sha256("hello world"), "p") == "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="
//! not encode_base64(nothing) == ""
//! ```

use super::base64::Alphabet;
use super::{Function, Kind, Parameter, RESULT_BYTES_MAX, Repeats, Shape, check_flags, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "encode_base64",
    parameters: &[
        Parameter { name: "input", shapes: &[Shape::Bytes], kind: Kind::Any },
        Parameter { name: "flags", shapes: &[Shape::Bytes], kind: Kind::Literal },
    ],
    required: 1,
    repeats: Repeats::No,
    yields: |arguments, _| {
        check_flags(arguments, 1, b"pu", "the letters `p` and `u`")?;
        Ok(Type::Bytes)
    },
    prepare: nothing,
    apply: |given| {
        let input = given.bytes(0)?;
        let flags = given.bytes(1).map_or(&[][..], |flags| flags);
        if input.len() > RESULT_BYTES_MAX / 4 * 3 {
            return None;
        }
        let alphabet = if flags.contains(&b'u') { Alphabet::UrlSafe } else { Alphabet::Standard };
        let mut text = alphabet.encode(input);
        if flags.contains(&b'p') {
            let padding = text.len().next_multiple_of(4) - text.len();
            text.extend(std::iter::repeat_n('=', padding));
        }
        Some(Value::from(text))
    },
};
