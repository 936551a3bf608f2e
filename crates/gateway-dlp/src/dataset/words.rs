//! What counts as the same text: words in any case of ASCII, whatever stands between them. Digits
//! that only separators part are one number.

use super::poly::{Point, Poly};

/// Words of the longest cell, and groups of the longest number in a text.
pub(super) const WORDS_MAX: usize = 8;
/// Bytes of the longest cell, in the form that is compared.
pub(super) const CELL_BYTES_MAX: usize = 128;
/// Bytes that may stand between two words of a cell in a text.
pub(super) const GAP_MAX: u64 = 4;

/// Whether `byte` belongs to a word.
pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

/// The form of `text` that is compared: its words in small letters, one space between them, none
/// between two words of digits.
pub(super) fn canonical(text: &[u8]) -> Vec<u8> {
    let mut form = Vec::with_capacity(text.len());
    let mut digits_before = false;
    for word in text.split(|byte| !is_word(*byte)).filter(|word| !word.is_empty()) {
        let digits = word.iter().all(u8::is_ascii_digit);
        let is_joined = digits && digits_before;
        if !form.is_empty() && !is_joined {
            form.push(b' ');
        }
        form.extend(word.iter().map(u8::to_ascii_lowercase));
        digits_before = digits;
    }
    form
}

/// The hash of a canonical form.
pub(super) fn hash(form: &[u8], point: Point) -> Poly {
    form.iter().fold(Poly::EMPTY, |poly, byte| poly.push(*byte, point))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_leave_out_what_does_not_matter() {
        for (text, form) in [
            ("  John  SMITH ", "john smith"),
            ("4111-1111 1111.1111", "4111111111111111"),
            ("12 Main St., 9", "12 main st 9"),
            ("Müller", "müller"),
            ("--", ""),
        ] {
            assert_eq!(String::from_utf8(canonical(text.as_bytes())).unwrap(), form, "{text}");
        }
    }
}
