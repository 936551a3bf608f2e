//! `id_npwp`: Indonesian tax number (NPWP).
//!
//! **Format.** 15 digits as two, three, three, one, three and three, parted by points and a dash.
//! Without these, since 2024 with a 0 in front as well, it is found where its name stands before it,
//! at most 48 bytes before on the same line. Numbers of 16 digits that are those of an identity card
//! are found by `id_ktp`. No ASCII letter, digit or `_` may touch it; an escape such as `\n` or `%20` may come right
//! before it.
//!
//! **Validator.** The first nine digits, a 0 in front not counted, end with their Luhn check digit.
//!
//! **Source.** python-stdnum, `stdnum/id/npwp.py`, with the form of 2024. On the kind: Direktorat
//! Jenderal Pajak, NPWP.
//!
//! **Confidence.** Medium: the form and its checks pass by chance less than once in a hundred.

use gateway_inspect::Confidence;

use crate::detectors::number::{alone, number};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Named, Sample, Test};
use crate::validate::luhn;

/// Names of it.
const NAMES: &[&str] = &["npwp"];

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "id_npwp",
    name: "Indonesian tax number (NPWP)",
    summary: "Indonesian tax number (NPWP): by form and check digits",
    category: Category::Identity,
    keywords: NAMES,
    pattern: alone!(r"[0-9]{2}\.[0-9]{3}\.[0-9]{3}\.[0-9]-[0-9]{3}\.[0-9]{3}|0?[0-9]{15}"),
    match_bytes_max: 32,
    validators: &["luhn"],
    test: Test::Told(Named { anywhere: parted, form: judge, names: NAMES, ..Named::NOTHING }),
    examples: &[
        example("NPWP 318378973777057", &["318378973777057"]),
        example("NPWP: 0318378973777057", &["0318378973777057"]),
        example("NPWP: 1318378973777057", &[]),
        example("no name for 318378973777057 0318378973777057", &[]),
        example("npwp: 30.274.672.2-062.935.", &["30.274.672.2-062.935"]),
        example(r#"{"id":"31.837.897.3-777.057"}"#, &["31.837.897.3-777.057"]),
        example("wrong 30.174.672.2-062.935", &[]),
        example("part of more 730.274.672.2-062.935 30.274.672.2-062.9357", &[]),
    ],
};

fn parted(sample: &Sample<'_>) -> Option<Judgement> {
    if sample.matched.contains(&b'-') { judge(sample) } else { None }
}

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    number(sample, Confidence::Medium, |number| {
        let old = if number.len() == 16 { number.get(1..) } else { Some(number) };
        old.and_then(|old| old.get(..9)).is_some_and(luhn)
    })
}
