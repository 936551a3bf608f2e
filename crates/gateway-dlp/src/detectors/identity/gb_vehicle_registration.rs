//! `gb_vehicle_registration`: uK vehicle registration number.
//!
//! **Format.** Two letters, the two digits of an age and three letters, in any case; or, as given
//! before 2001, a letter, up to three digits and three letters, or these the other way round.
//! Between the parts may be a space, in the first a dash as well. No ASCII letter, digit or `_` may
//! touch it; an escape such as `\n` or `%20` may come right before it. The older ones, which look
//! like much else, are found behind one of their names, at most 48 bytes before on the same line,
//! or where they are all that a field holds.
//!
//! **Validator.** Each letter is one that may stand there, and the age is one.
//!
//! **Source.** DVLA, INF104.
//!
//! **Confidence.** Low: the form is short.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::is_digits;

/// Names of it.
const NAMES: &[&str] = &["car reg", "number plate", "reg", "registration"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gb_vehicle_registration",
    name: "UK vehicle registration number",
    summary: "British vehicle registration numbers, by form",
    category: Category::Identity,
    keywords: &["car reg", "number plate", "reg", "registration", "vehicle"],
    pattern: alone!(
        "(?i:[A-HJ-PR-Y]{2}(?:0[2-9]|[12][0-9]|5[1-9]|[67][0-9])[ -]?[A-HJ-PR-Z]{3}",
        "|[A-HJ-NPR-TV-Y][1-9][0-9]{0,2} ?[A-HJ-PR-Y]{3}|[A-HJ-PR-Y]{3} ?[1-9][0-9]{0,2}[A-HJ-NPR-TV-Y])"
    ),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named {
        anywhere: current,
        alone: form,
        form,
        names: NAMES,
        ..Named::NOTHING
    }),
    examples: &[
        example("My car reg is AB51 ABC and it expires", &["AB51 ABC"]),
        example("Vehicles BD62XYZ and LN14-HGT", &["BD62XYZ", "LN14-HGT"]),
        example("a,K1 ABC,b", &["K1 ABC"]),
        example("registration ABC 123D", &["ABC 123D"]),
        example("no such age AB35 ABC", &[]),
        example("no such letter AB51 AIB", &[]),
        example("unnamed A123 BCD here", &[]),
    ],
};

fn current(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| {
        matches!(number, [a, b, rest @ ..] if rest.len() == 5
            && a.is_ascii_alphabetic()
            && b.is_ascii_alphabetic()
            && is_digits(rest.get(..2).unwrap_or_default(), 2))
    })
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
