//! Spanish national identity numbers, and those of foreigners, which begin with a letter.

use super::digits::{is_digits, value};

/// Whether the last of these nine characters is the check letter of the number before, whose first
/// may be `X`, `Y` or `Z` for 0, 1 and 2.
pub(crate) fn es_dni(number: &[u8]) -> bool {
    let [first, digits @ .., check] = number else { return false };
    let first = match first {
        b'X' | b'Y' | b'Z' => first - b'X',
        b'0'..=b'9' => first - b'0',
        _ => return false,
    };
    let number = u64::from(first) * 10_000_000 + value(digits);
    let letter = b"TRWAGMYFPDXBNJZSQVHLCKE".get((number % 23) as usize);
    is_digits(digits, 7) && letter == Some(check)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(es_dni(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("74970376J", true),
            ("06668080N", true),
            ("05892847V", true),
            ("51091693E", true),
            ("83852511P", true),
            ("74970276J", false),
            ("06668180N", false),
            ("05892847F", false),
            ("51891693E", false),
            ("74970376", false),
            ("74970376J0", false),
            ("", false),
        ]);
    }
}
