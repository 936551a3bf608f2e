//! Birth numbers of Czechia and Slovakia.

use super::date::is_date;
use super::digits::{is_digits, value};

/// Whether these ten digits begin with a date, to whose month 50 is added for women and 20 where
/// numbers of a day had run out, and can be divided by 11; or the tenth is 0 and the rest of the
/// others by 11 is 10, as until 1985.
pub(crate) fn cz_rc(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let year = match part(0..2) {
        year @ 54.. => 1900 + year,
        year => 2000 + year,
    };
    let month = match part(2..4) {
        month @ 71.. if year > 2003 => month - 70,
        month @ 51.. => month - 50,
        month @ 21.. if year > 2003 => month - 20,
        month => month,
    };
    let is_old = year < 1986 && part(0..9) % 11 == 10 && part(9..10) == 0;
    is_digits(number, 10)
        && is_date(year, month, part(4..6))
        && (value(number).is_multiple_of(11) || is_old)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(cz_rc(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("5452057798", true),
            ("6753044375", true),
            ("7501144838", true),
            ("5554136093", true),
            ("8362031751", false),
            ("9953225228", false),
            ("4509204142", false),
            ("9012121108", false),
            ("545205779", false),
            ("54520577980", false),
            ("", false),
        ]);
    }
}
