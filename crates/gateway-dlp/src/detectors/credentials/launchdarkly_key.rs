//! `launchdarkly_key`: LaunchDarkly key.
//!
//! **Format.** `sdk-` or `api-` and a UUID. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** LaunchDarkly, "Keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "launchdarkly_key",
    name: "LaunchDarkly key",
    summary: "LaunchDarkly key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["launchdarkly"],
    pattern: alone!("(?:sdk|api)-[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "key: sdk-35133fdD-7E39-eEB5-d0f5-a6D59FbfBdD3, and more",
            &["sdk-35133fdD-7E39-eEB5-d0f5-a6D59FbfBdD3"],
        ),
        example(
            r#"{"key":"api-539682bA-6A3c-D67a-Df0D-5cD438C82cfA","id":7}"#,
            &["api-539682bA-6A3c-D67a-Df0D-5cD438C82cfA"],
        ),
        example("cut short sdk-35133fdD-7E39-eE", &[]),
        example("a placeholder sdk-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
