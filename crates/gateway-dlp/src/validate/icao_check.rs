//! Check digits of documents that machines read.
//!
//! Source: ICAO Doc 9303 part 3, section 4.9.

use super::digits::base36;

/// Whether the last of these digits and capitals is the check digit of those before it, which weigh
/// 7, 3 and 1 in turn.
pub(crate) fn icao_check(number: &[u8]) -> bool {
    let Some((check, text)) = number.split_last() else { return false };
    let weights = [7, 3, 1].into_iter().cycle();
    let sum: u32 = text.iter().zip(weights).map(|(byte, weight)| base36(*byte) * weight).sum();
    !text.is_empty() && check.is_ascii_digit() && sum % 10 == base36(*check)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_and_wrong() {
        for (text, expected) in [
            ("L01X00T44", true),
            ("C01234565", true),
            ("CZ6311T03", true),
            ("G00000002", true),
            ("L01X00T47", false),
            ("C01234567", false),
            ("C0123456X", false),
            ("4", false),
            ("", false),
        ] {
            assert_eq!(icao_check(text.as_bytes()), expected, "{text}");
        }
    }
}
