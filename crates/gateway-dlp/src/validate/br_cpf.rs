//! Brazilian taxpayer numbers.

use super::digits::{is_digits, weighted};

/// Whether the last two of these eleven digits are the check digits of the others, not all the
/// same.
pub(crate) fn br_cpf(number: &[u8]) -> bool {
    let check = |len: usize, weights: &[u32]| {
        let sum = weighted(number.get(..len).unwrap_or_default(), weights);
        let digit = (11 - sum % 11) % 11 % 10;
        number.get(len).map(|byte| u32::from(byte & 0x0F)) == Some(digit)
    };
    is_digits(number, 11)
        && number.iter().any(|digit| Some(digit) != number.first())
        && check(9, &[10, 9, 8, 7, 6, 5, 4, 3, 2])
        && check(10, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(br_cpf(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("55424638600", true),
            ("40319312712", true),
            ("64836492408", true),
            ("66379073086", true),
            ("31802342532", true),
            ("55454638600", false),
            ("40319312212", false),
            ("69836492408", false),
            ("96379073086", false),
            ("5542463860", false),
            ("554246386000", false),
            ("", false),
        ]);
    }
}
