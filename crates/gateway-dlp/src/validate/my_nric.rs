//! Malaysian identity card numbers.

use super::date::is_recent_date;
use super::digits::{is_digits, value};

/// Whether these twelve digits begin with a date and hold the code of a place.
pub(crate) fn my_nric(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let place = matches!(part(6..8), 1..=16 | 21..=68 | 71 | 72 | 74..=79 | 82..=93 | 98 | 99);
    is_digits(number, 12) && place && is_recent_date(part(0..2), part(2..4), part(4..6))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(my_nric(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("061121049421", true),
            ("041220293572", true),
            ("071120277492", true),
            ("740522018354", true),
            ("220804094213", true),
            ("061521049421", false),
            ("047220293572", false),
            ("076120277492", false),
            ("744522018354", false),
            ("06112104942", false),
            ("0611210494210", false),
            ("", false),
        ]);
    }
}
