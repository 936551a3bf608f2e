//! `has_key(source Map or Array, key Bytes or Int) -> Bool`: whether a map has a value for a key,
//! or an array an element at a position, from 0.
//!
//! A map takes a string, an array a number.
//!
//! ```text
//! has_key(args, "filter")
//! not has_key(args, "order")
//! has_key(names, 2)
//! not has_key(names, 3)
//! not has_key(names, -1)
//! not has_key(empty, 0)
//! not has_key(no_names, 0)
//! ```

use super::{Function, Kind, Misfit, Parameter, Repeats, Shape, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "has_key",
    parameters: &[
        Parameter { name: "source", shapes: &[Shape::Map, Shape::Array], kind: Kind::Field },
        Parameter { name: "key", shapes: &[Shape::Bytes, Shape::Int], kind: Kind::Any },
    ],
    required: 2,
    repeats: Repeats::No,
    yields: |_, types| match types {
        [Type::Map(_), Type::Int] => {
            Err(Misfit { argument: 1, expected: "a string, as the first argument is a map" })
        }
        [Type::Array(_), Type::Bytes] => {
            Err(Misfit { argument: 1, expected: "a number, as the first argument is an array" })
        }
        _ => Ok(Type::Bool),
    },
    prepare: nothing,
    apply: |given| {
        Some(Value::Bool(match (given.value(0)?, given.value(1)?) {
            (Value::Map(items), Value::Bytes(key)) => items.contains_key(key),
            (Value::Array(items), Value::Int(at)) => {
                usize::try_from(*at).is_ok_and(|at| at < items.len())
            }
            _ => return None,
        }))
    },
};
