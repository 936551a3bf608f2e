//! VAT numbers of the United Kingdom.

use super::digits::{is_digits, value, weighted};

/// Whether the last two of these nine digits are right by 97, as they were given first, or by 97
/// with 55 more or less, as since 2010; three more digits may be a branch.
pub(crate) fn gb_vat(number: &[u8]) -> bool {
    let Some((number, branch)) = number.split_at_checked(9) else { return false };
    let check = value(number.get(7..).unwrap_or_default());
    let sum = u64::from(weighted(number, &[8, 7, 6, 5, 4, 3, 2])) + check;
    is_digits(number, 9)
        && (branch.is_empty() || is_digits(branch, 3))
        && value(number) > 100
        && matches!(sum % 97, 0 | 42 | 55)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(gb_vat(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("328247509", true),
            ("631755875", true),
            ("925049763", true),
            ("952209864", true),
            ("928564102", false),
            ("689225188", false),
            ("141685235", false),
            ("192349237", false),
            ("32824750", false),
            ("", false),
        ]);
    }
}
