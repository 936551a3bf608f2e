//! Polish tax numbers.

use super::digits::{is_digits, weighted};

/// Whether the last of these ten digits is the check digit of the others.
pub(crate) fn pl_nip(number: &[u8]) -> bool {
    let check = number.last().map(|digit| u32::from(digit & 0x0F));
    let sum = weighted(number, &[6, 5, 7, 2, 3, 4, 5, 6, 7]);
    is_digits(number, 10) && sum > 0 && check == Some(sum % 11)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(pl_nip(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("2626681315", true),
            ("4856110787", true),
            ("9940553797", true),
            ("8921529053", true),
            ("5069564236", true),
            ("2626682315", false),
            ("3856110787", false),
            ("9340553797", false),
            ("8921529023", false),
            ("262668131", false),
            ("26266813150", false),
            ("", false),
        ]);
    }
}
