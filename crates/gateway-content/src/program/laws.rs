//! The laws of running packed programs, as a function of any bytes: the fuzz target runs it.

use super::fixture::{packed, plain, unpack};
use crate::Limits;

/// Instructions that a program may be run for.
const STEPS: u64 = 20_000;
/// Instructions by which it may be more: of one that repeats, of one function, and of a copy.
const MORE: u64 = 1 << 16;

/// Runs the laws on `data`: the first byte tells whether the rest is a program, or the code of one.
///
/// # Panics
/// When a law is broken.
pub fn content_emulator(data: &[u8]) {
    let (head, body) = data.split_at(data.len().min(1));
    let file = match head.first().map(|byte| byte & 3) {
        Some(0) => body.to_vec(),
        Some(1) => plain(body),
        _ => packed(body),
    };
    let limits = Limits {
        run_steps_max: STEPS,
        gathered_bytes_max: 1 << 20,
        ratio_floor_bytes: 1 << 16,
        ..Limits::default()
    };
    let Some((out, end, steps)) = unpack(&file, &limits) else { return };
    assert!(steps <= STEPS + MORE, "{steps} instructions");
    let out_max = (file.len() * limits.ratio_max as usize).max(1 << 16);
    assert!(out.len() <= out_max, "{} bytes", out.len());
    let again = unpack(&file, &limits);
    assert!(again == Some((out, end, steps)), "two runs differ");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(
            kind in 1u8..3,
            code in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            content_emulator(&[&[kind][..], &code].concat());
        }

        #[test]
        fn any_headers_come_to_an_end(
            changes in prop::collection::vec((0usize..0x1c0, any::<u8>()), 1..6),
        ) {
            let mut file = packed(&[0xb8, 0, 0x10, 0x40, 0, 0xc6, 0, 0xc3, 0xff, 0xe0]);
            for (at, byte) in changes {
                file[at] = byte;
            }
            content_emulator(&[&[0][..], &file].concat());
        }
    }
}
