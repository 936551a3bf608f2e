//! `us_routing_number`: US routing number (ABA).
//!
//! **Format.** Nine digits, plain or as four, four and one parted by dashes. No ASCII letter, digit
//! or `_` may touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The first two are the number of a district, and the digits are a multiple of ten
//! by their weights 3, 7 and 1.
//!
//! **Source.** American Bankers Association, routing number policy. Compared with python-stdnum,
//! `stdnum.us.rtn`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::aba;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "us_routing_number",
    name: "US routing number (ABA)",
    summary: "US routing number (ABA): by form and check digits",
    category: Category::Financial,
    keywords: &["aba", "routing"],
    pattern: alone!("(?:[0-9]{9}|[0-9]{4}-[0-9]{4}-[0-9])"),
    match_bytes_max: 32,
    validators: &["aba_mod_10"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("aba: 090668931.", &["090668931"]),
        example(r#"{"id":"126406863"}"#, &["126406863"]),
        example("wrong 090668932", &[]),
        example("part of more 7090668931 0906689317", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, aba)
}
