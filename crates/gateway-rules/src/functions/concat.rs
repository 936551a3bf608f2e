//! `concat(part Bytes or Int or Array, ...) -> Bytes or Array`: strings, or arrays of one type, joined
//! end to end. Beside strings, integers stand as they are written.
//!
//! Missing parts are left out; there is no result where all are missing, or where it would be
//! longer than 1 MiB.
//!
//! ```text
//! concat("String1", " ", "String", 2) == "String1 String2"
//! concat("String1", " ", "String", "2") == "String1 String2"
//! concat(-1, "a", 0) == "-1a0"
//! any(concat(names[*], 1)[*] == "b1")
//! concat("a") == "a"
//! concat("a", nothing, "b") == "ab"
//! not concat(nothing, nothing) == ""
//! len(concat(names, names)) == 6
//! concat(names, empty)[2] == "c"
//! concat(no_names, names)[0] == "a"
//! any(concat(names[*], "-x")[*] == "b-x")
//! ```

use super::{Function, Kind, Misfit, Parameter, RESULT_BYTES_MAX, Repeats, Shape, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "concat",
    parameters: &[Parameter {
        name: "part",
        shapes: &[Shape::Bytes, Shape::Int, Shape::Array],
        kind: Kind::Any,
    }],
    required: 1,
    repeats: Repeats::Last,
    yields: |_, types| {
        let is_text = |ty: &Type| matches!(ty, Type::Bytes | Type::Int);
        let first = types.first().cloned().unwrap_or(Type::Bytes);
        let misfit = match is_text(&first) {
            true => types.iter().position(|ty| !is_text(ty)),
            false => types.iter().position(|ty| *ty != first),
        };
        match misfit {
            Some(argument) => Err(Misfit { argument, expected: "the type of the first argument" }),
            None if !is_text(&first) => Ok(first),
            None if types.is_empty() || types.contains(&Type::Bytes) => Ok(Type::Bytes),
            None => Err(Misfit { argument: 0, expected: "Bytes or Array" }),
        }
    },
    prepare: nothing,
    apply: |given| {
        let parts = || (0..given.len()).filter_map(|index| given.value(index));
        if let Value::Bytes(_) | Value::Int(_) = parts().next()? {
            let mut text = Vec::new();
            for part in parts() {
                match part {
                    Value::Bytes(part) => text.extend_from_slice(part),
                    Value::Int(part) => text.extend_from_slice(part.to_string().as_bytes()),
                    _ => {}
                }
                if text.len() > RESULT_BYTES_MAX {
                    return None;
                }
            }
            return Some(Value::Bytes(text.into()));
        }
        let items = parts().filter_map(|part| match part {
            Value::Array(items) => Some(items),
            _ => None,
        });
        // An element of an array counts for one byte at least.
        if items.clone().flatten().map(weight).sum::<usize>() > RESULT_BYTES_MAX {
            return None;
        }
        Some(Value::Array(items.flatten().cloned().collect()))
    },
};

fn weight(value: &Value) -> usize {
    1 + match value {
        Value::Bytes(value) => value.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Map(items) => items.iter().map(|(key, item)| key.len() + weight(item)).sum(),
        Value::Bool(_) | Value::Int(_) | Value::Ip(_) => 0,
    }
}
