//! `ca_passport`: Canadian passport numbers.
//!
//! **Format.** The word `passport`, and two letters and six digits, or a letter, six digits and two
//! letters. The name and what parts it from the number are no part of the finding. No ASCII letter,
//! digit or `_` may follow.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Microsoft Purview, "Canada passport number", for the older form. On the newer one:
//! Immigration, Refugees and Citizenship Canada, passports.
//!
//! **Confidence.** Medium: the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::number::{named, named_value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "ca_passport",
    name: "Canadian passport number",
    summary: "Canadian passport numbers, by form and by the name before them",
    category: Category::Identity,
    keywords: &["passeport", "passport"],
    pattern: named!("passe?port", "(?:[A-Z]{2}[0-9]{6}|[A-Z][0-9]{6}[A-Z]{2})"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("Passport: GA302922", &["GA302922"]),
        example("passeport: P123456AA", &["P123456AA"]),
        example("GA302922 alone", &[]),
        example("passport: GA30292", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    named_value(sample, Confidence::Medium, |_| true)
}
