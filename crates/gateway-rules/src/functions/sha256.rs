//! `sha256(input Bytes) -> Bytes`: the 32 bytes of the SHA-256 digest (FIPS 180-4).
//!
//! ```text
//! len(sha256("my-token")) == 32
//! sha256("") == e3:b0:c4:42:98:fc:1c:14:9a:fb:f4:c8:99:6f:b9:24:27:ae:41:e4:64:9b:93:4c:a4:95:99:1b:78:52:b8:55
//! encode_base64(sha256("abc")) == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0"
//! not sha256(nothing) == ""
//! ```

use sha2::{Digest as _, Sha256};

use super::{Function, Kind, Parameter, Repeats, Shape, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "sha256",
    parameters: &[Parameter { name: "input", shapes: &[Shape::Bytes], kind: Kind::Any }],
    required: 1,
    repeats: Repeats::No,
    yields: |_, _| Ok(Type::Bytes),
    prepare: nothing,
    apply: |given| Some(Value::Bytes(Sha256::digest(given.bytes(0)?).to_vec().into())),
};
