//! `to_string(value Int or Bool or Ip) -> Bytes`: a number in decimal, `true` or `false`, or an
//! address as RFC 5952 writes it.
//!
//! ```text
//! to_string(5) == "5"
//! to_string(-9223372036854775808) == "-9223372036854775808"
//! to_string(true) == "true"
//! to_string(flag) == "true"
//! to_string(ip4) == "113.10.0.2"
//! to_string(ip6) == "2001:0:130f::9c0:876a:130b"
//! not to_string(no_ip) == ""
//! ```

use super::{Function, Kind, Parameter, Repeats, Shape, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "to_string",
    parameters: &[Parameter {
        name: "value",
        shapes: &[Shape::Int, Shape::Bool, Shape::Ip],
        kind: Kind::Field,
    }],
    required: 1,
    repeats: Repeats::No,
    yields: |_, _| Ok(Type::Bytes),
    prepare: nothing,
    apply: |given| {
        Some(Value::from(match given.value(0)? {
            Value::Int(value) => value.to_string(),
            Value::Bool(value) => value.to_string(),
            Value::Ip(value) => value.to_string(),
            Value::Bytes(_) | Value::Array(_) | Value::Map(_) => return None,
        }))
    },
};
