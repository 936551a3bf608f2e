//! `bit_slice(source Bytes, start Int, end Int) -> Int`: the bits from one offset up to, but not
//! with, another one, as a number; the first bit is the highest of the first byte.
//!
//! A slice has 1 to 32 bits, and no offset is beyond 2,040. There is no result where the string is
//! too short.
//!
//! Cloudflare's first argument is a header of a packet, such as `tcp`; ours is any string.
//!
//! ```text
//! bit_slice("\x80", 0, 1) == 1
//! bit_slice("\x12\x34\x56\x78\x9A", 0, 32) == 0x12345678
//! bit_slice("\x12\x34\x56\x78\x9A", 4, 36) == 0x23456789
//! bit_slice("\x12\x34", 4, 12) == 0x23
//! bit_slice("\xFF", 7, 8) == 1
//! not bit_slice("\xFF", 1, 9) >= 0
//! not bit_slice(nothing, 0, 8) >= 0
//! ```

use super::{Function, Kind, Misfit, Parameter, Repeats, Shape, check_int, nothing};
use crate::ast::{Argument, Literal};
use crate::value::{Type, Value};

const OFFSET_MAX: i64 = 2040;

pub(super) const FUNCTION: Function = Function {
    name: "bit_slice",
    parameters: &[
        Parameter { name: "source", shapes: &[Shape::Bytes], kind: Kind::Field },
        Parameter { name: "start", shapes: &[Shape::Int], kind: Kind::Any },
        Parameter { name: "end", shapes: &[Shape::Int], kind: Kind::Any },
    ],
    required: 3,
    repeats: Repeats::No,
    yields: |arguments, _| {
        check_int(arguments, 1, 0..=OFFSET_MAX, "an offset of 0 to 2040 bits")?;
        check_int(arguments, 2, 0..=OFFSET_MAX, "an offset of 0 to 2040 bits")?;
        match arguments {
            [_, Argument::Literal(Literal::Int(start)), Argument::Literal(Literal::Int(end))]
                if !(1..=32).contains(&(end - start)) =>
            {
                Err(Misfit { argument: 2, expected: "an offset 1 to 32 bits behind the start" })
            }
            _ => Ok(Type::Int),
        }
    },
    prepare: nothing,
    apply: |given| {
        let offset = |index| {
            let offset = given.int(index).filter(|offset| (0..=OFFSET_MAX).contains(offset))?;
            usize::try_from(offset).ok()
        };
        let (start, end) = (offset(1)?, offset(2)?);
        let width = end.checked_sub(start).filter(|width| (1..=32).contains(width))?;
        // At most 32 bits that begin anywhere in a byte touch five bytes.
        let touched = given.bytes(0)?.get(start / 8..end.div_ceil(8))?;
        let word = touched.iter().fold(0_i64, |word, byte| word << 8 | i64::from(*byte));
        let behind = end.next_multiple_of(8) - end;
        Some(Value::Int(word >> behind & ((1 << width) - 1)))
    },
};
