//! `pl_nip`: Polish tax number (NIP).
//!
//! **Format.** Ten digits, plain or as three, three, two and two, or three, two, two and three,
//! parted by dashes; `PL` may stand before. No ASCII letter, digit or `_` may touch it; an escape
//! such as `\n` or `%20` may come right before it.
//!
//! **Validator.** The last digit checks the others.
//!
//! **Source.** Polish act on the registration of taxpayers, NIP. Compared with python-stdnum,
//! `stdnum.pl.nip`.
//!
//! **Confidence.** Low: one number in ten or eleven of this form passes by chance.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, is_end_of_number, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};
use crate::validate::pl_nip;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "pl_nip",
    name: "Polish tax number (NIP)",
    summary: "Polish tax number (NIP): by form and check digits",
    category: Category::Identity,
    keywords: &["nip"],
    pattern: alone!(
        "(?:(?i:PL)[ ]?)?(?:[0-9]{10}|[0-9]{3}-[0-9]{3}-[0-9]{2}-[0-9]{2}|[0-9]{3}-[0-9]{2}-[0-9]{2}-[0-9]{3})"
    ),
    match_bytes_max: 32,
    validators: &["pl_nip"],
    test: Test::Whole(judge, is_end_of_number),
    examples: &[
        example("nip: 742-702-85-32.", &["742-702-85-32"]),
        example(r#"{"id":"170-256-68-08"}"#, &["170-256-68-08"]),
        example("wrong 742-702-85-30", &[]),
        example("part of more 7742-702-85-32 742-702-85-327", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Low, |number| pl_nip(number.strip_prefix(b"PL").unwrap_or(number)))
}
