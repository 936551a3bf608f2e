//! Turkish identity numbers.

use super::digits::{is_digits, value, weighted};

/// Whether the last two of these eleven digits are the check digits of the others.
pub(crate) fn tr_kimlik(number: &[u8]) -> bool {
    let first = (30 * 9 - weighted(number, &[3, 1, 3, 1, 3, 1, 3, 1, 3])) % 10;
    let second = (first + weighted(number, &[1; 9])) % 10;
    let check = value(number.get(9..).unwrap_or_default());
    is_digits(number, 11)
        && number.first() != Some(&b'0')
        && u64::from(first * 10 + second) == check
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(tr_kimlik(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("90449153870", true),
            ("84144466120", true),
            ("11158280916", true),
            ("59667500064", true),
            ("85491487950", true),
            ("90449153470", false),
            ("84144466150", false),
            ("11158280966", false),
            ("58667500064", false),
            ("9044915387", false),
            ("904491538700", false),
            ("", false),
        ]);
    }
}
