//! A gzip file that holds itself: unpacking it gives the same file, for ever.
//!
//! The construction is that of Russ Cox, "Zip Files All The Way Down" (2010): every block of its
//! stream takes five bytes, so that four of them can be named and repeated by another one.

use std::io::Read as _;

/// Bytes of a block.
const UNIT: usize = 5;

/// A block that says that four units follow as they are.
const LITERAL: [u8; UNIT] = [0, 4 * UNIT as u8, 0, !(4 * UNIT as u8), 0xff];

/// A block that says that the last four units come once more: twice ten bytes from twenty bytes before, by
/// the fixed code.
fn repeat() -> [u8; UNIT] {
    let (mut bits, mut len) = (0u64, 0);
    let mut put = |value: u64, count: u32| {
        bits |= value << len;
        len += count;
    };
    // Codes go the other way round than numbers.
    let code = |value: u64, count: u32| value.reverse_bits() >> (64 - count);
    put(1 << 1, 3);
    for _ in 0..2 {
        put(code(264 - 256, 7), 7);
        put(code(8, 5), 5);
        put(20 - 17, 3);
    }
    put(0, 7);
    assert_eq!(len as usize, 8 * UNIT);
    let [block @ .., _, _, _] = bits.to_le_bytes();
    block
}

/// What it ends with: two empty blocks, the sum of what it unpacks to, and how many bytes that is.
fn tail(crc: u32) -> [u8; 3 * UNIT] {
    let len = 24 * UNIT as u32;
    let parts = [&[0, 0, 0, 0xff, 0xff, 3, 0][..], &crc.to_le_bytes(), &len.to_le_bytes()];
    parts.concat().try_into().unwrap()
}

/// The file, if this were its sum. Below it, line by line, is what each line unpacks to:
///
/// ```text
/// head  L head L   R        L R L R L   R            L R tail  R       tail
///         head L   head L     R L R L   R L R L        R tail  R tail
/// ```
fn with(name: [u8; 4], crc: u32) -> Vec<u8> {
    let head = [&[0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3][..], &name, &[0]].concat();
    let (l, r, tail) = (&LITERAL[..], &repeat()[..], &tail(crc)[..]);
    [&head, l, &head, l, r, l, r, l, r, l, r, l, r, tail, r, tail].concat()
}

/// The sum `x` for which `sum(x) == x`, if there is one: `sum` is linear over bits but for `sum(0)`.
fn fixed_point(sum: impl Fn(u32) -> u32) -> Option<u32> {
    let zero = sum(0);
    // Row by row of a system of equations: what bits of x come to bit `row`, and its right side.
    let mut rows: Vec<(u32, bool)> = (0..32)
        .map(|row| {
            let bit = |x: u32| ((sum(1 << x) ^ zero) >> row & 1) << x;
            ((0..32).map(bit).fold(1 << row, |all, one| all ^ one), zero >> row & 1 == 1)
        })
        .collect();
    for column in 0..32 {
        let pivot = (column..32).find(|row| rows[*row].0 >> column & 1 == 1)?;
        rows.swap(column, pivot);
        let (bits, right) = rows[column];
        for (row, one) in rows.iter_mut().enumerate() {
            if row != column && one.0 >> column & 1 == 1 {
                *one = (one.0 ^ bits, one.1 ^ right);
            }
        }
    }
    Some((0..32).map(|row| u32::from(rows[row].1) << row).sum())
}

/// The file.
pub(super) fn quine() -> Vec<u8> {
    let named = |n: u8| {
        let name = [b'q', b'0' + n / 10, b'0' + n % 10, b'z'];
        fixed_point(|crc| crc32fast::hash(&with(name, crc))).map(|crc| with(name, crc))
    };
    (0..100).find_map(named).expect("one of a hundred")
}

#[test]
fn it_unpacks_to_itself() {
    let quine = quine();
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&quine[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, quine);
    assert_eq!(quine.len(), 120);
}
