//! German numbers of physicians.
//!
//! Source: Kassenaerztliche Bundesvereinigung, "Richtlinie zur Vergabe der Arzt-,
//! Betriebsstaetten-, Praxisnetz- sowie der Netzverbundnummern".

use super::digits::{is_digits, value, weighted};

/// Whether the seventh of these nine digits completes the six before it, which weigh 4 and 9 in
/// turn, to a multiple of ten.
pub(crate) fn de_lanr(number: &[u8]) -> bool {
    let sum = weighted(number, &[4, 9, 4, 9, 4, 9]);
    let check = value(number.get(6..7).unwrap_or_default());
    is_digits(number, 9) && (u64::from(sum) + check).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_and_wrong() {
        for (text, expected) in [
            ("123456601", true),
            ("987654401", true),
            ("555555501", true),
            ("999999901", true),
            ("123456901", false),
            ("12345660", false),
            ("1234566010", false),
            ("", false),
        ] {
            assert_eq!(de_lanr(text.as_bytes()), expected, "{text}");
        }
    }
}
