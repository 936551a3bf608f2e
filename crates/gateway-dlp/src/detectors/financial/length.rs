//! How sure a card number is by its length.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::sample::Sample;

/// Plain digits of the longest number that few others have as many of.
const USUAL_MAX: usize = 16;

/// Medium; low for so many plain digits as numbers of 64 bits have, of which tables are full.
pub(super) fn confidence(sample: &Sample<'_>) -> Confidence {
    let own = sample.matched.get(lead_in_len(sample.matched)..).unwrap_or_default();
    let is_long = own.len() > USUAL_MAX && own.iter().all(u8::is_ascii_digit);
    if is_long { Confidence::Low } else { Confidence::Medium }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_and_long_numbers_are_less_sure() {
        for (matched, expected) in [
            ("4111111111111111", Confidence::Medium),
            ("4111-1111-1111-1111", Confidence::Medium),
            ("4111111111111111110", Confidence::Low),
            ("%204111111111111111", Confidence::Medium),
            ("", Confidence::Medium),
        ] {
            let sample = Sample { before: b"", matched: matched.as_bytes(), after: None };
            assert_eq!(confidence(&sample), expected, "{matched}");
        }
    }
}
