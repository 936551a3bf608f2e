//! `decode_base64(source Bytes) -> Bytes`: what a string in Base64 (RFC 4648 §4) stands for, with
//! padding or without.
//!
//! There is no result where the string is no Base64.
//!
//! ```text
//! decode_base64("MTIzYWJj") == "123abc"
//! decode_base64("aGVsbG8gd29ybGQ") == "hello world"
//! decode_base64("aGVsbG8gd29ybGQ=") == "hello world"
//! decode_base64("+/8=") == fb:ff
//! decode_base64("") == ""
//! not decode_base64("not base64!") == ""
//! not decode_base64("-_8=") == fb:ff
//! any(decode_base64(tokens[*])[*] eq "123abc")
//! not decode_base64(nothing) == ""
//! ```

use super::base64::Alphabet;
use super::{Function, Kind, Parameter, Repeats, Shape, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "decode_base64",
    parameters: &[Parameter { name: "source", shapes: &[Shape::Bytes], kind: Kind::Field }],
    required: 1,
    repeats: Repeats::No,
    yields: |_, _| Ok(Type::Bytes),
    prepare: nothing,
    apply: |given| Some(Value::Bytes(Alphabet::Standard.decode(given.bytes(0)?)?.into())),
};
