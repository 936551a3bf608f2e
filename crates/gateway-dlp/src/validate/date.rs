//! Dates of the Gregorian calendar, as numbers of persons hold them.

/// The last year in which somebody may be born: later ones in a number tell that it is none. It has
/// to be moved before it comes, since a library has no clock.
pub(crate) const LAST_BIRTH_YEAR: u64 = 2030;

/// Whether there is such a day.
pub(crate) fn is_date(year: u64, month: u64, day: u64) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    year > 0 && (1..=days).contains(&day)
}

/// Whether somebody may be born on such a day.
pub(crate) fn is_birth_date(year: u64, month: u64, day: u64) -> bool {
    year <= LAST_BIRTH_YEAR && is_date(year, month, day)
}

/// Whether there is such a day in the last century or in this one, of which `year` is the year.
pub(crate) fn is_recent_date(year: u64, month: u64, day: u64) -> bool {
    is_date(1900 + year, month, day) || is_date(2000 + year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        for (year, month, day, expected) in [
            (2024, 2, 29, true),
            (2023, 2, 29, false),
            (1900, 2, 29, false),
            (2000, 2, 29, true),
            (1999, 12, 31, true),
            (1999, 4, 31, false),
            (1999, 13, 1, false),
            (1999, 0, 1, false),
            (1999, 1, 0, false),
        ] {
            assert_eq!(is_date(year, month, day), expected, "{year}-{month}-{day}");
        }
        assert!(is_recent_date(0, 2, 29) && !is_recent_date(1, 2, 29));
    }
}
