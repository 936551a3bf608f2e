//! Schedules: on which weekdays and at which hours of which time zone a rule holds. There is no
//! clock here: the time is an argument.
//!
//! Time zones are those of the IANA database that is built in.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::suggest;

/// When a rule holds, week by week.
///
/// ```
/// use gateway_rules::Schedule;
/// let days = [("mon", "09:00-12:30,13:30-18:00"), ("sat", "09:00-12:00")];
/// let schedule = Schedule::parse("Europe/Berlin", days)?;
/// assert!(schedule.holds_at(1_769_414_400)); // Monday, 26 January 2026, 09:00 in Berlin
/// assert!(!schedule.holds_at(1_769_427_000)); // 12:30
/// # Ok::<(), gateway_rules::ScheduleError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// As it was given, for who writes it down again.
    name: String,
    zone: TimeZone,
    /// Minutes of each day from Monday on: ascending, the end not included.
    days: [Vec<(u16, u16)>; 7],
}

/// Why there is no such schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// The database of time zones has no such name.
    #[error("no time zone is called `{name}`{}", suggest::hint(suggestion.as_deref()))]
    TimeZone {
        /// The name given.
        name: String,
        /// A name that is there and similar.
        suggestion: Option<String>,
    },
    /// Days are `mon`, `tue`, `wed`, `thu`, `fri`, `sat` and `sun`.
    #[error("expected a day (`mon` to `sun`), found `{found}`")]
    Day {
        /// What was found.
        found: String,
    },
    /// A day is there twice.
    #[error("the day `{day}` stands twice")]
    DayTwice {
        /// The day.
        day: &'static str,
    },
    /// The hours of a day cannot be read.
    #[error("`{day}`: expected hours as in `08:00-12:30,13:30-17:00`, found `{found}`")]
    Hours {
        /// The day.
        day: &'static str,
        /// What was found.
        found: String,
    },
    /// Hours end before they begin, or before those before them have ended.
    #[error(
        "`{day}`: the hours `{found}` end before they begin, or overlap those before; write \
             hours over midnight as two days"
    )]
    Order {
        /// The day.
        day: &'static str,
        /// What was found.
        found: String,
    },
    /// No day is named: the rule would never hold.
    #[error("a schedule names one day at least")]
    Empty,
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Minutes of a day.
const DAY_MINUTES: u16 = 24 * 60;

impl Schedule {
    /// The schedule of `days`, each with its hours: `08:00-12:30,13:30-17:00`, the end not included,
    /// `24:00` for the end of the day. On days that are not named it does not hold. `time_zone` is a
    /// name of the IANA database such as `Europe/Berlin`, where blanks may stand for `_`.
    ///
    /// Hours are those that clocks on the wall show: an hour that is left out in spring is never,
    /// one that comes twice in autumn counts both times.
    ///
    /// # Errors
    /// [`ScheduleError`].
    pub fn parse<'t>(
        time_zone: &str,
        days: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<Self, ScheduleError> {
        let zones = TimeZoneDatabase::bundled();
        let zone = zones.get(&time_zone.replace(' ', "_")).map_err(|_| {
            let names: Vec<String> = zones.available().map(|name| name.to_string()).collect();
            let suggestion = suggest::closest(time_zone, names.iter().map(String::as_str));
            let suggestion = suggestion.map(str::to_owned);
            ScheduleError::TimeZone { name: time_zone.to_owned(), suggestion }
        })?;
        let mut schedule = Self { name: time_zone.to_owned(), zone, days: Default::default() };
        for (name, hours) in days {
            let found = || ScheduleError::Day { found: name.to_owned() };
            let at = DAYS.iter().position(|day| *day == name).ok_or_else(found)?;
            let (Some(&day), Some(minutes)) = (DAYS.get(at), schedule.days.get_mut(at)) else {
                return Err(found());
            };
            if !minutes.is_empty() {
                return Err(ScheduleError::DayTwice { day });
            }
            *minutes = hours_of(day, hours)?;
        }
        if schedule.days.iter().all(Vec::is_empty) {
            return Err(ScheduleError::Empty);
        }
        Ok(schedule)
    }

    /// Whether it holds at this second since 1970 (UTC). Never beyond the year 9999.
    #[must_use]
    pub fn holds_at(&self, unix_s: i64) -> bool {
        let Ok(timestamp) = Timestamp::from_second(unix_s) else { return false };
        let local = self.zone.to_datetime(timestamp);
        let day = local.weekday().to_monday_zero_offset();
        let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
        let hours = usize::try_from(day).ok().and_then(|day| self.days.get(day));
        let within =
            |(begin, end): &(u16, u16)| (i32::from(*begin)..i32::from(*end)).contains(&minute);
        hours.is_some_and(|hours| hours.iter().any(within))
    }

    /// The name of the time zone, as it was given.
    #[must_use]
    pub fn time_zone(&self) -> &str {
        &self.name
    }

    /// The days on which it holds at some time, with their hours, as [`parse`](Self::parse) reads
    /// them.
    pub fn days(&self) -> impl Iterator<Item = (&'static str, String)> {
        let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        DAYS.into_iter().zip(&self.days).filter(|(_, hours)| !hours.is_empty()).map(
            move |(day, hours)| {
                let hours: Vec<String> = hours
                    .iter()
                    .map(|(begin, end)| format!("{}-{}", clock(*begin), clock(*end)))
                    .collect();
                (day, hours.join(","))
            },
        )
    }
}

/// Writes `mon 09:00-12:00, tue 09:00-12:00 (Europe/Berlin)`.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (day, hours)) in self.days().enumerate() {
            write!(f, "{}{day} {hours}", if at == 0 { "" } else { ", " })?;
        }
        write!(f, " ({})", self.name)
    }
}

fn hours_of(day: &'static str, text: &str) -> Result<Vec<(u16, u16)>, ScheduleError> {
    let mut hours: Vec<(u16, u16)> = Vec::new();
    for part in text.split(',').map(str::trim) {
        let bad = || ScheduleError::Hours { day, found: part.to_owned() };
        let (begin, end) = part.split_once('-').ok_or_else(bad)?;
        let (begin, end) = (minutes(begin).ok_or_else(bad)?, minutes(end).ok_or_else(bad)?);
        if begin >= end || hours.last().is_some_and(|(_, last)| *last > begin) {
            return Err(ScheduleError::Order { day, found: part.to_owned() });
        }
        hours.push((begin, end));
    }
    Ok(hours)
}

fn minutes(clock: &str) -> Option<u16> {
    let (hours, minutes) = clock.trim().split_once(':')?;
    let two = |digits: &str| -> Option<u16> {
        (digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit()))
            .then(|| digits.parse().ok())?
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= DAY_MINUTES).then_some(all)
}

/// The second since 1970 (UTC) that an RFC 3339 time stands for, such as `2026-12-31T18:00:00Z` or
/// with an offset; fractions are dropped. `None` for what is no such time.
#[must_use]
pub fn unix_seconds(time: &str) -> Option<i64> {
    time.parse::<Timestamp>().ok().map(Timestamp::as_second)
}

/// The RFC 3339 time, in UTC, of a second since 1970; `None` beyond the year 9999.
pub(crate) fn rfc3339(unix_s: i64) -> Option<String> {
    Timestamp::from_second(unix_s).ok().map(|timestamp| timestamp.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a schedule of one day and its hours holds at a time of RFC 3339.
    fn check(zone: &str, day: (&str, &str), time: &str, holds: bool) {
        let schedule = Schedule::parse(zone, [day]).expect(zone);
        let at = unix_seconds(time).expect(time);
        assert_eq!(schedule.holds_at(at), holds, "{zone} {day:?} {time}");
    }

    #[test]
    fn hours_are_those_of_the_zone() {
        let monday = ("mon", "09:00-17:30");
        for (zone, time, holds) in [
            ("UTC", "2026-01-26T08:59:59Z", false),
            ("UTC", "2026-01-26T09:00:00Z", true),
            ("UTC", "2026-01-26T17:29:59Z", true),
            ("UTC", "2026-01-26T17:30:00Z", false),
            ("UTC", "2026-01-27T10:00:00Z", false),
            // One hour before UTC in winter, two in summer.
            ("Europe/Berlin", "2026-01-26T08:00:00Z", true),
            ("Europe/Berlin", "2026-01-26T16:30:00Z", false),
            ("Europe/Berlin", "2026-07-27T07:00:00Z", true),
            ("Europe/Berlin", "2026-07-27T06:59:59Z", false),
            // Monday there while it is Tuesday in UTC.
            ("America/Los_Angeles", "2026-01-27T00:00:00Z", true),
            ("America/Los Angeles", "2026-01-27T01:30:00Z", false),
            // Quarters of an hour.
            ("Asia/Kathmandu", "2026-01-26T03:15:00Z", true),
            ("Asia/Kathmandu", "2026-01-26T03:14:59Z", false),
            ("Pacific/Kiritimati", "2026-01-25T19:00:00Z", true),
        ] {
            check(zone, monday, time, holds);
        }
    }

    #[test]
    fn hours_that_come_twice_count_twice_and_left_out_ones_never() {
        let night = ("sun", "02:00-03:00");
        // In Berlin clocks go from 02:00 to 03:00 on 29 March 2026, and from 03:00 back to 02:00 on
        // 25 October.
        for (time, holds) in [
            ("2026-03-29T00:59:59Z", false),
            ("2026-03-29T01:00:00Z", false),
            ("2026-03-29T01:30:00Z", false),
            ("2026-10-25T00:00:00Z", true),
            ("2026-10-25T00:59:59Z", true),
            ("2026-10-25T01:00:00Z", true),
            ("2026-10-25T01:59:59Z", true),
            ("2026-10-25T02:00:00Z", false),
        ] {
            check("Europe/Berlin", night, time, holds);
        }
    }

    #[test]
    fn whole_days_have_24_hours() {
        let day = ("wed", "00:00-24:00");
        check("UTC", day, "2026-01-28T00:00:00Z", true);
        check("UTC", day, "2026-01-28T23:59:59Z", true);
        check("UTC", day, "2026-01-29T00:00:00Z", false);
        check("UTC", day, "2026-01-27T23:59:59Z", false);
    }

    #[test]
    fn faults_are_told() {
        let text = |zone: &str, days: &[(&'static str, &'static str)]| {
            Schedule::parse(zone, days.iter().copied()).expect_err("a fault").to_string()
        };
        let day = ("mon", "08:00-09:00");
        let zone = text("Europe/Berln", &[day]);
        assert_eq!(zone, "no time zone is called `Europe/Berln`; did you mean `Europe/Berlin`?");
        assert!(text("UTC", &[("monday", "08:00-09:00")]).contains("found `monday`"));
        assert!(text("UTC", &[day, day]).contains("twice"));
        assert!(text("UTC", &[]).contains("one day"));
        for hours in ["", "8-9", "08:00", "8:00-9:00", "08:60-09:00", "08:00-24:01", "+8:00-09:00"]
        {
            assert!(text("UTC", &[("mon", hours)]).contains("expected hours"), "{hours}");
        }
        for hours in ["09:00-08:00", "22:00-22:00", "08:00-10:00,09:00-11:00"] {
            assert!(text("UTC", &[("mon", hours)]).contains("before they begin"), "{hours}");
        }
    }

    #[test]
    fn what_is_written_down_reads_back() {
        let days = [("mon", "09:00-12:30,13:30-18:00"), ("sun", "00:00-24:00")];
        let schedule = Schedule::parse("America/New York", days).expect("sound");
        let told: Vec<(&str, String)> = schedule.days().collect();
        let again = Schedule::parse(schedule.time_zone(), told.iter().map(|(d, h)| (*d, &**h)));
        assert_eq!(again.as_ref(), Ok(&schedule));
        let text = "mon 09:00-12:30,13:30-18:00, sun 00:00-24:00 (America/New York)";
        assert_eq!(schedule.to_string(), text);
        assert_eq!(unix_seconds("2026-12-31T19:00:00+01:00"), unix_seconds("2026-12-31T18:00:00Z"));
        assert_eq!(unix_seconds("2026-12-31"), None);
        assert_eq!(rfc3339(0).as_deref(), Some("1970-01-01T00:00:00Z"));
    }
}
