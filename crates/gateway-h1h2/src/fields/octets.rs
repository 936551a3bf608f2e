//! Where a run of bytes of one kind ends: names, targets and values, by blocks of 16 bytes, each
//! compared at once and boiled down to a bit for every byte.
//!
//! Places are found by arithmetic and not by loops: how long names and values are, no branch
//! predictor knows.

use wide::u8x16;

use super::{is_token_byte, is_value_byte};

const BLOCK: usize = 16;

/// The first place from `at` on where no token byte stands; the end if there is none.
pub(crate) fn token_end(bytes: &[u8], at: usize) -> usize {
    rest(bytes, at, is_token_byte)
}

/// The same, made for field names: what ends a token there is a colon.
#[inline(always)]
pub(crate) fn name_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(block) = block(bytes, at) {
        // Letters, digits and hyphens, of which nearly all names consist.
        let letters = within::<b'a', b'z'>(block | u8x16::splat(0x20));
        let plain = letters | within::<b'0', b'9'>(block) | block.simd_eq(u8x16::splat(b'-'));
        if let Some(place) = first(!plain) {
            at += place;
            if bytes.get(at) == Some(&b':') {
                return at;
            }
            break;
        }
        at += BLOCK;
    }
    token_end(bytes, at)
}

/// The first place from `at` on that is not visible ASCII; the end if there is none.
pub(crate) fn visible_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(block) = block(bytes, at) {
        if let Some(place) = first(!within::<0x21, 0x7e>(block)) {
            return at + place;
        }
        at += BLOCK;
    }
    rest(bytes, at, |byte| byte.is_ascii_graphic())
}

/// The first place from `at` on where no byte of a field value stands; the end if there is none.
#[inline(always)]
pub(crate) fn value_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(block) = block(bytes, at) {
        let controls = within::<0, 0x1f>(block) | block.simd_eq(u8x16::splat(0x7f));
        if let Some(place) = first(controls & !block.simd_eq(u8x16::splat(b'\t'))) {
            return at + place;
        }
        at += BLOCK;
    }
    rest(bytes, at, is_value_byte)
}

/// Whether any byte is not ASCII.
pub(crate) fn beyond_ascii(bytes: &[u8]) -> bool {
    bytes.iter().fold(0, |all, byte| all | byte) >= 0x80
}

#[inline(always)]
fn block(bytes: &[u8], at: usize) -> Option<u8x16> {
    let block = bytes.get(at..).and_then(<[u8]>::first_chunk);
    block.map(|block: &[u8; BLOCK]| u8x16::new(*block))
}

/// Marks the bytes from `LEAST` to `MOST`.
#[inline(always)]
fn within<const LEAST: u8, const MOST: u8>(block: u8x16) -> u8x16 {
    let above = block - u8x16::splat(LEAST);
    above.min(u8x16::splat(MOST - LEAST)).simd_eq(above)
}

/// The place of the first byte that is marked. That there is none is left to a branch: the next block
/// would wait for the sum otherwise.
#[inline(always)]
fn first(marks: u8x16) -> Option<usize> {
    let bits = marks.to_bitmask();
    (bits != 0).then(|| bits.trailing_zeros() as usize)
}

/// The first place from `at` on, byte by byte, of one that does not belong.
#[inline(always)]
fn rest(bytes: &[u8], at: usize, belongs: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !belongs(*byte)).unwrap_or(rest.len())
}

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

    #[test]
    fn names_end_at_what_comes_first() {
        let others = b"_-9aZ\r\n\t \"/@[`{~\x00\x10\x7f\x80\xad\xff:";
        for (colon, other) in (0..36).flat_map(|colon| (0..36).map(move |other| (colon, other))) {
            for byte in others {
                let mut name = *b"Content-Type-0Content-Type-1Content-Type";
                (name[colon], name[other]) = (b':', *byte);
                assert_eq!(name_end(&name, 0), token_end(&name, 0), "{}", name.escape_ascii());
                assert_eq!(name_end(&name, 3), token_end(&name, 3), "{}", name.escape_ascii());
            }
        }
    }
}
