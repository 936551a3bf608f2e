//! `starts_with(source Bytes, prefix Bytes) -> Bool`: whether a string begins with another one,
//! byte by byte.
//!
//! ```text
//! starts_with("/blog/first-post", "/blog")
//! not starts_with("/blog/first-post", "/Blog")
//! not starts_with("/b", "/blog")
//! starts_with("x", "")
//! any(starts_with(names[*], "a"))
//! not starts_with(nothing, "")
//! ```

use super::{Function, Kind, Parameter, Repeats, Shape, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "starts_with",
    parameters: &[
        Parameter { name: "source", shapes: &[Shape::Bytes], kind: Kind::Field },
        Parameter { name: "prefix", shapes: &[Shape::Bytes], kind: Kind::Any },
    ],
    required: 2,
    repeats: Repeats::No,
    yields: |_, _| Ok(Type::Bool),
    prepare: nothing,
    apply: |given| Some(Value::Bool(given.bytes(0)?.starts_with(given.bytes(1)?))),
};
