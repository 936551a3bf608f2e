//! `fr_passport`: French passport numbers.
//!
//! **Format.** The word `passeport` or `passport`, and two digits, two letters and five digits. The
//! name and what parts it from the number are no part of the finding. No ASCII letter, digit or `_`
//! may follow.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Microsoft Purview, "France passport number". On the kind: Council of the European
//! Union, PRADO, FRA.
//!
//! **Confidence.** Medium: the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::number::{named, named_value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "fr_passport",
    name: "French passport number",
    summary: "French passport numbers, by form and by the name before them",
    category: Category::Identity,
    keywords: &["passeport", "passport"],
    pattern: named!("passe?port", "[0-9]{2}[A-Z]{2}[0-9]{5}"),
    match_bytes_max: 64,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("passeport: 12AB34567", &["12AB34567"]),
        example(r#"{"passport":"09XY12345"}"#, &["09XY12345"]),
        example("12AB34567 alone", &[]),
        example("passeport: 12AB3456", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    named_value(sample, Confidence::Medium, |_| true)
}
