//! The check digit of Austrian social insurance numbers.

use super::digits::{is_digits, weighted};

/// Whether the fourth of these ten digits is the check digit of the others.
pub(crate) fn at_svnr(number: &[u8]) -> bool {
    let weights = [3, 7, 9, 0, 5, 8, 4, 2, 1, 6];
    let check = number.get(3).map(|digit| u32::from(digit & 0x0F));
    is_digits(number, 10)
        && number.first() != Some(&b'0')
        && check == Some(weighted(number, &weights) % 11)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(at_svnr(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("1750858879", true),
            ("6055859063", true),
            ("1935644156", true),
            ("5054839509", true),
            ("5622714836", true),
            ("1750856879", false),
            ("6055459063", false),
            ("7935644156", false),
            ("5058839509", false),
            ("175085887", false),
            ("17508588790", false),
            ("", false),
        ]);
    }
}
