//! `lookup_json_integer(document Bytes, key Bytes or Int, ...) -> Int`: the integer that stands in
//! a JSON document where the keys lead.
//!
//! A key is the name of a member, or a position in an array, from 0. There is no result where the
//! document is no JSON (RFC 8259) or nested more than 128 deep, or where no number of 64 bits
//! without fraction and exponent stands there: `42.0` is none. Of members with one name the last
//! counts.
//!
//! ```text
//! lookup_json_integer(r#"{ "record_id": "aed53a", "version": 2 }"#, "version") == 2
//! lookup_json_integer(r#"{ "product": { "id": 356 } }"#, "product", "id") == 356
//! lookup_json_integer(r#"["first_item", -234]"#, 1) == -234
//! lookup_json_integer(r#"{ "network_ids": [123, 456] }"#, "network_ids", 0) == 123
//! lookup_json_integer(r#"[{ "product_id": 123 }, { "product_id": 456 }]"#, 1, "product_id") == 456
//! lookup_json_integer("[9223372036854775807]", 0) == 9223372036854775807
//! not lookup_json_integer("[9223372036854775808]", 0) >= -9223372036854775808
//! not lookup_json_integer("[42.0]", 0) == 42
//! not lookup_json_integer("[4e1]", 0) == 40
//! not lookup_json_integer(r#"["1"]"#, 0) == 1
//! not lookup_json_integer(nothing, 0) == 0
//! ```

use serde_json::Value as Json;

use super::{Function, Kind, Parameter, Repeats, Shape, json_path, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "lookup_json_integer",
    parameters: &[
        Parameter { name: "document", shapes: &[Shape::Bytes], kind: Kind::Field },
        Parameter { name: "key", shapes: &[Shape::Bytes, Shape::Int], kind: Kind::Any },
    ],
    required: 2,
    repeats: Repeats::Last,
    yields: |_, _| Ok(Type::Int),
    prepare: nothing,
    apply: |given| match json_path::found(given)? {
        Json::Number(number) => number.as_i64().map(Value::Int),
        Json::Null | Json::Bool(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => None,
    },
};
