//! Thai identity numbers.

use super::digits::{is_digits, weighted};

/// Whether these 13 digits begin with 1 to 8 and end with the check digit.
pub(crate) fn th_pin(number: &[u8]) -> bool {
    let check = number.last().map(|digit| u32::from(digit & 0x0F));
    let sum = weighted(number, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    is_digits(number, 13)
        && matches!(number.first(), Some(b'1'..=b'8'))
        && check == Some((11 - sum % 11) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(th_pin(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("3720752407935", true),
            ("4889542063968", true),
            ("2786362113233", true),
            ("8360216382303", true),
            ("7003384867871", true),
            ("3720752807935", false),
            ("4889540063968", false),
            ("2786462113233", false),
            ("8360216382308", false),
            ("372075240793", false),
            ("37207524079350", false),
            ("", false),
        ]);
    }
}
