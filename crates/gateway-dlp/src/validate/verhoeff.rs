//! The Verhoeff check digit: it shows every change of one digit and every swap of neighbours
//! (J. Verhoeff, "Error detecting decimal codes", 1969).

/// The product of the dihedral group of ten elements.
const PRODUCT: [[u8; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];

/// What is done to a digit at a place, by its distance from the end.
const PERMUTATION: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

/// Whether the last of these ASCII digits is the check digit of those before it.
pub(crate) fn verhoeff(digits: &[u8]) -> bool {
    let at = |table: &[[u8; 10]], row: usize, column: u8| {
        table.get(row).and_then(|row| row.get(usize::from(column))).copied().unwrap_or(u8::MAX)
    };
    let step = |check: u8, (place, digit): (usize, &u8)| {
        at(&PRODUCT, usize::from(check), at(&PERMUTATION, place % 8, digit & 0x0F))
    };
    digits.len() > 1 && digits.iter().rev().enumerate().fold(0, step) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers() {
        assert!(verhoeff(b"2363") && verhoeff(b"123451"));
        assert!(!verhoeff(b"2364") && !verhoeff(b"3263") && !verhoeff(b"0") && !verhoeff(b""));
    }

    #[test]
    fn each_change_of_one_digit_shows() {
        let number = b"123451".to_vec();
        for at in 0..number.len() {
            for digit in b'0'..=b'9' {
                let mut changed = number.clone();
                changed[at] = digit;
                assert_eq!(verhoeff(&changed), changed == number);
            }
        }
    }
}
