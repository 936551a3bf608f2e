//! Austrian tax numbers.

use super::digits::{is_digits, value};
use super::luhn::luhn;

/// Whether these nine digits begin with the number of a tax office and end with the Luhn check
/// digit.
pub(crate) fn at_tax(number: &[u8]) -> bool {
    let office = value(number.get(..2).unwrap_or_default());
    is_digits(number, 9) && OFFICES.contains(&office) && luhn(number)
}

/// The tax offices.
const OFFICES: &[u64] = &[
    3, 4, 6, 7, 8, 9, 10, 12, 15, 16, 18, 22, 23, 29, 33, 38, 41, 46, 51, 52, 53, 54, 57, 59, 61,
    65, 67, 68, 69, 71, 72, 81, 82, 83, 84, 90, 91, 93, 97, 98,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(at_tax(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("692300130", true),
            ("335600573", true),
            ("524084696", true),
            ("032130965", true),
            ("413602194", true),
            ("692320130", false),
            ("335609573", false),
            ("524084695", false),
            ("032330965", false),
            ("69230013", false),
            ("6923001300", false),
            ("", false),
        ]);
    }
}
