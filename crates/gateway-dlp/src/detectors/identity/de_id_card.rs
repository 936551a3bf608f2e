//! `de_id_card`: german identity card number.
//!
//! **Format.** A letter of those that are given, seven digits and letters and a digit; or, on older
//! ones, `T` and eight digits. No ASCII letter, digit or `_` may touch it; an escape such as `\n`
//! or `%20` may come right before it.
//!
//! **Validator.** The last digit is the check digit of machine-readable documents, but for the
//! older ones: those are found behind one of their names, at most 48 bytes before on the same line,
//! or where they are all that a field holds.
//!
//! **Source.** Bundesdruckerei; ICAO Doc 9303 part 3, section 4.9.
//!
//! **Confidence.** Low: one number in ten passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{told, told_number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::{icao_check, is_digits};

/// Names of it.
const NAMES: &[&str] = &["ausweis", "personalausweis", "personalausweisnummer"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "de_id_card",
    name: "German identity card number",
    summary: "German identity card numbers: by form and check digit",
    category: Category::Identity,
    keywords: &["ausweis", "personalausweis", "personalausweisnummer"],
    pattern: told!("(?i:[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{7}[0-9])"),
    match_bytes_max: 64,
    validators: &["icao_check"],
    test: Test::Named(Named {
        right: judge,
        alone: old,
        form: old,
        names: NAMES,
        ..Named::NOTHING
    }),
    examples: &[
        example("Personalausweis: L01X00T44.", &["L01X00T44"]),
        example(r#"{"id":"cz6311t03"}"#, &["cz6311t03"]),
        example("Ausweis Nr. T22000129", &["T22000129"]),
        example("T22000129 ist mein Personalausweis", &["T22000129"]),
        example("wrong L01X00T47", &[]),
        example("unnamed T22000129 here", &[]),
        example("part of more L01X00T441", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    told_number(sample, &[], Confidence::Low, icao_check)
}

fn old(sample: &Sample<'_>) -> Option<Judgement> {
    told_number(
        sample,
        NAMES,
        Confidence::Low,
        |number| matches!(number, [b'T', rest @ ..] if is_digits(rest, 8)),
    )
}
