//! `date`: date.
//!
//! **Format.** A date in digits, year first or last, parted by dashes, slashes or points, or with
//! the name of a month; a month with its year or day; a date with a time as in ISO 8601. No ASCII
//! letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** There is such a day.
//!
//! **Source.** ISO 8601; Unicode CLDR, date formats.
//!
//! **Confidence.** Low: dates are on many pages.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::{is_lead_in, lead_in_len};
use crate::detectors::number::alone;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::{is_date, value};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "date",
    name: "Date",
    summary: "Dates in digits or with English names of months, by form",
    category: Category::General,
    keywords: &["birth", "born", "date", "dob", "expires"],
    pattern: alone!(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?",
        r"|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}|[0-9]{4}[.][0-9]{1,2}[.][0-9]{1,2}",
        r"|[0-9]{1,2}(?:/[0-9]{1,2}/|-[0-9]{1,2}-|[.][0-9]{1,2}[.])(?:[0-9]{4}|[0-9]{2})",
        r"|(?i:[0-9]{1,2}[ -](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:[ -](?:[0-9]{4}|[0-9]{2}))?)",
        r"|(?i:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)-(?:[0-9]{4}|[0-9]{2}))",
        r"|(?:0?[1-9]|1[0-2])/[0-9]{1,2}|(?:0?[1-9]|1[0-2])/(?:19|20)[0-9]{2}"
    ),
    match_bytes_max: 48,
    validators: &[],
    test: Test::Whole(judge, is_end),
    examples: &[
        example("Today is 5/20/2021 or 21.5.21", &["5/20/2021", "21.5.21"]),
        example("born 5-MAY-2021, May-21", &["5-MAY-2021", "May-21"]),
        example("at 2024-03-15T14:30:00.123Z, or", &["2024-03-15T14:30:00.123Z"]),
        example("2021-05-21", &["2021-05-21"]),
        example("05/2021 and 21-May", &["05/2021", "21-May"]),
        example("no such day 2021-02-30, 13/32/2021", &[]),
        example("part of more 1-2021-05-21, 10.2.3.4", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let lead = lead_in_len(sample.matched);
    let text = sample.matched.get(lead..)?;
    // What goes on behind a point or a dash is something longer; a sentence ends there as well.
    let goes_on = matches!(sample.after, Some(b'-' | b'/' | b':'));
    let real = !goes_on && is_day(text);
    real.then_some(Judgement { confidence: Confidence::Low, lead, trail: 0 })
}

fn is_end(before: &[u8], first: u8) -> bool {
    matches!(before, [.., b'-' | b'/' | b'.' | b':' | b'+']) && !is_lead_in(first)
}

/// Whether the parts of `text` that are parted by anything but digits and letters make a day, a
/// month or a month of a year.
fn is_day(text: &[u8]) -> bool {
    let day = text.split(|byte| *byte == b'T').next().unwrap_or_default();
    let mut parts = day.split(|byte| !byte.is_ascii_alphanumeric());
    match (parts.next(), parts.next(), parts.next()) {
        (Some(year), Some(month), Some(day)) if year.len() == 4 => {
            is_date(value(year), value(month), value(day))
        }
        (Some(one), Some(two), Some(year)) => {
            let year = if year.len() == 2 { 2000 + value(year) } else { value(year) };
            match month_of(two) {
                Some(month) => is_date(year, month, value(one)),
                None => {
                    is_date(year, value(two), value(one)) || is_date(year, value(one), value(two))
                }
            }
        }
        (Some(one), Some(two), None) => match (month_of(one), month_of(two)) {
            (Some(_), None) => true,
            (None, Some(month)) => is_date(2000, month, value(one)),
            _ => two.len() == 4 || is_date(2000, value(one), value(two)),
        },
        _ => false,
    }
}

/// The month that a name stands for.
fn month_of(name: &[u8]) -> Option<u64> {
    const MONTHS: &[u8] = b"janfebmaraprmayjunjulaugsepoctnovdec";
    let at = MONTHS.chunks(3).position(|month| month.eq_ignore_ascii_case(name))?;
    u64::try_from(at + 1).ok()
}
