//! Hungarian tax numbers of companies, without the code of the kind and of the county.

use super::digits::{is_digits, weighted};

/// Whether these eight digits are a multiple of ten by their weights.
pub(crate) fn hu_tax(number: &[u8]) -> bool {
    is_digits(number, 8) && weighted(number, &[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(hu_tax(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("72448957", true),
            ("33917472", true),
            ("90809815", true),
            ("59161286", true),
            ("42617974", true),
            ("72448757", false),
            ("23917472", false),
            ("90809811", false),
            ("59461286", false),
            ("7244895", false),
            ("724489570", false),
            ("", false),
        ]);
    }
}
