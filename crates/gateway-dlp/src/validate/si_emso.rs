//! Slovenian personal numbers, which Yugoslavia gave to all of its citizens.

use super::date::is_birth_date;
use super::digits::{is_digits, value, weighted};

/// Whether these thirteen digits are a date with three digits for the year, a region, a serial
/// number and the check digit, for which 0 stands where it would be 10.
pub(crate) fn si_emso(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let year = match part(4..7) {
        year @ 800.. => 1000 + year,
        year => 2000 + year,
    };
    let sum = weighted(number, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    let check = u64::from((11 - sum % 11) % 11 % 10);
    is_digits(number, 13)
        && is_birth_date(year, part(2..4), part(0..2))
        && matches!(part(7..9), 1..=96)
        && check == part(12..13)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(si_emso(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("1808992501970", true),
            ("1411978503393", true),
            ("1905970504563", true),
            ("1203981501693", true),
            ("0101954501060", true),
            ("0505966501774", false),
            ("2203953505144", false),
            ("1003937504352", false),
            ("1308956522223", false),
            ("141197850339", false),
            ("14119785033930", false),
            ("", false),
        ]);
    }
}
