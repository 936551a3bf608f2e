//! US registration numbers of those who prescribe controlled substances (Drug Enforcement
//! Administration).

use super::digits::{is_digits, weighted};

/// Whether these are a letter for the kind, a letter or `9`, six digits and their check digit.
pub(crate) fn dea(number: &[u8]) -> bool {
    let [kind, second, digits @ ..] = number else { return false };
    let sum = weighted(digits, &[1, 2, 1, 2, 1, 2]);
    b"ABCDEFGHJKLMPRSTUX".contains(kind)
        && (second.is_ascii_uppercase() || *second == b'9')
        && is_digits(digits, 7)
        && digits.iter().any(|digit| *digit != b'0')
        && digits.last().map(|digit| u32::from(digit & 0x0F)) == Some(sum % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(dea(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("GL0285191", true),
            ("EU4488929", true),
            ("K92993548", true),
            ("BB1388568", true),
            ("BG8207031", false),
            ("ZL0285191", false),
            ("GL028519", false),
            ("", false),
        ]);
    }
}
