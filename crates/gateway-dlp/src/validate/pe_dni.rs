//! Peruvian identity numbers with their check character.

use super::digits::{is_digits, weighted};

/// Whether the last of these nine characters is the check digit, or the check letter, of the eight
/// digits before.
pub(crate) fn pe_dni(number: &[u8]) -> bool {
    let Some((check, digits)) = number.split_last() else { return false };
    let rest = (weighted(digits, &[3, 2, 7, 6, 5, 4, 3, 2]) % 11) as usize;
    is_digits(digits, 8)
        && [b"65432110987".get(rest), b"KJIHGFEDCBA".get(rest)].contains(&Some(check))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(pe_dni(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("787822288", true),
            ("261632034", true),
            ("593446340", true),
            ("313040939", true),
            ("933597178", true),
            ("787822248", false),
            ("211632034", false),
            ("593446640", false),
            ("315040939", false),
            ("7878222880", false),
            ("", false),
        ]);
    }
}
