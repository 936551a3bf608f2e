//! Mexican tax identifiers (RFC).

use super::date::is_recent_date;
use super::digits::value;

/// What characters stand for, in order.
const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ ";

/// Whether these twelve or thirteen characters have a date behind three or four letters.
pub(crate) fn mx_rfc_form(number: &[u8]) -> bool {
    let Some((name, rest)) = number.split_at_checked(number.len().wrapping_sub(9)) else {
        return false;
    };
    let part = |range| value(rest.get(range).unwrap_or_default());
    let is_letter = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'&';
    matches!(name.len(), 3 | 4)
        && name.iter().all(is_letter)
        && rest.iter().take(6).all(u8::is_ascii_digit)
        && is_recent_date(part(0..2), part(2..4), part(4..6))
}

/// Whether they have the right check digit besides.
pub(crate) fn mx_rfc(number: &[u8]) -> bool {
    let padding = usize::from(number.len() == 12);
    let padded = [b' '].into_iter().take(padding).chain(number.iter().copied());
    let place = |byte| DIGITS.iter().position(|digit| *digit == byte).unwrap_or_default();
    let sum: usize = padded.take(12).zip((2..=13).rev()).map(|(b, w)| place(b) * w).sum();
    let check = match (11 - sum % 11) % 11 {
        10 => b'A',
        digit => DIGITS.get(digit).copied().unwrap_or_default(),
    };
    mx_rfc_form(number) && number.last() == Some(&check)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(mx_rfc(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("TOJ880504326", true),
            ("ENN8012023E8", true),
            ("FUO940514BDA", true),
            ("BLC4709021CA", true),
            ("RPD550101D11", false),
            ("KXUG570113356", false),
            ("TRM3007281C8", false),
            ("VTC402018320", false),
            ("TOJ88050432", false),
            ("TOJ8805043260", false),
            ("", false),
        ]);
    }
}
