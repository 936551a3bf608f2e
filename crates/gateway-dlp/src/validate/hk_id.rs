//! Identity card numbers of Hong Kong.

use super::digits::base36;
use super::distinct::distinct;

/// Whether these are one or two letters, six digits and the check digit, `A` for ten, of which more
/// than three are different.
pub(crate) fn hk_id(number: &[u8]) -> bool {
    let letters = number.len().saturating_sub(7);
    let Some((check, body)) = number.split_last() else { return false };
    let check = match check {
        b'A' => 10,
        b'0'..=b'9' => u32::from(check & 0x0F),
        _ => return false,
    };
    // A missing first letter counts as a space, which has the value after `Z`.
    let first = if letters == 1 { Some(36) } else { None };
    let values = first.into_iter().chain(body.iter().map(|byte| base36(*byte)));
    let sum: u32 = values.zip((2..=9).rev()).map(|(value, weight)| value * weight).sum();
    matches!(letters, 1 | 2)
        && distinct(number) > 3
        && body.iter().take(letters).all(u8::is_ascii_uppercase)
        && body.iter().skip(letters).all(u8::is_ascii_digit)
        && (sum + check).is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(hk_id(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("A1234563", true),
            ("G123456A", true),
            ("AB9876543", true),
            ("A1234564", false),
            ("A123456", false),
            ("1234567", false),
            ("B4000000", false),
            ("", false),
        ]);
    }
}
