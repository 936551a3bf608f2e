//! `buildkite_token`: Buildkite API access token.
//!
//! **Format.** `bkua_` and 40 hexadecimal digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Buildkite, "Managing API access tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "buildkite_token",
    name: "Buildkite API access token",
    summary: "Buildkite API access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["buildkite"],
    pattern: r"bkua_[0-9a-f]{40}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "key: bkua_9c4b41061d3fb0cabcc3fa9f624f022f501d8e75, and more",
            &["bkua_9c4b41061d3fb0cabcc3fa9f624f022f501d8e75"],
        ),
        example(
            "Authorization: Bearer bkua_a529320248220f09bc10e77959d691b7a5a61492",
            &["bkua_a529320248220f09bc10e77959d691b7a5a61492"],
        ),
        example("cut short bkua_9c4b41061d3fb0cab", &[]),
        example("a placeholder bkua_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
