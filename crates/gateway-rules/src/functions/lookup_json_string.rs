//! `lookup_json_string(document Bytes, key Bytes or Int, ...) -> Bytes`: the string that stands in
//! a JSON document where the keys lead.
//!
//! A key is the name of a member, or a position in an array, from 0. There is no result where the
//! document is no JSON (RFC 8259) or nested more than 128 deep, or where no string stands there. Of
//! members with one name the last counts.
//!
//! ```text
//! lookup_json_string(r#"{ "company": "cloudflare", "product": "rulesets" }"#, "company") == "cloudflare"
//! lookup_json_string(r#"{ "network": { "name": "cloudflare" } }"#, "network", "name") == "cloudflare"
//! lookup_json_string(r#"["other_company", "cloudflare"]"#, 1) == "cloudflare"
//! lookup_json_string(r#"{ "networks": ["other_company", "cloudflare"] }"#, "networks", 1) == "cloudflare"
//! lookup_json_string(r#"[{ "network": "other_company" }, { "network": "cloudflare" }]"#, 1, "network") == "cloudflare"
//! lookup_json_string(r#"{"a": "\u00e4"}"#, "a") == "ä"
//! not lookup_json_string(r#"{"a": 1}"#, "a") == "1"
//! not lookup_json_string(r#"{"a": "b"}"#, "b") == "b"
//! not lookup_json_string(r#"["a"]"#, -1) == "a"
//! not lookup_json_string("{", "a") == ""
//! not lookup_json_string(nothing, "a") == ""
//! ```

use serde_json::Value as Json;

use super::{Function, Kind, Parameter, Repeats, Shape, json_path, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "lookup_json_string",
    parameters: &[
        Parameter { name: "document", shapes: &[Shape::Bytes], kind: Kind::Field },
        Parameter { name: "key", shapes: &[Shape::Bytes, Shape::Int], kind: Kind::Any },
    ],
    required: 2,
    repeats: Repeats::Last,
    yields: |_, _| Ok(Type::Bytes),
    prepare: nothing,
    apply: |given| match json_path::found(given)? {
        Json::String(text) => Some(Value::from(text)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => None,
    },
};
