//! Unix nanoseconds as an RFC 3339 timestamp, in UTC. No time zones, no parsing, no clock.

/// Days from 1970-01-01 to the year, month and day of the proleptic Gregorian calendar.
///
/// Counts in eras of 400 years from 0000-03-01, so that a leap day ends its year.
const fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// `unix_ns` nanoseconds since the Unix epoch as `2025-06-15T15:06:40.000000000Z` (RFC 3339 §5.6).
///
/// Always UTC, always nine digits of a second, hence always 30 bytes: an unsigned 64-bit count of
/// nanoseconds ends in the year 2554.
///
/// ```
/// assert_eq!(gateway_log::rfc3339(951_782_400_000_000_001), "2000-02-29T00:00:00.000000001Z");
/// ```
#[must_use]
pub fn rfc3339(unix_ns: u64) -> String {
    let mut out = Vec::with_capacity(30);
    write_rfc3339(unix_ns, &mut out);
    // All of it is ASCII.
    out.into_iter().map(char::from).collect()
}

/// Appends what [`rfc3339`] gives.
pub(crate) fn write_rfc3339(unix_ns: u64, out: &mut Vec<u8>) {
    let (seconds, nanos) = (unix_ns / 1_000_000_000, unix_ns % 1_000_000_000);
    let (year, month, day) = civil_from_days(seconds / 86_400);
    push_padded(out, year, 4);
    out.push(b'-');
    push_padded(out, month, 2);
    out.push(b'-');
    push_padded(out, day, 2);
    out.push(b'T');
    push_time_of_day(out, seconds);
    out.push(b'.');
    push_padded(out, nanos, 9);
    out.push(b'Z');
}

/// Appends the time of day in UTC with milliseconds: `15:06:40.000`.
pub(crate) fn write_clock(unix_ns: u64, out: &mut Vec<u8>) {
    push_time_of_day(out, unix_ns / 1_000_000_000);
    out.push(b'.');
    push_padded(out, unix_ns / 1_000_000 % 1_000, 3);
}

fn push_time_of_day(out: &mut Vec<u8>, unix_s: u64) {
    let second = unix_s % 86_400;
    push_padded(out, second / 3_600, 2);
    out.push(b':');
    push_padded(out, second / 60 % 60, 2);
    out.push(b':');
    push_padded(out, second % 60, 2);
}

/// Appends the last `width` decimal digits of a number.
/// Appends the last `width` digits of a number, at most 9.
fn push_padded(out: &mut Vec<u8>, mut number: u64, width: usize) {
    let mut digits = [b'0'; 9];
    for digit in digits.iter_mut().rev().take(width) {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    out.extend_from_slice(digits.get(9 - width.min(9)..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(unix_s: u64, expected: &str) {
        assert_eq!(rfc3339(unix_s * 1_000_000_000), format!("{expected}.000000000Z"));
    }

    #[test]
    fn known_instants() {
        check(0, "1970-01-01T00:00:00");
        check(68_169_600, "1972-02-29T00:00:00");
        check(951_868_799, "2000-02-29T23:59:59");
        check(951_868_800, "2000-03-01T00:00:00");
        check(1_709_164_800, "2024-02-29T00:00:00");
        check(1_735_689_599, "2024-12-31T23:59:59");
        check(1_750_000_000, "2025-06-15T15:06:40");
        check(4_107_542_400, "2100-03-01T00:00:00");
        check(4_107_542_399, "2100-02-28T23:59:59");
        assert_eq!(rfc3339(u64::MAX), "2554-07-21T23:34:33.709551615Z");
    }

    #[test]
    fn days_run_through_the_calendar_without_gap() {
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for days in 0..200_000 {
            assert_eq!(civil_from_days(days), (year, month, day), "day {days}");
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = match month {
                2 if leap => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            day += 1;
            if day > length {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
    }

    #[test]
    fn the_clock_shows_milliseconds() {
        let mut out = Vec::new();
        write_clock(1_750_000_000_987_654_321, &mut out);
        assert_eq!(out, b"15:06:40.987");
    }
}
