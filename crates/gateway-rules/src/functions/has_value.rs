//! `has_value(source Map or Array, value Bytes, Int, Ip or Bool) -> Bool`: whether one of the values
//! of a map, or one of the elements of an array, is this one.
//!
//! ```text
//! has_value(names, "b")
//! not has_value(names, "B")
//! has_value(numbers, 2)
//! has_value(colours, "red")
//! not has_value(colours, "sky")
//! not has_value(empty, "a")
//! not has_value(no_names, "a")
//! ```

use super::{Function, Kind, Misfit, Parameter, Repeats, Shape, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "has_value",
    parameters: &[
        Parameter { name: "source", shapes: &[Shape::Map, Shape::Array], kind: Kind::Field },
        Parameter {
            name: "value",
            shapes: &[Shape::Bytes, Shape::Int, Shape::Ip, Shape::Bool],
            kind: Kind::Any,
        },
    ],
    required: 2,
    repeats: Repeats::No,
    yields: |_, types| match types {
        [source, value] if source.element() != Some(value) => {
            Err(Misfit { argument: 1, expected: "a value of the type of the elements" })
        }
        _ => Ok(Type::Bool),
    },
    prepare: nothing,
    apply: |given| {
        let wanted = given.value(1)?;
        Some(Value::Bool(match given.value(0)? {
            Value::Map(items) => items.values().any(|item| item == wanted),
            Value::Array(items) => items.contains(wanted),
            Value::Bool(_) | Value::Int(_) | Value::Ip(_) | Value::Bytes(_) => return None,
        }))
    },
};
