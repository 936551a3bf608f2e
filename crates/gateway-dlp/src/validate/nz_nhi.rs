//! National health index numbers of New Zealand (HISO 10046).

use super::digits::is_digits;

/// Whether these are three letters but `I` and `O`, and four digits, of which the last is the check
/// digit by eleven; or, as given since July 2026, three letters, two digits, a letter and the check
/// letter by 23.
pub(crate) fn nz_nhi(number: &[u8]) -> bool {
    let (Some(letters), Some(behind)) = (number.get(..3), number.get(3..6)) else { return false };
    let Some(sum) = sum(letters, behind) else { return false };
    let check = number.get(6..).unwrap_or_default();
    if is_digits(behind, 3) {
        let right = (11 - sum % 11) % 10;
        return is_digits(check, 1) && !sum.is_multiple_of(11) && place(check) == Some(right);
    }
    is_digits(behind.get(..2).unwrap_or_default(), 2)
        && !is_digits(check, 1)
        && place(check) == Some(23 - sum % 23)
}

/// What the six characters before the last make by their weights: nothing where the first three are
/// no letters.
fn sum(letters: &[u8], behind: &[u8]) -> Option<usize> {
    if letters.iter().any(u8::is_ascii_digit) {
        return None;
    }
    let value = |byte: &u8| place(&[*byte]);
    let values = letters.iter().chain(behind).map(value).collect::<Option<Vec<usize>>>()?;
    Some(values.iter().zip([7, 6, 5, 4, 3, 2]).map(|(value, weight)| value * weight).sum())
}

/// The value of one character: of a letter but `I` and `O` its place among the others, from 1.
fn place(character: &[u8]) -> Option<usize> {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
    match character {
        [digit @ b'0'..=b'9'] => Some(usize::from(digit & 0x0F)),
        [letter] => LETTERS.iter().position(|other| other == letter).map(|at| at + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(nz_nhi(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("JBX3656", true),
            ("ZAC5361", true),
            ("JBX3650", false),
            ("JBX365", false),
            ("JBX36560", false),
            ("JBI3656", false),
            ("J1X3656", false),
            ("CUK60HE", true),
            ("BAC17RY", true), // A sum that can be divided by 23.
            ("CUK60HB", false),
            ("KWT28P8", false),
            ("PMA9RTA", false),
            ("", false),
        ]);
    }
}
