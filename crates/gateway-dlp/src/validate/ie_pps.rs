//! Irish personal public service numbers.

use super::digits::{is_digits, weighted};

/// Whether these are seven digits, their check letter and, for newer ones, a letter that counts
/// too.
pub(crate) fn ie_pps(number: &[u8]) -> bool {
    let (digits, letters) = number.split_at(number.len().min(7));
    let (check, extra) = match letters {
        [check] | [check, b'W' | b'T' | b'X'] => (check, 0),
        [check, letter @ (b'A' | b'B' | b'H')] => (check, u32::from(letter - b'A') + 1),
        _ => return false,
    };
    let sum = weighted(digits, &[8, 7, 6, 5, 4, 3, 2]) + 9 * extra;
    is_digits(digits, 7) && b"WABCDEFGHIJKLMNOPQRSTUV".get((sum % 23) as usize) == Some(check)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(ie_pps(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("5983791P", true),
            ("1221815OX", true),
            ("1121990LA", true),
            ("3871766JA", true),
            ("1434789F", true),
            ("5989791P", false),
            ("1221805OX", false),
            ("1121990LE", false),
            ("3871766VA", false),
            ("5983791", false),
            ("5983791P0", false),
            ("", false),
        ]);
    }
}
