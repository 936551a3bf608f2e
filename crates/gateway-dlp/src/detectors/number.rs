//! Numbers that people write with or without separators: what a pattern of one looks like, and how
//! a match is judged.

use gateway_inspect::Confidence;

use super::lead_in::lead_in_len;
use crate::sample::{Judgement, Sample, is_named};

/// Characters of the longest number, without separators.
const NUMBER_MAX: usize = 48;

/// A pattern of the given parts that stands by itself: no ASCII letter, digit or `_` touches it,
/// but an escape such as `\n` or `%20` may come right before it.
macro_rules! alone {
    ($($part:expr),+ $(,)?) => {
        concat!(crate::detectors::lead_in::lead_in!(), "(?:", $($part),+, r")\b{end-half}")
    };
}

pub(super) use alone;

/// An [`alone`] pattern of a number that begins with a digit, or whose front touches a word of small
/// letters: text that was taken out of pages often lacks the space between. For numbers that are told
/// with certainty.
macro_rules! glued {
    ($($part:expr),+ $(,)?) => {
        concat!(
            r"(?:\b{start-half}|\\[nrt]|%[0-9A-Fa-f]{2}|[a-z]{2})(?:",
            $($part),+,
            r")\b{end-half}",
        )
    };
}

pub(super) use glued;

/// An [`alone`] pattern of a number that ends with a digit, for some with what stands behind it on
/// the line, up to the next digit: a name may be there.
macro_rules! told {
    ($($part:expr),+ $(,)?) => {
        concat!(
            crate::detectors::lead_in::lead_in!(),
            "(?:",
            $($part),+,
            r")\b{end-half}(?:[^0-9\n]{1,40}\b{end-half})?",
        )
    };
}

pub(super) use told;

/// A pattern of a number behind a name for it: `name: number`, `name no. number`,
/// `"nameNumber": "number"`, `name is number`, and the same in the languages that documents of the
/// Union are named in. The name is in any case.
macro_rules! named {
    ($name:expr, $value:expr) => {
        concat!(
            "(?i:",
            $name,
            r"(?:[ _-]?(?:code|id|n[or]|num|number)\.?){0,2}",
            r#"[ \t"')\]:=#>,(\[-]{1,8}(?:(?:e|es|est|is|ist|was)[ \t:"']{1,3})?)"#,
            "(?:",
            $value,
            r")\b{end-half}",
        )
    };
}

pub(super) use named;

/// Judges a match of an [`alone`] pattern: its letters and digits, in capitals and without what
/// stands between them, must be `valid`. Neither the fraction of a decimal number nor what stands
/// behind a dash of a longer number is a number of its own.
pub(super) fn number(
    sample: &Sample<'_>,
    confidence: Confidence,
    valid: impl FnOnce(&[u8]) -> bool,
) -> Option<Judgement> {
    if is_end_of_number(sample.before, 0) {
        return None;
    }
    let lead = lead_in_len(sample.matched);
    let mut number = [0; NUMBER_MAX];
    let mut len = 0;
    for byte in sample.matched.get(lead..)?.iter().filter(|byte| byte.is_ascii_alphanumeric()) {
        *number.get_mut(len)? = byte.to_ascii_uppercase();
        len += 1;
    }
    valid(number.get(..len)?).then_some(Judgement { confidence, lead, trail: 0 })
}

/// Whether a number behind these bytes is a fraction, or the end of a longer number.
pub(super) fn is_end_of_number(before: &[u8], _first: u8) -> bool {
    matches!(before, [digit, b'.' | b'-'] if digit.is_ascii_digit())
}

/// Whether a match is no number with a letter behind it, but the front of one such as `1E-5`.
pub(super) fn is_front_of_power(sample: &Sample<'_>) -> bool {
    let ends = matches!(sample.matched, [.., digit, b'E' | b'e'] if digit.is_ascii_digit());
    ends && matches!(sample.after, Some(b'+' | b'-'))
}

/// Judges a match of a [`glued`] pattern as [`number`] does that of an [`alone`] one.
pub(super) fn glued_number(
    sample: &Sample<'_>,
    confidence: Confidence,
    valid: impl FnOnce(&[u8]) -> bool,
) -> Option<Judgement> {
    let lead = sample.matched.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    let matched = sample.matched.get(lead..)?;
    let judgement = number(&Sample { matched, ..*sample }, confidence, valid)?;
    Some(Judgement { lead: lead + judgement.lead, ..judgement })
}

/// Judges a match of a [`told`] pattern as [`number`] does that of an [`alone`] one. Where the match
/// has something behind the number, one of `names` must be in it: none, where a number is told
/// without a name.
pub(super) fn told_number(
    sample: &Sample<'_>,
    names: &[&str],
    confidence: Confidence,
    valid: impl FnOnce(&[u8]) -> bool,
) -> Option<Judgement> {
    let last = sample.matched.iter().rposition(u8::is_ascii_digit)?;
    let (matched, behind) = sample.matched.split_at(last + 1);
    let judgement = number(&Sample { matched, ..*sample }, confidence, valid)?;
    let told = behind.is_empty() || is_named(behind, names);
    told.then_some(Judgement { trail: behind.len(), ..judgement })
}

/// Judges a match of a [`named`] pattern: the letters and digits at its end are the number, which
/// alone is found; in capitals, it must be `valid`.
pub(super) fn named_value(
    sample: &Sample<'_>,
    confidence: Confidence,
    valid: impl FnOnce(&[u8]) -> bool,
) -> Option<Judgement> {
    let before = sample.matched.iter().rposition(|byte| !byte.is_ascii_alphanumeric())?;
    let number = sample.matched.get(before + 1..)?.to_ascii_uppercase();
    valid(&number).then_some(Judgement { confidence, lead: before + 1, trail: 0 })
}
