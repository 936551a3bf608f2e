//! `clickhouse_cloud_key`: ClickHouse Cloud API secret.
//!
//! **Format.** `4b1d` and 38 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `clickhouse-cloud-api-secret-key`. On the kind:
//! ClickHouse Cloud, "Managing API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "clickhouse_cloud_key",
    name: "ClickHouse Cloud API secret",
    summary: "ClickHouse Cloud API secret, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["clickhouse"],
    pattern: alone!("4b1d[0-9A-Za-z]{38}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"4b1d7E4TPaQSzFbRT1Ximw1NvyaRgyV4zQdOj57VD4","id":7}"#,
            &["4b1d7E4TPaQSzFbRT1Ximw1NvyaRgyV4zQdOj57VD4"],
        ),
        example(
            "key: 4b1dMtfaOIqCgpPdYIQUIVceDJsMNT1qM75VkVpooo, and more",
            &["4b1dMtfaOIqCgpPdYIQUIVceDJsMNT1qM75VkVpooo"],
        ),
        example("cut short 4b1d7E4TPaQSzFbRT1Xim", &[]),
        example("a placeholder 4b1dxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
