//! Where a run of bytes of one kind ends: names, targets and values, by blocks of 16 bytes that the
//! compiler makes vectors of, and words in which all bytes are compared at once.
//!
//! Places are found by arithmetic and not by loops: how long names and values are, no branch
//! predictor knows.

use crate::fields::{is_token_byte, is_value_byte};

const BLOCK: usize = 16;
/// A word of bytes that are 1.
const ONES: u64 = u64::from_ne_bytes([1; 8]);
/// The high bit of every byte.
const HIGHS: u64 = ONES << 7;

/// The first place from `at` on where no token byte stands; the end if there is none.
pub(super) fn token_end(bytes: &[u8], at: usize) -> usize {
    rest(bytes, at, is_token_byte)
}

/// The same, made for field names: what ends a token there is a colon.
#[inline]
pub(super) fn name_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(block) = block(bytes, at) {
        let length = first(block, |word| zeros(word ^ (ONES * b':' as u64)));
        if has_marks(block, IN_FRONT.get(length).unwrap_or(&[true; BLOCK])) {
            break;
        }
        at += length;
        if length < BLOCK {
            return at;
        }
    }
    token_end(bytes, at)
}

/// Whether any of these bytes of a block is neither letter nor digit nor hyphen, of which nearly all
/// names consist. A function of its own: among other arithmetic it would not become a vector.
#[inline(never)]
fn has_marks(block: &[u8; BLOCK], looked_at: &[bool; BLOCK]) -> bool {
    block.iter().zip(looked_at).fold(false, |any, (byte, looked_at)| {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        any | (!(letter | digit | (*byte == b'-')) & looked_at)
    })
}

/// The first place from `at` on that is not visible ASCII; the end if there is none.
pub(super) fn visible_end(bytes: &[u8], mut at: usize) -> usize {
    let visible = |byte: u8| byte.wrapping_sub(0x21) <= 0x7e - 0x21;
    while let Some(block) = block(bytes, at) {
        if block.iter().fold(false, |any, byte| any | !visible(*byte)) {
            break;
        }
        at += BLOCK;
    }
    rest(bytes, at, visible)
}

/// The first place from `at` on where no byte of a field value stands; the end if there is none.
#[inline]
pub(super) fn value_end(bytes: &[u8], mut at: usize) -> usize {
    loop {
        at = control(bytes, at);
        if bytes.get(at) != Some(&b'\t') {
            return at;
        }
        at += 1;
    }
}

/// The first place from `at` on of a control character.
#[inline]
fn control(bytes: &[u8], mut at: usize) -> usize {
    let is_control = |byte: u8| (byte < b' ') | (byte == 0x7f);
    while let Some(block) = block(bytes, at) {
        if block.iter().fold(false, |any, byte| any | is_control(*byte)) {
            return at
                + first(block, |word| {
                    let below_blank = word.wrapping_sub(ONES * b' ' as u64) & !word & HIGHS;
                    below_blank | zeros(word ^ (ONES * 0x7f))
                });
        }
        at += BLOCK;
    }
    rest(bytes, at, |byte| !is_control(byte))
}

/// Whether any byte is not ASCII.
pub(super) fn beyond_ascii(bytes: &[u8]) -> bool {
    bytes.iter().fold(0, |all, byte| all | byte) >= 0x80
}

#[inline(always)]
fn block(bytes: &[u8], at: usize) -> Option<&[u8; BLOCK]> {
    bytes.get(at..).and_then(<[u8]>::first_chunk)
}

/// The place in a block of the first byte that `marks` marks, or its length. Marks are high bits;
/// those behind the first one do not count.
#[inline(always)]
fn first(block: &[u8; BLOCK], marks: impl Fn(u64) -> u64) -> usize {
    let (low, high) = (word::<0>(block), word::<8>(block));
    let (low, high) = (marks(low), marks(high));
    let place = if low == 0 { 64 + high.trailing_zeros() } else { low.trailing_zeros() };
    place as usize / 8
}

/// Eight bytes of a block, the first one lowest.
#[inline(always)]
fn word<const AT: usize>(block: &[u8; BLOCK]) -> u64 {
    let bytes = block.get(AT..).and_then(<[u8]>::first_chunk);
    bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Marks the first byte that is 0: no byte before it lends to it.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

/// So many bytes at the front of a block.
static IN_FRONT: [[bool; BLOCK]; BLOCK + 1] = {
    let (mut masks, mut length) = ([[false; BLOCK]; BLOCK + 1], 0);
    while length <= BLOCK {
        let mut place = 0;
        while place < length {
            masks[length][place] = true;
            place += 1;
        }
        length += 1;
    }
    masks
};

/// The first place from `at` on, byte by byte, of one that does not belong.
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
        check(name_end, b'x', is_token_byte);
        check(name_end, b'_', is_token_byte);
        check(visible_end, b'/', |byte| byte.is_ascii_graphic());
        check(value_end, b' ', is_value_byte);
        check(value_end, b'\t', is_value_byte);
        check(value_end, 0xff, is_value_byte);
        assert!(beyond_ascii(b"a\x80") && !beyond_ascii(b"a\x7f") && !beyond_ascii(b""));
    }
}
