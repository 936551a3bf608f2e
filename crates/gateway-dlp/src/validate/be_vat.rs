//! Belgian enterprise numbers, which are VAT numbers too.

use super::digits::{is_digits, value};

/// Whether these ten digits begin with 0 or 1, and the last two are 97 less the rest of the others
/// by 97.
pub(crate) fn be_vat(number: &[u8]) -> bool {
    let (digits, check) = number.split_at(number.len().min(8));
    is_digits(number, 10)
        && matches!(number.first(), Some(b'0' | b'1'))
        && value(number) > 0
        && (value(digits) + value(check)).is_multiple_of(97)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(be_vat(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("0841290698", true),
            ("0316202875", true),
            ("0367991373", true),
            ("1248702378", true),
            ("0302029888", true),
            ("0841290695", false),
            ("0316202855", false),
            ("0367991370", false),
            ("1248702338", false),
            ("084129069", false),
            ("08412906980", false),
            ("", false),
        ]);
    }
}
