//! German tax identification numbers.

use super::digits::is_digits;
use super::iso7064::mod_11_10;

/// Whether in the first ten of these eleven digits exactly one digit comes twice or three times,
/// and the last is their check digit by ISO 7064 MOD 11,10.
pub(crate) fn de_tax_id(number: &[u8]) -> bool {
    let mut counts = [0_u32; 10];
    for digit in number.iter().take(10) {
        if let Some(count) = counts.get_mut(usize::from(digit & 0x0F)) {
            *count += 1;
        }
    }
    let repeated: Vec<u32> = counts.into_iter().filter(|count| *count > 1).collect();
    is_digits(number, 11)
        && number.first() != Some(&b'0')
        && matches!(repeated.as_slice(), [2 | 3])
        && mod_11_10(number)
}

/// Whether in the first ten of these eleven digits none comes more than three times, and the last is
/// their check digit.
pub(crate) fn de_tax_id_check(number: &[u8]) -> bool {
    let count = |digit: u8| number.iter().take(10).filter(|other| **other == digit).count();
    is_digits(number, 11)
        && number.first() != Some(&b'0')
        && (b'0'..=b'9').all(|digit| count(digit) <= 3)
        && mod_11_10(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(de_tax_id(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("10373329466", true),
            ("33710954685", true),
            ("91607877529", true),
            ("76119150344", true),
            ("13957028675", true),
            ("10373323466", false),
            ("33700954685", false),
            ("91407877529", false),
            ("76118150344", false),
            ("1037332946", false),
            ("103733294660", false),
            ("", false),
        ]);
    }
}
