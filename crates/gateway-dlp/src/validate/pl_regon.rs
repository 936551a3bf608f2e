//! Polish business numbers.

use super::digits::{is_digits, weighted};

/// Whether the last of these 9 or 14 digits is the check digit of the others, and of the longer
/// ones the ninth too.
pub(crate) fn pl_regon(number: &[u8]) -> bool {
    let check = |len: usize, weights: &[u32]| {
        let sum = weighted(number.get(..len).unwrap_or_default(), weights);
        number.get(len).map(|digit| u32::from(digit & 0x0F)) == Some(sum % 11 % 10)
    };
    let short = number.iter().any(|digit| *digit != b'0') && check(8, &[8, 9, 2, 3, 4, 5, 6, 7]);
    let long = [2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8];
    short && (is_digits(number, 9) || (is_digits(number, 14) && check(13, &long)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(pl_regon(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("376415586", true),
            ("891366662", true),
            ("000172089", true),
            ("842916106", true),
            ("238472097", true),
            ("376415546", false),
            ("891366612", false),
            ("000122089", false),
            ("842916186", false),
            ("37641558", false),
            ("3764155860", false),
            ("", false),
        ]);
    }
}
