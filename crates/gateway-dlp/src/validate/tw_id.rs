//! Identity numbers of Taiwan, of citizens and of residents.

use super::digits::{is_digits, weighted};

/// Whether these are a letter for the place, a digit or letter for the sex, and eight digits whose
/// last checks all.
pub(crate) fn tw_id(number: &[u8]) -> bool {
    const PLACES: &[u8] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let [place, sex, digits @ ..] = number else { return false };
    let Some(code) = PLACES.iter().position(|letter| letter == place) else { return false };
    let code = code as u32 + 10;
    let sex = match sex {
        b'1' | b'2' | b'8' | b'9' => u32::from(sex & 0x0F),
        _ => return false,
    };
    let sum = code / 10 + code % 10 * 9 + sex * 8 + weighted(digits, &[7, 6, 5, 4, 3, 2, 1, 1]);
    is_digits(digits, 8) && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(tw_id(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("A123456789", true),
            ("A223456781", true),
            ("A123456780", false),
            ("A323456789", false),
            ("1123456789", false),
            ("", false),
        ]);
    }
}
