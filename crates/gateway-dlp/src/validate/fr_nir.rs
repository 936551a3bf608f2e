//! French social security numbers.

use super::digits::{is_digits, value};

/// Whether these 13 digits, of which the sixth and seventh may be `2A` or `2B` for Corsica, and two
/// check digits are right.
pub(crate) fn fr_nir(number: &[u8]) -> bool {
    let (body, check) = number.split_at(number.len().min(13));
    let department = match body.get(5..7) {
        Some(b"2A") => *b"19",
        Some(b"2B") => *b"18",
        Some([tens, ones]) => [*tens, *ones],
        _ => return false,
    };
    let mut digits = body.to_vec();
    digits.splice(5..7, department);
    is_digits(&digits, 13)
        && is_digits(check, 2)
        && matches!(digits.first(), Some(b'1'..=b'4' | b'7' | b'8'))
        && 97 - value(&digits) % 97 == value(check)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(fr_nir(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("288996446140824", true),
            ("331985265726554", true),
            ("205826482993512", true),
            ("411353835080701", true),
            ("445118702749336", true),
            ("288996446150824", false),
            ("331985263726554", false),
            ("205826482793512", false),
            ("411353835080791", false),
            ("28899644614082", false),
            ("2889964461408240", false),
            ("", false),
        ]);
    }
}
