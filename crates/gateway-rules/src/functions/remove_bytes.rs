//! `remove_bytes(source Bytes, bytes Bytes) -> Bytes`: a string without any byte that is among the
//! given ones.
//!
//! ```text
//! remove_bytes("www.cloudflare.com", "\x2e\x77") == "cloudflarecom"
//! remove_bytes("abc", "") == "abc"
//! remove_bytes("aaa", "a") == ""
//! remove_bytes("\x00a\xFF", 00:ff) == "a"
//! not remove_bytes(nothing, "a") == ""
//! ```

use super::{Function, Kind, Parameter, Repeats, Shape, nothing};
use crate::value::{Type, Value};

pub(super) const FUNCTION: Function = Function {
    name: "remove_bytes",
    parameters: &[
        Parameter { name: "source", shapes: &[Shape::Bytes], kind: Kind::Field },
        Parameter { name: "bytes", shapes: &[Shape::Bytes], kind: Kind::Any },
    ],
    required: 2,
    repeats: Repeats::No,
    yields: |_, _| Ok(Type::Bytes),
    prepare: nothing,
    apply: |given| {
        let source = given.bytes(0)?;
        let mut removed = [0_u64; 4];
        for byte in given.bytes(1)? {
            if let Some(word) = removed.get_mut(usize::from(byte >> 6)) {
                *word |= 1 << (byte & 63);
            }
        }
        let stays = |byte: &u8| {
            let word = removed.get(usize::from(byte >> 6)).copied().unwrap_or(0);
            word >> (byte & 63) & 1 == 0
        };
        Some(Value::Bytes(source.iter().copied().filter(stays).collect()))
    },
};
