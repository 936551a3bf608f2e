//! French VAT numbers.

use super::digits::{is_digits, value};
use super::luhn::luhn;

/// Whether these are two check characters and the nine digits of a company, which end with a Luhn
/// check digit.
pub(crate) fn fr_vat(number: &[u8]) -> bool {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let (check, company) = number.split_at(number.len().min(2));
    let place = |byte: &u8| DIGITS.iter().position(|digit| digit == byte).map(|at| at as u64);
    let [Some(first), Some(second)] = [check.first().and_then(place), check.last().and_then(place)]
    else {
        return false;
    };
    let is_right = if is_digits(check, 2) {
        value(check) == (value(company) * 100 + 12) % 97
    } else {
        let sum = if first < 10 { first * 24 + second } else { first * 34 + second };
        let less = if first < 10 { 10 } else { 100 };
        sum.checked_sub(less).is_some_and(|sum| (value(company) + 1 + sum / 11) % 11 == sum % 11)
    };
    is_digits(company, 9) && is_right && (company.starts_with(b"000") || luhn(company))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(fr_vat(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("33368288734", true),
            ("76512661091", true),
            ("36850703588", true),
            ("04797235496", true),
            ("78311990725", true),
            ("33368388734", false),
            ("76512681091", false),
            ("36850703568", false),
            ("01797235496", false),
            ("3336828873", false),
            ("333682887340", false),
            ("", false),
        ]);
    }
}
