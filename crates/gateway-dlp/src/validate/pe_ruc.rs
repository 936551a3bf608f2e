//! Peruvian taxpayer numbers.

use super::digits::{is_digits, value, weighted};

/// Whether these eleven digits begin with the code of a kind of taxpayer and end with the check
/// digit.
pub(crate) fn pe_ruc(number: &[u8]) -> bool {
    let kind = value(number.get(..2).unwrap_or_default());
    let check = number.last().map(|digit| u32::from(digit & 0x0F));
    let sum = weighted(number, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    is_digits(number, 11)
        && matches!(kind, 10 | 15 | 17 | 20)
        && check == Some((11 - sum % 11) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(pe_ruc(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("10492181647", true),
            ("15157765202", true),
            ("17201115019", true),
            ("15435206597", true),
            ("10697481112", true),
            ("10492181677", false),
            ("15157765205", false),
            ("17201110019", false),
            ("15435206997", false),
            ("1049218164", false),
            ("104921816470", false),
            ("", false),
        ]);
    }
}
