//! `thunderstore_token`: Thunderstore service token.
//!
//! **Format.** `tss_` and 36 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `thunderstore.go`. On the kind: Thunderstore, "Service accounts".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "thunderstore_token",
    name: "Thunderstore service token",
    summary: "Thunderstore service token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["thunderstore"],
    pattern: alone!("tss_[0-9A-Za-z]{36}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer tss_vL6XBLXkSLl59zOO06QH2IjHLw7eAbiO9ApF",
            &["tss_vL6XBLXkSLl59zOO06QH2IjHLw7eAbiO9ApF"],
        ),
        example(
            r#"{"key":"tss_ZDKUbv74GDZ4ihUlX4oPRdmVma7B2hRlkbIN","id":7}"#,
            &["tss_ZDKUbv74GDZ4ihUlX4oPRdmVma7B2hRlkbIN"],
        ),
        example("cut short tss_vL6XBLXkSLl59zOO", &[]),
        example("a placeholder tss_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
