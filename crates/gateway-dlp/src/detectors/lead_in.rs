//! What may stand right before a number besides a word boundary: an escape of JSON or of a URL,
//! whose last character looks as if it belonged to the number's word.

/// Pattern of the lead-in.
macro_rules! lead_in {
    () => {
        r"(?:\b{start-half}|\\[nrt]|%[0-9A-Fa-f]{2})"
    };
}

pub(super) use lead_in;

/// Whether a match that begins with `first` has a lead-in, if nothing else of it may begin so.
pub(super) const fn is_lead_in(first: u8) -> bool {
    matches!(first, b'\\' | b'%')
}

/// Length of the lead-in at the front of a match, in bytes.
pub(super) fn lead_in_len(matched: &[u8]) -> usize {
    match matched.first() {
        Some(b'\\') => 2,
        Some(b'%') => 3,
        _ => 0,
    }
}
