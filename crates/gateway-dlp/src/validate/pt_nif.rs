//! Portuguese tax numbers.

use super::digits::{is_digits, weighted};

/// Whether the last of these nine digits is the check digit of the others.
pub(crate) fn pt_nif(number: &[u8]) -> bool {
    let check = number.last().map(|digit| u32::from(digit & 0x0F));
    let sum = weighted(number, &[9, 8, 7, 6, 5, 4, 3, 2]);
    is_digits(number, 9)
        && number.first() != Some(&b'0')
        && check == Some((11 - sum % 11) % 11 % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(pt_nif(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("891069879", true),
            ("178889490", true),
            ("213019370", true),
            ("823090299", true),
            ("306652692", true),
            ("891039879", false),
            ("178889470", false),
            ("013019370", false),
            ("829090299", false),
            ("89106987", false),
            ("8910698790", false),
            ("", false),
        ]);
    }
}
