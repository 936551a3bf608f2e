//! `ends_with(source Bytes, suffix Bytes) -> Bool`: whether a string ends with another one, byte
//! by byte.
//!
//! ```text
//! ends_with("/welcome.html", ".html")
//! not ends_with("/welcome.html", ".HTML")
//! not ends_with("l", ".html")
//! ends_with("x", "")
//! any(ends_with(names[*], "c"))
//! not ends_with(nothing, "")
//! ```

use super::{Function, Kind, Parameter, Repeats, Shape, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "ends_with",
    parameters: &[
        Parameter { name: "source", shapes: &[Shape::Bytes], kind: Kind::Field },
        Parameter { name: "suffix", shapes: &[Shape::Bytes], kind: Kind::Any },
    ],
    required: 2,
    repeats: Repeats::No,
    yields: |_, _| Ok(Type::Bool),
    prepare: nothing,
    apply: |given| Some(Value::Bool(given.bytes(0)?.ends_with(given.bytes(1)?))),
};
