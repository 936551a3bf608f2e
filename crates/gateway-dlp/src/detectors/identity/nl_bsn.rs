//! `nl_bsn`: Dutch citizen service number.
//!
//! **Format.** Nine digits, plain or parted by points in threes. No ASCII letter, digit or `_` may
//! touch it; an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The digits are a multiple of eleven by their weights.
//!
//! **Source.** Rijksoverheid, burgerservicenummer, "elfproef". Compared with python-stdnum,
//! `stdnum.nl.bsn`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::nl_bsn;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "nl_bsn",
    name: "Dutch citizen service number",
    summary: "Dutch citizen service number: by form and check digits",
    category: Category::Identity,
    keywords: &["bsn", "burgerservicenummer", "sofinummer"],
    pattern: alone!(r"[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}"),
    match_bytes_max: 32,
    validators: &["nl_bsn"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("bsn: 877939652.", &["877939652"]),
        example(r#"{"id":"073091546"}"#, &["073091546"]),
        example("wrong 877939654", &[]),
        example("part of more 7877939652 8779396527", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, nl_bsn)
}
