//! `se_organisation_number`: swedish organisation number.
//!
//! **Format.** Ten digits, of which the third is 2 or more, with a dash before the last four or
//! not. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right
//! before it.
//!
//! **Validator.** The last digit is the Luhn check digit.
//!
//! **Source.** Skatteverket, SKV 709; lag (1974:174). Compared with python-stdnum,
//! `stdnum.se.orgnr`.
//!
//! **Confidence.** Low: one number in ten passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::luhn;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "se_organisation_number",
    name: "Swedish organisation number",
    summary: "Swedish organisation numbers: by form and check digit",
    category: Category::Identity,
    keywords: &["organisationsnummer", "orgnr", "orgnummer"],
    pattern: alone!("[1-35-9][0-9][2-9][0-9]{3}-?[0-9]{4}"),
    match_bytes_max: 64,
    validators: &["luhn"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("556703-7485 är vårt orgnummer", &["556703-7485"]),
        example(r#"{"id":"2120000142"}"#, &["2120000142"]),
        example("wrong 556703-7486", &[]),
        example("a person 871220-2384", &[]),
        example("part of more 5567037485999", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, luhn)
}
