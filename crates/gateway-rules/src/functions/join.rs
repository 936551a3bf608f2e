//! `join(items Array<Bytes>, separator Bytes) -> Bytes`: the strings of an array with a separator
//! between each two.
//!
//! An empty array gives an empty string. There is no result where an argument is missing, or where
//! it would be longer than 1 MiB.
//!
//! ```text
//! join(names, ",") == "a,b,c"
//! join(names, "") == "abc"
//! join(empty, ",") == ""
//! join(split("one", ",", 9), ",") == "one"
//! join(split("a;b;c", ";", 2), "-") == "a-b;c"
//! not join(no_names, ",") == ""
//! not join(names, nothing) == ""
//! ```

use super::{Function, Kind, Parameter, RESULT_BYTES_MAX, Repeats, Shape, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "join",
    parameters: &[
        Parameter { name: "items", shapes: &[Shape::ByteArray], kind: Kind::Field },
        Parameter { name: "separator", shapes: &[Shape::Bytes], kind: Kind::Any },
    ],
    required: 2,
    repeats: Repeats::No,
    yields: |_, _| Ok(Type::Bytes),
    prepare: nothing,
    apply: |given| {
        let Value::Array(items) = given.value(0)? else { return None };
        let separator = given.bytes(1)?;
        let mut joined = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let Value::Bytes(item) = item else { return None };
            if joined.len() + separator.len() + item.len() > RESULT_BYTES_MAX {
                return None;
            }
            if index > 0 {
                joined.extend_from_slice(separator);
            }
            joined.extend_from_slice(item);
        }
        Some(Value::Bytes(joined.into()))
    },
};
