//! `de_tax_id`: German tax identification number.
//!
//! **Format.** Eleven digits, plain or as two, three, three and three parted by spaces. No ASCII
//! letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** In the first ten exactly one digit comes twice or three times, and the last is
//! the check digit of ISO 7064 MOD 11,10.
//!
//! Behind `IdNr`, `Steuer-ID` or `Steueridentifikationsnummer`, at most 48 bytes before on the same
//! line, a number whose digits are not right is found with low confidence; so is one of which the
//! check digit alone is, where it is all that a field holds.
//!
//! **Source.** Bundeszentralamt fuer Steuern, "Steuerliche Identifikationsnummer". Compared with
//! python-stdnum, `stdnum.de.idnr`.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::{de_tax_id, de_tax_id_check};

/// Names behind which a number is found whatever its digits are.
const NAMES: &[&str] = &["idnr", "steuer-id", "steueridentifikationsnummer"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "de_tax_id",
    name: "German tax identification number",
    summary: "German tax identification number: by form and check digits",
    category: Category::Identity,
    keywords: &["idnr", "steuer-id", "steueridentifikationsnummer", "tin"],
    pattern: alone!("[1-9][0-9][ ]?[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{3}"),
    match_bytes_max: 32,
    validators: &["de_tax_id"],
    test: Test::Named(Named { right: judge, alone, form, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("idnr: 81543 724 941.", &["81543 724 941"]),
        example(r#"{"id":"24 105007891"}"#, &["24 105007891"]),
        example("wrong 81543 724 241", &[]),
        example("a,12345678903,b", &["12345678903"]),
        example("a,11112345678,b", &[]),
        example("Steuer-ID: 81543 724 241.", &["81543 724 241"]),
        example("part of more 781543 724 941 81543 724 9417", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, de_tax_id)
}

fn alone(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, de_tax_id_check)
}

fn form(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| number.first() != Some(&b'0'))
}
