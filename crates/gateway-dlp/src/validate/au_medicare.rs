//! Australian Medicare card numbers.

use super::digits::{is_digits, weighted};

/// Whether these ten digits, and one for the person, begin with 2 to 6, and the ninth is the check
/// digit of those before.
pub(crate) fn au_medicare(number: &[u8]) -> bool {
    let check = number.get(8).map(|digit| u32::from(digit & 0x0F));
    (is_digits(number, 10) || is_digits(number, 11))
        && matches!(number.first(), Some(b'2'..=b'6'))
        && !matches!(number.get(9), Some(b'0'))
        && !matches!(number.get(10), Some(b'0'))
        && check == Some(weighted(number, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(au_medicare(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("2123456701", true),
            ("21234567011", true),
            ("2123456702", true),
            ("2123258701", false),
            ("212345670", false),
            ("1123456701", false),
            ("2123456700", false),
            ("", false),
        ]);
    }
}
