//! `pulumi_token`: Pulumi access token.
//!
//! **Format.** `pul-` and 40 hexadecimal digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `pulumi-api-token`. On the kind: Pulumi Cloud,
//! "Access tokens".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "pulumi_token",
    name: "Pulumi access token",
    summary: "Pulumi access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["pulumi"],
    pattern: alone!("pul-[0-9a-f]{40}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "export TOKEN=pul-a7db30f409036a58f9758dc59551976cd37fa671\n",
            &["pul-a7db30f409036a58f9758dc59551976cd37fa671"],
        ),
        example(
            r#"{"key":"pul-192b29c4bfb2528af38460946e1be949f668926b","id":7}"#,
            &["pul-192b29c4bfb2528af38460946e1be949f668926b"],
        ),
        example("cut short pul-a7db30f409036a58f9", &[]),
        example("a placeholder pul-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
