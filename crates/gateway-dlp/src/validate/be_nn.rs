//! Belgian national numbers.

use super::date::LAST_BIRTH_YEAR;
use super::digits::{is_digits, value};

/// Whether the last two of these eleven digits are 97 less the rest of the others, before which
/// those born since 2000 have a 2, by 97, and the third and fourth may be a month, to which 20 or 40
/// is added in numbers of those who do not live in Belgium.
pub(crate) fn be_nn(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let check = |digits| 97 - digits % 97 == part(9..11);
    let is_young = 2000 + part(0..2) <= LAST_BIRTH_YEAR;
    // Months and days that are not known may be any.
    is_digits(number, 11)
        && matches!(part(2..4), 0..=12 | 20..=32 | 40..=52)
        && value(number) > 0
        && (check(part(0..9)) || (is_young && check(2_000_000_000 + part(0..9))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(be_nn(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("54111576989", true),
            ("76074167531", true),
            ("76038902685", true),
            ("15105609891", true),
            ("97126760786", true),
            ("76271407529", true),
            ("76471407572", true),
            ("76671407518", false),
            ("54111573989", false),
            ("74074167531", false),
            ("76038802685", false),
            ("15101609891", false),
            ("5411157698", false),
            ("541115769890", false),
            ("", false),
        ]);
    }
}
