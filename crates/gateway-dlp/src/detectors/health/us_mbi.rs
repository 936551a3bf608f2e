//! `us_mbi`: US Medicare beneficiary identifiers.
//!
//! **Format.** Eleven characters: a digit but 0, a letter, a letter or digit, a digit, a letter, a
//! letter or digit, a digit, two letters and two digits, with dashes after the fourth and seventh
//! or without; letters are none of `S`, `L`, `O`, `I`, `B`, `Z`. No ASCII letter, digit or `_` may
//! touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** None beside the format.
//!
//! **Source.** Centers for Medicare & Medicaid Services, "Understanding the MBI format".
//!
//! **Confidence.** High: the pattern of letters and digits is rare.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "us_mbi",
    name: "US Medicare beneficiary number (MBI)",
    summary: "US Medicare beneficiary identifiers, by the order of letters and digits",
    category: Category::Health,
    keywords: &["mbi", "medicare"],
    pattern: alone!(
        "(?i:[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]-?[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]-?[AC-HJKMNP-RT-Y]{2}[0-9]{2})"
    ),
    match_bytes_max: 32,
    validators: &[],
    test: Test::Judge(judge),
    examples: &[
        example("MBI: 1EG4-TE5-MK73.", &["1EG4-TE5-MK73"]),
        example(r#"{"mbi":"2AG9XC4NN22"}"#, &["2AG9XC4NN22"]),
        example("no such letter 1SG4-TE5-MK73", &[]),
        example("cut 1EG4-TE5-MK7", &[]),
        example("part of more 11EG4-TE5-MK73", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    Some(Judgement { confidence: Confidence::High, lead: lead_in_len(sample.matched), trail: 0 })
}
