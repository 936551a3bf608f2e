//! `de_postal_code`: german postal code.
//!
//! **Format.** Five digits from 01001 to 99998. No ASCII letter, digit or `_` may touch it; an
//! escape such as `\n` or `%20` may come right before it. It is found behind one of its names, at
//! most 48 bytes before on the same line, behind `D-` or `DE-`, or where it is all that a field holds.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Deutsche Post, "Postleitzahlen".
//!
//! **Confidence.** Low: the form tells nothing.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::value;

/// Names of it.
const NAMES: &[&str] = &["plz", "postleitzahl"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "de_postal_code",
    name: "German postal code",
    summary: "German postal codes, by a name near them",
    category: Category::Personal,
    keywords: &["plz", "postleitzahl"],
    pattern: alone!("(?:DE?-)?[0-9]{5}"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named {
        anywhere: country,
        alone: form,
        form,
        names: NAMES,
        ..Named::NOTHING
    }),
    examples: &[
        example("PLZ: 10115", &["10115"]),
        example("Postleitzahl 80331 München", &["80331"]),
        example("a,01001,b", &["01001"]),
        example("D-80331 München", &["80331"]),
        example("AD-80331 and D-803311", &[]),
        example("PLZ 01000, 99999, 101150", &[]),
        example("all of the 10115 others", &[]),
    ],
};

/// Whether the country stands before it.
fn country(sample: &Sample<'_>) -> Option<Judgement> {
    if sample.matched.contains(&b'-') { form(sample) } else { None }
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    let is_code = |number: &[u8]| {
        number.last_chunk::<5>().is_some_and(|code| (1_001..99_999).contains(&value(code)))
    };
    let judgement = number(sample, Confidence::Low, is_code)?;
    Some(Judgement { lead: sample.matched.len().checked_sub(5)?, ..judgement })
}
