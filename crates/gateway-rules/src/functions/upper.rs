//! `upper(source Bytes) -> Bytes`: the small ASCII letters made capitals; every other byte stays.
//!
//! ```text
//! upper("www.cloudflare.com") == "WWW.CLOUDFLARE.COM"
//! upper("") == ""
//! upper("\xC3\xA4b") == "\xC3\xA4B"
//! any(upper(names[*])[*] == "B")
//! not upper(nothing) == ""
//! ```

use super::{Function, Kind, Parameter, Repeats, Shape, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "upper",
    parameters: &[Parameter { name: "source", shapes: &[Shape::Bytes], kind: Kind::Field }],
    required: 1,
    repeats: Repeats::No,
    yields: |_, _| Ok(Type::Bytes),
    prepare: nothing,
    apply: |given| Some(Value::Bytes(given.bytes(0)?.to_ascii_uppercase().into())),
};
