//! The slots by which RAR told lengths and distances before version 5: each stands for a number, to which bits that
//! follow are added.

use super::bits::{Bits, Fault, MALFORMED};

/// Lengths by slot: what is added, and how many bits follow.
pub(super) const LENGTH_SLOTS: [(usize, u32); 28] = [
    (0, 0),
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 1),
    (10, 1),
    (12, 1),
    (14, 1),
    (16, 2),
    (20, 2),
    (24, 2),
    (28, 2),
    (32, 3),
    (40, 3),
    (48, 3),
    (56, 3),
    (64, 4),
    (80, 4),
    (96, 4),
    (112, 4),
    (128, 5),
    (160, 5),
    (192, 5),
    (224, 5),
];
/// The same of the distances of matches of two bytes.
pub(super) const SHORT_SLOTS: [(usize, u32); 8] =
    [(0, 2), (4, 2), (8, 3), (16, 4), (32, 5), (64, 6), (128, 6), (192, 6)];

/// What a slot stands for, by a table.
pub(super) fn slot(
    slots: &[(usize, u32)],
    number: u16,
    bits: &mut Bits<'_>,
) -> Result<usize, Fault> {
    let (base, count) = slots.get(usize::from(number)).ok_or(MALFORMED)?;
    Ok(base + bits.number(*count)?)
}

/// The distance of a slot and the bits that follow: four of none, two each of one to fifteen, fourteen
/// of sixteen, the others of eighteen.
pub(super) fn distance_slot(number: u16) -> (usize, u32) {
    let number = usize::from(number);
    match number {
        0..4 => (number, 0),
        4..34 => {
            let count = number / 2 - 1;
            // At most fifteen bits.
            ((2 | number & 1) << count, count as u32)
        }
        34..48 => ((number - 32) << 16, 16),
        _ => ((number - 44) << 18, 18),
    }
}
