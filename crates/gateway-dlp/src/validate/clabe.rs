//! Mexican standardised bank codes.

use super::digits::is_digits;

/// Whether these 18 digits are a multiple of ten by their weights, of which each product counts
/// modulo ten.
pub(crate) fn clabe(number: &[u8]) -> bool {
    let weights = [3, 7, 1].into_iter().cycle();
    let sum: u32 =
        number.iter().take(17).zip(weights).map(|(d, w)| u32::from(d & 0x0F) * w % 10).sum();
    let check = number.last().map(|digit| u32::from(digit & 0x0F));
    is_digits(number, 18) && sum > 0 && check == Some((10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(clabe(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("032180000118359719", true),
            ("002010077777777771", true),
            ("646180110400000007", true),
            ("032180000118359718", false),
            ("03218000011835971", false),
            ("", false),
        ]);
    }
}
