//! Singapore business numbers.
//!
//! Source: Accounting and Corporate Regulatory Authority, "UEN".

use super::digits::{is_digits, value, weighted};

/// The kinds of those that are neither businesses nor companies.
const KINDS: [&[u8; 2]; 38] = [
    b"CC", b"CD", b"CH", b"CL", b"CM", b"CP", b"CS", b"CX", b"DP", b"FB", b"FC", b"FM", b"FN",
    b"GA", b"GB", b"GS", b"HS", b"LL", b"LP", b"MB", b"MC", b"MD", b"MH", b"MM", b"MQ", b"NB",
    b"NR", b"PA", b"PB", b"PF", b"RF", b"RP", b"SM", b"SS", b"TC", b"TU", b"VH", b"XL",
];

/// Whether the last character of a number is right: of eight or nine digits and a letter, or of a
/// letter, two digits for the year, two letters for the kind, four digits and a letter or digit.
pub(crate) fn sg_uen(number: &[u8]) -> bool {
    let Some((check, body)) = number.split_last() else { return false };
    let at = |letters: &[u8], sum: u32| letters.get(sum as usize % 11) == Some(check);
    match body.len() {
        8 => is_digits(body, 8) && at(b"XMKECAWLJDB", weighted(body, &[10, 4, 9, 3, 8, 2, 7, 1])),
        9 if is_digits(body, 9) => {
            at(b"ZKCMDNERGWH", weighted(body, &[10, 8, 6, 4, 9, 7, 5, 3, 1]))
        }
        9 => is_other(body, *check),
        _ => false,
    }
}

fn is_other(body: &[u8], check: u8) -> bool {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWX0123456789";
    let [b'R' | b'S' | b'T', y0, y1, k0, k1, digits @ ..] = body else { return false };
    let place = |byte: &u8| LETTERS.iter().position(|letter| letter == byte).unwrap_or(0);
    let sum: usize =
        body.iter().map(place).zip([4, 3, 5, 3, 10, 2, 2, 5, 7]).map(|(a, b)| a * b).sum();
    is_digits(&[*y0, *y1], 2)
        && is_digits(digits, 4)
        && value(digits) > 0
        && KINDS.contains(&&[*k0, *k1])
        && LETTERS.get((sum + 11 - 5) % 11) == Some(&check)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_and_wrong() {
        for (text, expected) in [
            ("53125226D", true),
            ("201434292D", true),
            ("T16RF0037C", true),
            ("S57TU0392K", true),
            ("R16RF0037F", true),
            ("53125226E", false),
            ("T16QQ0037C", false),
            ("53125226", false),
            ("", false),
        ] {
            assert_eq!(sg_uen(text.as_bytes()), expected, "{text}");
        }
    }
}
