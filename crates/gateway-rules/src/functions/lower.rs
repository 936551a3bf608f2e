//! `lower(source Bytes) -> Bytes`: the ASCII capitals made small; every other byte stays.
//!
//! ```text
//! lower("WWW.cloudflare.com") == "www.cloudflare.com"
//! lower("") == ""
//! lower("\xC3\x84B") == "\xC3\x84b"
//! any(lower(names[*])[*] == "b")
//! not lower(nothing) == ""
//! lower(nothing) != ""
//! ```

use super::{Function, Kind, Parameter, Repeats, Shape, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "lower",
    parameters: &[Parameter { name: "source", shapes: &[Shape::Bytes], kind: Kind::Field }],
    required: 1,
    repeats: Repeats::No,
    yields: |_, _| Ok(Type::Bytes),
    prepare: nothing,
    apply: |given| Some(Value::Bytes(given.bytes(0)?.to_ascii_lowercase().into())),
};
