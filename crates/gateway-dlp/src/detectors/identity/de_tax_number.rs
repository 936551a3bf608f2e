//! `de_tax_number`: German tax number that a tax office gives (Steuernummer).
//!
//! **Format.** Two or three digits, three or four, and four or five, parted by slashes; or 13
//! digits that begin with the number of a state. No ASCII letter, digit or `_` may touch it; an
//! escape such as `\n` or `%20` may come right before it. Those of 13 digits are found behind one
//! of their names, at most 48 bytes before on the same line, or where they are all that a field
//! holds.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Elster, "Aufbau der Steuernummern".
//!
//! **Confidence.** Low: there is no check digit that all states share.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] = &["st.-nr", "steuernummer", "stnr"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "de_tax_number",
    name: "German tax number of an office (Steuernummer)",
    summary: "German tax numbers of tax offices, by form",
    category: Category::Identity,
    keywords: &["finanzamt", "st.-nr", "steuernummer", "stnr"],
    pattern: alone!(
        "[0-9]{2}/[0-9]{3}/[0-9]{4,5}|[0-9]{2}/[0-9]{4}/[0-9]{4}|[0-9]{3}/[0-9]{3}/[0-9]{4,5}",
        "|[0-9]{3}/[0-9]{4}/[0-9]{4}|(?:0[1-9]|1[0-6]|2[1-8]|3[0-2]|4[01]|5[1-6]|9[0-9])[0-9]{11}"
    ),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named {
        anywhere: slashed,
        alone: form,
        form,
        names: NAMES,
        ..Named::NOTHING
    }),
    examples: &[
        example("St.-Nr. 123/456/78901 bitte", &["123/456/78901"]),
        example("Finanzamt 21/815/08150.", &["21/815/08150"]),
        example("Steuernummer: 0981508150999", &["0981508150999"]),
        example("no name for 0981508150999", &[]),
        example("Steuernummer 028150815012", &[]),
        example("a path 1/123/456/78901/2", &[]),
    ],
};

fn slashed(sample: &Sample<'_>) -> Option<Judgement> {
    let is_path = sample.before.last() == Some(&b'/') || sample.after == Some(b'/');
    let is_slashed = sample.matched.contains(&b'/') && !is_path;
    is_slashed.then(|| number(sample, Confidence::Low, |_| true))?
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
