//! Russian pension insurance numbers (SNILS).

use super::digits::{is_digits, value, weighted};

/// Whether the last two of these eleven digits are the sum of the others by their places, by 101.
pub(crate) fn ru_snils(number: &[u8]) -> bool {
    let sum = weighted(number, &[9, 8, 7, 6, 5, 4, 3, 2, 1]);
    let part = |range| value(number.get(range).unwrap_or_default());
    // Numbers up to 001-001-998 have no check digits that hold.
    is_digits(number, 11) && part(0..9) > 1_001_998 && u64::from(sum % 101 % 100) == part(9..11)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(ru_snils(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("11559923175", true),
            ("18964329733", true),
            ("12340030887", true),
            ("18005638652", true),
            ("13045755440", false),
            ("18340530150", false),
            ("16152932553", false),
            ("12737424347", false),
            ("1155992317", false),
            ("115599231750", false),
            ("", false),
        ]);
    }
}
