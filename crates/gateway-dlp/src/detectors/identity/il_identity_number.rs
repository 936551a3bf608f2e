//! `il_identity_number`: Israeli identity number.
//!
//! **Format.** Nine digits, for some with a dash before the last, behind a name, at most 48
//! bytes before on the same line. No ASCII letter, digit or `_` may touch it; an escape such as
//! `\n` or `%20` may come right before it.
//!
//! **Validator.** The last is the Luhn check digit.
//!
//! **Source.** Population and Immigration Authority of Israel, mispar zehut.
//!
//! **Confidence.** Low: the name tells what it is, and one number in ten passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::il_id;

/// Names of it.
const NAMES: &[&str] =
    &["israel id", "israeli id", "mispar zehut", "teudat zehut", "מספר זהות", "תעודת זהות"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "il_identity_number",
    name: "Israeli identity number",
    summary: "Israeli identity number: by form and check digits",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!("[0-9]{8}-?[0-9]"),
    match_bytes_max: 32,
    validators: &["il_id"],
    test: Test::Told(Named { form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("teudat zehut 333745149.", &["333745149"]),
        example("Israeli ID: 21058457-9", &["21058457-9"]),
        example("no name 210584579", &[]),
        example("Israeli ID wrong 333045149", &[]),
        example("Israeli ID part of more 6169917661", &[]),
    ],
};

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, il_id)
}
