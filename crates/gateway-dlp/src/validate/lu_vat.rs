//! VAT numbers of Luxembourg.

use super::digits::{is_digits, value};

/// Whether the last two of these eight digits are the rest of the others by 89.
pub(crate) fn lu_vat(number: &[u8]) -> bool {
    let (digits, check) = number.split_at(number.len().min(6));
    is_digits(number, 8) && value(digits) > 0 && value(digits) % 89 == value(check)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(lu_vat(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("85431403", true),
            ("62820644", true),
            ("07511285", true),
            ("59753275", true),
            ("66436266", true),
            ("85401403", false),
            ("62820614", false),
            ("03511285", false),
            ("59753271", false),
            ("8543140", false),
            ("854314030", false),
            ("", false),
        ]);
    }
}
