//! The check digit of Austrian VAT numbers.

use super::digits::is_digits;

/// Whether these are `U`, seven digits and their check digit: that of Luhn, less four.
pub(crate) fn at_vat(number: &[u8]) -> bool {
    let Some((b'U', digits)) = number.split_first() else { return false };
    let weigh = |(place, digit): (usize, &u8)| match place % 2 {
        0 => u32::from(digit & 0x0F),
        _ => u32::from(digit & 0x0F) * 2 / 10 + u32::from(digit & 0x0F) * 2 % 10,
    };
    let sum: u32 = digits.iter().take(7).enumerate().map(weigh).sum();
    let check = digits.last().map(|digit| u32::from(digit & 0x0F));
    is_digits(digits, 8) && check == Some((96 - sum) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(at_vat(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("U43490940", true),
            ("U20954616", true),
            ("U44618204", true),
            ("U63824669", true),
            ("U63129420", true),
            ("U43490950", false),
            ("U23954616", false),
            ("U44612204", false),
            ("L63824669", false),
            ("U4349094", false),
            ("U434909400", false),
            ("", false),
        ]);
    }
}
