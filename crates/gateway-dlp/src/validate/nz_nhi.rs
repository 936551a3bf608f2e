//! National health index numbers of New Zealand, of the form that was given until 2026 (HISO
//! 10046).

use super::digits::{is_digits, weighted};

/// Whether these are three letters but `I` and `O`, and four digits, of which the last is the check
/// digit by eleven.
pub(crate) fn nz_nhi(number: &[u8]) -> bool {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
    let (letters, digits) = number.split_at(number.len().min(3));
    let value = |byte: &u8| LETTERS.iter().position(|letter| letter == byte).map(|at| at + 1);
    let Some(values) = letters.iter().map(value).collect::<Option<Vec<usize>>>() else {
        return false;
    };
    let sum: usize = values.iter().zip([7, 6, 5]).map(|(value, weight)| value * weight).sum();
    let sum = sum + weighted(digits, &[4, 3, 2]) as usize;
    let check = digits.last().map(|digit| usize::from(digit & 0x0F));
    is_digits(digits, 4) && !sum.is_multiple_of(11) && check == Some((11 - sum % 11) % 10)
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
            ("JBI3656", false),
            ("", false),
        ]);
    }
}
