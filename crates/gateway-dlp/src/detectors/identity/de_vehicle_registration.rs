//! `de_vehicle_registration`: german vehicle registration number.
//!
//! **Format.** One to three letters for the district, one or two more and up to four digits, with
//! spaces or dashes between them, and for some `E` or `H`. No ASCII letter, digit or `_` may touch
//! it; an escape such as `\n` or `%20` may come right before it. It is found behind one of its
//! names, at most 48 bytes before on the same line, or where it is all that a field holds.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** FZV section 9 and annex 2.
//!
//! **Confidence.** Low: the form tells little.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};

/// Names of it.
const NAMES: &[&str] = &["amtliches kennzeichen", "kennzeichen", "kfz"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "de_vehicle_registration",
    name: "German vehicle registration number",
    summary: "German vehicle registration numbers, by form and a name near them",
    category: Category::Identity,
    keywords: &["amtliches kennzeichen", "fahrzeug", "kennzeichen", "kfz"],
    pattern: alone!(
        r"(?:(?:[A-Z]|\xC3[\x84\x96\x9C\xA4\xB6\xBC]){1,3}(?: [A-Z]{1,2} ?|-[A-Z]{1,2}[ -]?)[1-9][0-9]{0,3}[EH]?)"
    ),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Told(Named { alone: form, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("Kennzeichen: HH-AB 1234.", &["HH-AB 1234"]),
        example("Das Fahrzeug mit Kennzeichen B AB 1234 wurde gesehen", &["B AB 1234"]),
        example(r#"{"plate":"KA-EF 12H"}"#, &["KA-EF 12H"]),
        example("it is at 12", &[]),
        example("Kennzeichen BXYZ AB 1234", &[]),
    ],
};

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |_| true)
}
