//! Personal codes of Estonia and Lithuania.

use super::date::is_birth_date;
use super::digits::{is_digits, value, weighted};

/// Whether these eleven digits are the sex and century, a date and a serial number, and the check
/// digit.
pub(crate) fn ee_ik(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let century = 1700 + 100 * part(0..1).div_ceil(2);
    let rest = |weights: &[u32]| weighted(number, weights) % 11;
    let check = match rest(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) {
        10 => rest(&[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 10,
        first => first,
    };
    is_digits(number, 11)
        && matches!(number.first(), Some(b'1'..=b'6'))
        && is_birth_date(century + part(1..3), part(3..5), part(5..7))
        && u64::from(check) == part(10..11)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(ee_ik(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("51002107830", true),
            ("41111053723", true),
            ("50409227905", true),
            ("31411060808", true),
            ("50709052776", false),
            ("31309121859", false),
            ("50510011416", false),
            ("61906186126", false),
            ("5100210783", false),
            ("510021078300", false),
            ("", false),
        ]);
    }
}
