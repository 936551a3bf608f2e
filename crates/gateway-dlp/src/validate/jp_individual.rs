//! Japanese individual numbers ("My Number").

use super::digits::{is_digits, weighted};

/// Whether the last of these twelve digits is the check digit of the others.
pub(crate) fn jp_individual(number: &[u8]) -> bool {
    let check = number.last().map(|digit| u32::from(digit & 0x0F));
    let sum = weighted(number, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    is_digits(number, 12) && check == Some((11 - sum % 11) % 11 % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(jp_individual(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("413013828353", true),
            ("572607535020", true),
            ("709704167031", true),
            ("511137724574", true),
            ("776395842267", true),
            ("213013828353", false),
            ("572607535720", false),
            ("609704167031", false),
            ("516137724574", false),
            ("41301382835", false),
            ("4130138283530", false),
            ("", false),
        ]);
    }
}
