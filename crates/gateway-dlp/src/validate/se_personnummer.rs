//! Swedish personal numbers, without the sign between date and number.

use super::date::{is_date, is_recent_date};
use super::digits::{is_digits, value};
use super::luhn::luhn;

/// Whether these 10 or, with the century, 12 digits begin with a date, to whose day 60 may be
/// added, and the last ten end with the Luhn check digit.
pub(crate) fn se_personnummer(number: &[u8]) -> bool {
    let (century, short) = number.split_at(number.len().saturating_sub(10));
    let part = |range| value(short.get(range).unwrap_or_default());
    let (year, month, day) = (part(0..2), part(2..4), part(4..6));
    let day = day.checked_sub(60).unwrap_or(day);
    let is_dated = match century {
        [] => is_recent_date(year, month, day),
        _ => matches!(value(century), 18..=20) && is_date(value(century) * 100 + year, month, day),
    };
    (is_digits(number, 10) || is_digits(number, 12)) && is_dated && luhn(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(se_personnummer(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("5401151310", true),
            ("5207046672", true),
            ("9505145343", true),
            ("2702080777", true),
            ("3607092412", true),
            ("5301151310", false),
            ("5287046672", false),
            ("9505165343", false),
            ("2703080777", false),
            ("540115131", false),
            ("54011513100", false),
            ("8807722387", true),
            ("198807722387", true),
            ("8807922383", false),
            ("", false),
        ]);
    }
}
