//! Identity numbers of Singapore, of citizens and residents (`S`, `T`) and of foreigners (`F`, `G`,
//! `M`).

use super::digits::{is_digits, weighted};

/// Whether these are a letter for the kind, seven digits and the check letter for both.
pub(crate) fn sg_nric(number: &[u8]) -> bool {
    let [kind, digits @ .., check] = number else { return false };
    let sum = weighted(digits, &[2, 7, 6, 5, 4, 3, 2]);
    let (add, letters) = match kind {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    is_digits(digits, 7) && letters.get(((sum + add) % 11) as usize) == Some(check)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(sg_nric(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("S2740116C", true),
            ("T1234567J", true),
            ("F2346401L", true),
            ("G1234567X", true),
            ("M1234567K", true),
            ("S2740116D", false),
            ("A2740116C", false),
            ("S274011C", false),
            ("", false),
        ]);
    }
}
