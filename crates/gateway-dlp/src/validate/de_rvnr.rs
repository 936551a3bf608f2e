//! German pension insurance numbers.
//!
//! Source: VKVV section 2; Deutsche Rentenversicherung.

use super::date::is_recent_date;
use super::digits::{base36, is_digits, value, weighted};

/// Whether these are two digits for an area, a date to whose day 50 may be added, a letter, two
/// digits and the check digit.
pub(crate) fn de_rvnr(number: &[u8]) -> bool {
    let [front @ .., letter, s0, s1, check] = number else { return false };
    let part = |range| value(front.get(range).unwrap_or_default());
    let (day, month, year) = (part(2..4), part(4..6), part(6..8));
    let place = base36(*letter).saturating_sub(9);
    let digit = |value: u32| u8::try_from(value).unwrap_or(0) | b'0';
    let all = [front, &[digit(place / 10), digit(place % 10), *s0, *s1]].concat();
    let weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
    let products = all.chunks(1).zip(weights).map(|(one, weight)| weighted(one, &[weight]));
    let sum: u32 = products.map(|product| product / 10 + product % 10).sum();
    is_digits(front, 8)
        && letter.is_ascii_uppercase()
        && is_digits(&[*s0, *s1, *check], 3)
        && (is_recent_date(year, month, day) || is_recent_date(year, month, day.wrapping_sub(50)))
        && digit(sum % 10) == *check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_and_wrong() {
        for (text, expected) in [
            ("15070649C103", true),
            ("65070803A019", true),
            ("20151090B023", true),
            ("38551285K051", true),
            ("15070649C100", false),
            ("15070049C103", false),
            ("15071349C103", false),
            ("150706491103", false),
            ("15070649C10", false),
            ("15070649C1030", false),
            ("", false),
        ] {
            assert_eq!(de_rvnr(text.as_bytes()), expected, "{text}");
        }
    }
}
