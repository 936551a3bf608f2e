//! Finnish personal identity codes, without the sign that tells the century, or with the letter for
//! it.

use super::date::is_recent_date;
use super::digits::{is_digits, value};

/// Whether these begin with a date, hold a number of a person, which is temporary from 900 on, and
/// end with the check character.
pub(crate) fn fi_hetu(number: &[u8]) -> bool {
    let (date, rest) = number.split_at(number.len().min(6));
    let individual = rest.get(..rest.len().saturating_sub(1)).unwrap_or_default();
    let individual = individual.get(individual.len().saturating_sub(3)..).unwrap_or_default();
    let part = |range| value(date.get(range).unwrap_or_default());
    let check = (value(date) * 1000 + value(individual)) % 31;
    let letter = b"0123456789ABCDEFHJKLMNPRSTUVWXY".get(check as usize);
    let century = rest.len() == 4
        || (rest.len() == 5 && rest.first().is_some_and(|c| b"ABCDEFUVWXY".contains(c)));
    is_digits(date, 6)
        && century
        && is_digits(individual, 3)
        && value(individual) >= 2
        && is_recent_date(part(4..6), part(2..4), part(0..2))
        && number.last() == letter
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(fi_hetu(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("100918Y3344", true),
            ("030566D7528", true),
            ("110797V830J", true),
            ("131158B101F", true),
            ("011231U082Y", true),
            ("100916Y3344", false),
            ("030966D7528", false),
            ("110797N830J", false),
            ("131158H101F", false),
            ("100918Y334", false),
            ("100918Y33440", false),
            ("", false),
        ]);
    }
}
