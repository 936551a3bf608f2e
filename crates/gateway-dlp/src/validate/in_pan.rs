//! Indian permanent account numbers. How the last letter is made is not published.

use super::digits::is_digits;

/// Whether these are five letters, of which the fourth tells the kind of holder, four digits that
/// are not all zero, and a letter.
pub(crate) fn in_pan(number: &[u8]) -> bool {
    let [letters @ .., d0, d1, d2, d3, check] = number else { return false };
    letters.len() == 5
        && letters.iter().chain([check]).all(u8::is_ascii_uppercase)
        && letters.get(3).is_some_and(|kind| b"ABCFGHJKLPT".contains(kind))
        && is_digits(&[*d0, *d1, *d2, *d3], 4)
        && [*d0, *d1, *d2, *d3] != *b"0000"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, bool)]) {
        for (number, expected) in cases {
            assert_eq!(in_pan(number.as_bytes()), *expected, "{number}");
        }
    }

    #[test]
    fn right_and_wrong() {
        check(&[
            ("WBNPA0722J", true),
            ("BBLPB7917T", true),
            ("TIYCQ4115S", true),
            ("QJFPU2035X", true),
            ("QQTCB4692H", true),
            ("WBNZA0722J", false),
            ("BBLDB7917T", false),
            ("TIYZQ4115S", false),
            ("QJFDU2035X", false),
            ("WBNPA0722", false),
            ("WBNPA0722J0", false),
            ("", false),
        ]);
    }
}
