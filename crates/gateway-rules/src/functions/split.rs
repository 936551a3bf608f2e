//! `split(input Bytes, separator Bytes, limit Int) -> Array<Bytes>`: the pieces of a string between
//! the occurrences of a separator.
//!
//! There are at most `limit` pieces, 1 to 128; the last one keeps the rest, separators and all. The
//! separator is a string in the text of the filter, and not empty; so is the limit a number there.
//!
//! ```text
//! join(split("groceries,electronics,diy,auto", ",", 64), "|") == "groceries|electronics|diy|auto"
//! join(split("groceries,electronics,diy,auto", ",", 3), "|") == "groceries|electronics|diy,auto"
//! join(split("groceries,,electronics", ",", 64), "|") == "groceries||electronics"
//! split("a, b", ", ", 2)[1] == "b"
//! len(split("", ",", 2)) == 1
//! split("a,b", ",", 1)[0] == "a,b"
//! len(split("aaaa", "aa", 9)) == 3
//! not len(split(nothing, ",", 2)) >= 0
//! ```

use memchr::memmem;

use super::{Function, Kind, Misfit, Parameter, Repeats, Shape, check_int, literal_bytes, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "split",
    parameters: &[
        Parameter { name: "input", shapes: &[Shape::Bytes], kind: Kind::Field },
        Parameter { name: "separator", shapes: &[Shape::Bytes], kind: Kind::Literal },
        Parameter { name: "limit", shapes: &[Shape::Int], kind: Kind::Literal },
    ],
    required: 3,
    repeats: Repeats::No,
    yields: |arguments, _| {
        if literal_bytes(arguments, 1).is_some_and(bytes::Bytes::is_empty) {
            return Err(Misfit { argument: 1, expected: "a string that is not empty" });
        }
        check_int(arguments, 2, 1..=128, "1 to 128 pieces")?;
        Ok(Type::Array(Box::new(Type::Bytes)))
    },
    prepare: nothing,
    apply: |given| {
        let (input, separator) = (given.bytes(0)?, given.bytes(1)?);
        let limit = usize::try_from(given.int(2)?).ok()?;
        let mut pieces = Vec::new();
        let mut start = 0;
        for at in memmem::find_iter(input, separator).take(limit.saturating_sub(1)) {
            pieces.push(Value::Bytes(input.slice(start..at)));
            start = at + separator.len();
        }
        pieces.push(Value::Bytes(input.slice(start..)));
        Some(Value::Array(pieces))
    },
};
