//! `substring(source Bytes, start Int, end Int optional) -> Bytes`: the bytes from one index up to,
//! but not with, another one; without `end` up to the end of the string.
//!
//! The first byte has the index 0; a negative index counts from the end. What lies outside the
//! string is cut off; a `start` behind the `end` gives an empty string.
//!
//! ```text
//! substring("asdfghjk", 2, 5) == "dfg"
//! substring("asdfghjk", 2) == "dfghjk"
//! substring("asdfghjk", -2) == "jk"
//! substring("asdfghjk", 0, -2) == "asdfgh"
//! substring("asd", -9, 9) == "asd"
//! substring("asd", 5) == ""
//! substring("asd", 2, 1) == ""
//! substring("asd", 0, 0x7fffffffffffffff) == "asd"
//! not substring(nothing, 0) == ""
//! ```

use super::{Function, Kind, Parameter, Repeats, Shape, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "substring",
    parameters: &[
        Parameter { name: "source", shapes: &[Shape::Bytes], kind: Kind::Field },
        Parameter { name: "start", shapes: &[Shape::Int], kind: Kind::Any },
        Parameter { name: "end", shapes: &[Shape::Int], kind: Kind::Any },
    ],
    required: 2,
    repeats: Repeats::No,
    yields: |_, _| Ok(Type::Bytes),
    prepare: nothing,
    apply: |given| {
        let source = given.bytes(0)?;
        let start = position(given.int(1)?, source.len());
        let end =
            if given.len() > 2 { position(given.int(2)?, source.len()) } else { source.len() };
        Some(Value::Bytes(source.slice(start.min(end)..end)))
    },
};

/// The index, from the end if negative, within a string of this length.
fn position(index: i64, length: usize) -> usize {
    let distance = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
    if index < 0 { length.saturating_sub(distance) } else { distance.min(length) }
}
