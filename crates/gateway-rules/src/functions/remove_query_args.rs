//! `remove_query_args(query Bytes, name Bytes, ...) -> Bytes`: a query string without the parameters
//! of these names, however often each occurs; the others keep their order.
//!
//! Names are compared as they are written, encoded or not.
//!
//! ```text
//! remove_query_args("order=asc&country=GB", "country") == "order=asc"
//! remove_query_args("order=asc&country=GB", "order") == "country=GB"
//! remove_query_args("order=asc&country=GB", "search") == "order=asc&country=GB"
//! remove_query_args("category=Foo&order=desc&category=Bar", "order") == "category=Foo&category=Bar"
//! remove_query_args("category=Foo&order=desc&category=Bar", "category") == "order=desc"
//! remove_query_args("a=1&b&c=3&a", "a", "c") == "b"
//! remove_query_args("a=1&a=2", "a") == ""
//! remove_query_args("ab=1&a==&&b", "a") == "ab=1&&b"
//! not remove_query_args(nothing, "a") == ""
//! ```

use super::{Function, Kind, Parameter, Repeats, Shape, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "remove_query_args",
    parameters: &[
        Parameter { name: "query", shapes: &[Shape::Bytes], kind: Kind::Field },
        Parameter { name: "name", shapes: &[Shape::Bytes], kind: Kind::Any },
    ],
    required: 2,
    repeats: Repeats::Last,
    yields: |_, _| Ok(Type::Bytes),
    prepare: nothing,
    apply: |given| {
        let names: Vec<_> = (1..given.len()).filter_map(|index| given.bytes(index)).collect();
        let stays = |argument: &&[u8]| {
            let name = argument.split(|byte| *byte == b'=').next().unwrap_or_default();
            !names.iter().any(|removed| **removed == name)
        };
        let arguments = given.bytes(0)?.split(|byte| *byte == b'&').filter(stays);
        let left: Vec<&[u8]> = arguments.collect();
        Some(Value::Bytes(left.join(&b'&').into()))
    },
};
