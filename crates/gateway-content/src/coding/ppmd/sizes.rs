//! The sizes that blocks of units have: 1 to 4 units, from there on by 2, by 3 and by 4.

/// How many there are.
pub(super) const SIZES: usize = 38;
/// Units of the largest.
pub(super) const UNITS_MAX: u32 = 128;

/// Units of the blocks of each size.
pub(super) const SIZE_UNITS: [u32; SIZES] = size_units();
/// The first size that holds so many units.
const UNITS_SIZE: [u8; UNITS_MAX as usize + 1] = units_size();

const fn size_units() -> [u32; SIZES] {
    let mut all = [0; SIZES];
    let (mut i, mut units) = (0, 0);
    while i < SIZES {
        units += if i < 12 { i as u32 / 4 + 1 } else { 4 };
        all[i] = units;
        i += 1;
    }
    all
}

const fn units_size() -> [u8; UNITS_MAX as usize + 1] {
    let mut all = [0; UNITS_MAX as usize + 1];
    let (mut units, mut size) = (0, 0);
    while units < all.len() {
        if SIZE_UNITS[size] < units as u32 {
            size += 1;
        }
        all[units] = size as u8;
        units += 1;
    }
    all
}

/// Units of a block of a size.
pub(super) fn units_of(size: usize) -> u32 {
    SIZE_UNITS.get(size).copied().unwrap_or(UNITS_MAX)
}

/// The least size of a block of so many units.
pub(super) fn size_of(units: u32) -> usize {
    UNITS_SIZE.get(units as usize).map_or(SIZES - 1, |size| usize::from(*size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_of_units_has_the_least_size_that_holds_it() {
        assert_eq!([3, 4, 8, 12, 37].map(units_of), [4, 6, 15, 28, 128]);
        for units in 1..=UNITS_MAX {
            let size = size_of(units);
            assert!(
                units_of(size) >= units && (size == 0 || units_of(size - 1) < units),
                "{units}"
            );
        }
    }
}
