//! `uuidv4(source Bytes) -> Bytes`: a UUID of version 4 (RFC 9562 §5.4) made of the first 16 bytes
//! of a source of randomness.
//!
//! The function itself draws nothing at random: the same source gives the same UUID. There is no
//! result where the source has fewer than 16 bytes.
//!
//! ```text
//! uuidv4("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00") == "00000000-0000-4000-8000-000000000000"
//! uuidv4(ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:01) == "ffffffff-ffff-4fff-bfff-ffffffffffff"
//! uuidv4(seed) matches "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
//! not uuidv4("too short") == ""
//! not uuidv4(nothing) == ""
//! ```

use super::{Function, Kind, Parameter, Repeats, Shape, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "uuidv4",
    parameters: &[Parameter { name: "source", shapes: &[Shape::Bytes], kind: Kind::Field }],
    required: 1,
    repeats: Repeats::No,
    yields: |_, _| Ok(Type::Bytes),
    prepare: nothing,
    apply: |given| {
        let bits = u128::from_be_bytes(*given.bytes(0)?.first_chunk()?);
        let version = bits & !(0xf << 76) | 0x4 << 76;
        let hex = format!("{:032x}", version & !(0b11 << 62) | 0b10 << 62);
        let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
        let parts = [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)];
        Some(Value::from(parts.join("-")))
    },
};
