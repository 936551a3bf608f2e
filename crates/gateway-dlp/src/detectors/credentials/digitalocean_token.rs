//! `digitalocean_token`: DigitalOcean personal access token.
//!
//! **Format.** `dop_v1_` and 64 hexadecimal digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `digitalocean-pat`. On the kind: DigitalOcean API
//! reference, token prefixes.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "digitalocean_token",
    name: "DigitalOcean personal access token",
    summary: "DigitalOcean personal access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["digitalocean"],
    pattern: r"dop_v1_[0-9a-f]{64}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"dop_v1_b2e490d1c102d2d14d09b3ad32ed07de0435237bfe1d5048347d28d0a822a9b5","id":7}"#,
            &["dop_v1_b2e490d1c102d2d14d09b3ad32ed07de0435237bfe1d5048347d28d0a822a9b5"],
        ),
        example(
            "key: dop_v1_f87724e5d8a04be2476ada2c3951519cc1af4a75ee1bde5df93e398e36bbd87e, and more",
            &["dop_v1_f87724e5d8a04be2476ada2c3951519cc1af4a75ee1bde5df93e398e36bbd87e"],
        ),
        example("cut short dop_v1_b2e490d1c102d2d14d09b3ad32ed", &[]),
        example(
            "a placeholder dop_v1_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
