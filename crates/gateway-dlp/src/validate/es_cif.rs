//! Spanish company numbers.

use super::digits::is_digits;
use super::luhn::luhn;

/// Whether these are a letter for the kind of company, seven digits and their Luhn check digit, or
/// the letter that stands for it.
pub(crate) fn es_cif(number: &[u8]) -> bool {
    let [kind, digits @ .., check] = number else { return false };
    let check = match check {
        b'0'..=b'9' => *check,
        b'J' => b'0',
        b'A'..=b'I' => check - b'A' + b'1',
        _ => return false,
    };
    let with_check: Vec<u8> = digits.iter().copied().chain([check]).collect();
    b"ABCDEFGHJNPQRSUVW".contains(kind) && is_digits(digits, 7) && luhn(&with_check)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(es_cif(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("H82212093", true),
            ("B69976843", true),
            ("S17897836", true),
            ("A97845945", true),
            ("P19415157", true),
            ("H42212093", false),
            ("B69476843", false),
            ("S17897835", false),
            ("A90845945", false),
            ("H8221209", false),
            ("H822120930", false),
            ("", false),
        ]);
    }
}
