//! `runpod_key`: RunPod API key.
//!
//! **Format.** `rpa_`, 40 capital letters or digits and six letters or digits. No ASCII letter,
//! digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `runpod.go`. On the kind: RunPod documentation, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "runpod_key",
    name: "RunPod API key",
    summary: "RunPod API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["runpod"],
    pattern: alone!("rpa_[0-9A-Z]{40}[0-9A-Za-z]{6}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"rpa_OYVOACBY3C73Q6TEAEXAOLPNOX6KHO18HTVC3TN805B8aw","id":7}"#,
            &["rpa_OYVOACBY3C73Q6TEAEXAOLPNOX6KHO18HTVC3TN805B8aw"],
        ),
        example(
            "key: rpa_7QYPY34LXLL588J63O29ZYI4YD35YE1PGN83UYDNgLvgfM, and more",
            &["rpa_7QYPY34LXLL588J63O29ZYI4YD35YE1PGN83UYDNgLvgfM"],
        ),
        example("cut short rpa_OYVOACBY3C73Q6TEAEXAOLPNOX6", &[]),
        example("a placeholder rpa_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
