//! The time of day, for the libraries, which read no clock themselves.

use std::time::{SystemTime, UNIX_EPOCH};

/// The UTC day of a time in seconds since the Unix epoch, such as `2030-01-31`.
pub(crate) fn day(unix_s: u64) -> String {
    let mut text = gateway_log::rfc3339(unix_s.saturating_mul(1_000_000_000));
    text.truncate("2030-01-31".len());
    text
}

/// Seconds since the Unix epoch; 0 on a clock that stands before it.
pub(crate) fn unix_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_utc() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(1_750_000_000), "2025-06-15");
    }
}
