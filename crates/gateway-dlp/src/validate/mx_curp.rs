//! Mexican population registry codes.

use super::date::is_date;
use super::digits::{is_digits, value};

/// Whether these 18 characters hold a date, a sex and a state, and end with the check digit.
pub(crate) fn mx_curp(number: &[u8]) -> bool {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ";
    let part = |range| value(number.get(range).unwrap_or_default());
    let century = if number.get(16).is_some_and(u8::is_ascii_digit) { 1900 } else { 2000 };
    let index = |byte: &u8| DIGITS.iter().position(|digit| digit == byte).unwrap_or_default();
    let sum: usize = number.iter().zip((2..=18).rev()).map(|(byte, w)| index(byte) * w).sum();
    number.len() == 18
        && is_digits(number.get(4..10).unwrap_or_default(), 6)
        && is_date(century + part(4..6), part(6..8), part(8..10))
        && matches!(number.get(10), Some(b'H' | b'M' | b'X'))
        && number.get(11..13).is_some_and(|state| STATES.contains(&state))
        && number.last().map(|byte| usize::from(byte & 0x0F)) == Some((10 - sum % 10) % 10)
}

/// The states, and `NE` for those born abroad.
const STATES: &[&[u8]] = &[
    b"AS", b"BC", b"BS", b"CC", b"CH", b"CL", b"CM", b"CS", b"DF", b"DG", b"GR", b"GT", b"HG",
    b"JC", b"MC", b"MN", b"MS", b"NE", b"NL", b"NT", b"OC", b"PL", b"QR", b"QT", b"SL", b"SP",
    b"SR", b"TC", b"TL", b"TS", b"VZ", b"YN", b"ZS",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(mx_curp(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("HONK021021MDFJTV22", true),
            ("WKSH630319HDFJHH41", true),
            ("KAGR440515MDFGNM77", true),
            ("PEMY530908MDFPCN03", true),
            ("VOHI690219HDFZSN35", true),
            ("MUVL980224XMSRSC00", true),
            ("MUVL980224XMSRSC03", false),
            ("HONK026021MDFJTV22", false),
            ("WKSH690319HDFJHH41", false),
            ("KAGR440515MDFHNM77", false),
            ("PEMY530978MDFPCN03", false),
            ("HONK021021MDFJTV2", false),
            ("HONK021021MDFJTV220", false),
            ("", false),
        ]);
    }
}
