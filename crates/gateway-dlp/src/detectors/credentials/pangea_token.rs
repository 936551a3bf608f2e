//! `pangea_token`: Pangea token.
//!
//! **Format.** `pts_` and 32 small letters or digits. No ASCII letter, digit or `_` may touch it,
//! but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Pangea documentation, "Tokens".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "pangea_token",
    name: "Pangea token",
    summary: "Pangea token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["pangea"],
    pattern: alone!("pts_[0-9a-z]{32}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"pts_ptiwodvqw8m4mnlg60rffe4c2ugenutq","id":7}"#,
            &["pts_ptiwodvqw8m4mnlg60rffe4c2ugenutq"],
        ),
        example(
            "key: pts_fph28u82sbuzaldjz3ukllki0wrqvaj2, and more",
            &["pts_fph28u82sbuzaldjz3ukllki0wrqvaj2"],
        ),
        example("cut short pts_ptiwodvqw8m4mnlg60r", &[]),
        example("a placeholder pts_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
