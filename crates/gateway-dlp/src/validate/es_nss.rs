//! Spanish social security numbers.

use super::digits::{is_digits, value};

/// Whether these twelve digits are a province, a number and the rest of both by 97.
pub(crate) fn es_nss(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    // The zero at the front of a small number is left out when the check is made.
    let body = match part(2..10) {
        small @ 0..10_000_000 => part(0..2) * 10_000_000 + small,
        large => part(0..2) * 100_000_000 + large,
    };
    is_digits(number, 12) && matches!(part(0..2), 1..=53) && body % 97 == part(10..12)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(es_nss(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("281234567840", true),
            ("281234567841", false),
            ("28123456784", false),
            ("991234567840", false),
            ("", false),
        ]);
    }
}
