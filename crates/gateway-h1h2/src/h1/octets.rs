//! Where a run of bytes of one kind ends: names, targets and values.
//!
//! Targets and values are passed over by blocks of 16 bytes that the compiler makes vectors of; what is
//! left of them, and names, byte by byte: how long they are is much the same from one head of a
//! connection to the next, so branches are predicted, and what is behind need not wait for arithmetic.

use crate::fields::{is_token_byte, is_value_byte};

const BLOCK: usize = 16;

/// The first place from `at` on where no token byte stands; the end if there is none.
#[inline]
pub(super) fn token_end(bytes: &[u8], at: usize) -> usize {
    rest(bytes, at, is_token_byte)
}

/// The first place from `at` on that is not visible ASCII; the end if there is none.
pub(super) fn visible_end(bytes: &[u8], at: usize) -> usize {
    end(bytes, at, |byte| byte.wrapping_sub(0x21) <= 0x7e - 0x21)
}

/// The first place from `at` on where no byte of a field value stands; the end if there is none.
#[inline]
pub(super) fn value_end(bytes: &[u8], at: usize) -> usize {
    end(bytes, at, |byte| ((byte >= b' ') & (byte != 0x7f)) | (byte == b'\t'))
}

/// Whether any byte is not ASCII.
pub(super) fn beyond_ascii(bytes: &[u8]) -> bool {
    bytes.iter().fold(0, |all, byte| all | byte) >= 0x80
}

#[inline(always)]
fn end(bytes: &[u8], mut at: usize, belongs: impl Fn(u8) -> bool) -> usize {
    while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        // Without an early way out this is one comparison of vectors.
        if block.iter().fold(false, |any, byte| any | !belongs(*byte)) {
            break;
        }
        at += BLOCK;
    }
    rest(bytes, at, belongs)
}

#[inline(always)]
fn rest(bytes: &[u8], at: usize, belongs: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !belongs(*byte)).unwrap_or(rest.len())
}

const _: () = assert!(is_value_byte(b'\t') && !is_value_byte(0x7f), "as in `value_end`");

#[cfg(test)]
mod tests {
    use super::*;

    /// Every byte at every place of a run, blocks and rests alike.
    #[track_caller]
    fn check(end: fn(&[u8], usize) -> usize, filler: u8, belongs: fn(u8) -> bool) {
        for byte in 0..=255_u8 {
            for (before, after) in [(0, 0), (1, 40), (15, 1), (16, 3), (17, 15), (40, 16)] {
                let mut run = vec![filler; before];
                run.push(byte);
                run.resize(before + 1 + after, filler);
                let expected = if belongs(byte) { run.len() } else { before };
                assert_eq!(end(&run, 0), expected, "{byte:#x} behind {before}");
                assert_eq!(end(&run, before), expected, "{byte:#x} from {before}");
            }
        }
        assert_eq!((end(&[], 0), end(&[filler], 1), end(&[filler], 9)), (0, 1, 9));
    }

    #[test]
    fn runs_end_where_their_bytes_do() {
        check(token_end, b'x', is_token_byte);
        check(visible_end, b'/', |byte| byte.is_ascii_graphic());
        check(value_end, b' ', is_value_byte);
        check(value_end, b'\t', is_value_byte);
        check(value_end, 0xff, is_value_byte);
        assert!(beyond_ascii(b"a\x80") && !beyond_ascii(b"a\x7f") && !beyond_ascii(b""));
    }
}
