//! Icelandic identity numbers (kennitala).

use super::date::is_birth_date;
use super::digits::{is_digits, value, weighted};

/// Whether these ten digits are a date, to whose day 40 is added for companies, a serial number, the
/// check digit and the century.
pub(crate) fn is_kennitala(number: &[u8]) -> bool {
    let part = |range| value(number.get(range).unwrap_or_default());
    let day = part(0..2);
    let day = if day > 40 { day - 40 } else { day };
    let century = match part(9..10) {
        8 => 1800,
        9 => 1900,
        _ => 2000,
    };
    is_digits(number, 10)
        && matches!(number.last(), Some(b'0' | b'8' | b'9'))
        && is_birth_date(century + part(4..6), part(2..4), day)
        && weighted(number, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(is_kennitala(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("2706615059", true),
            ("0612831379", true),
            ("2602512449", true),
            ("1405853359", true),
            ("2609881779", false),
            ("0510789149", false),
            ("1831531569", false),
            ("1905940059", false),
            ("270661505", false),
            ("27066150590", false),
            ("", false),
        ]);
    }
}
