//! `len(source Bytes or Array or Map) -> Int`: how many bytes a string has, or how many elements
//! an array or a map.
//!
//! A missing value has no length, so that `len(map["key"]) >= 0` says whether the key is there.
//!
//! ```text
//! len("example.com") == 11
//! len("\xC3\xA4") == 2
//! len("") == 0
//! len(names) == 3
//! len(empty) == 0
//! len(args) == 2
//! len(args["filter"][1]) == 4
//! all(len(args["filter"][*])[*] in {3 4})
//! not all(not len(args["filter"][*])[*] in {3 4})
//! len(args["filter"]) >= 0
//! not len(args["order"]) >= 0
//! ```

use super::{Function, Kind, Parameter, Repeats, Shape, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "len",
    parameters: &[Parameter {
        name: "source",
        shapes: &[Shape::Bytes, Shape::Array, Shape::Map],
        kind: Kind::Field,
    }],
    required: 1,
    repeats: Repeats::No,
    yields: |_, _| Ok(Type::Int),
    prepare: nothing,
    apply: |given| {
        let length = match given.value(0)? {
            Value::Bytes(value) => value.len(),
            Value::Array(items) => items.len(),
            Value::Map(items) => items.len(),
            Value::Bool(_) | Value::Int(_) | Value::Ip(_) => return None,
        };
        i64::try_from(length).ok().map(Value::Int)
    },
};
