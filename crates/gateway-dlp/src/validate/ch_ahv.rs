//! Swiss social insurance numbers.

use super::digits::{is_digits, value, weighted};

/// Whether these thirteen digits begin with the number of the country and end with the check digit
/// of article numbers (EAN-13).
pub(crate) fn ch_ahv(number: &[u8]) -> bool {
    let sum = weighted(number, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]);
    is_digits(number, 13)
        && number.starts_with(b"756")
        && u64::from((10 - sum % 10) % 10) == value(number.get(12..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(ch_ahv(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("7566909111146", true),
            ("7567304320171", true),
            ("7568513374207", true),
            ("7568482888446", true),
            ("7567877897287", false),
            ("7563690757938", false),
            ("7563095547297", false),
            ("7561433012673", false),
            ("756690911114", false),
            ("75669091111460", false),
            ("", false),
        ]);
    }
}
