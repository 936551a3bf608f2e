//! `cockroachdb_cloud_key`: CockroachDB Cloud API key.
//!
//! **Format.** `CCDB1_`, 22 letters or digits, `_` and 40 more. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `cockroachlabs.yml`. On the kind: CockroachDB Cloud API, "Create API
//! keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "cockroachdb_cloud_key",
    name: "CockroachDB Cloud API key",
    summary: "CockroachDB Cloud API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["cockroach"],
    pattern: r"CCDB1_[0-9A-Za-z]{22}_[0-9A-Za-z]{40}\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"CCDB1_kVbbuGUevfqwIk234eo4t8_sWcbiqwAq4xFe6lC6KpxXh3qnGDnLpvLYEfi9MU0","id":7}"#,
            &["CCDB1_kVbbuGUevfqwIk234eo4t8_sWcbiqwAq4xFe6lC6KpxXh3qnGDnLpvLYEfi9MU0"],
        ),
        example(
            "key: CCDB1_u1aisNeLzmAfiUwc1k2TfJ_I3cG9zEgFKseLWAbgDlRQIIn2zFKH4YwcAQLkGSu, and more",
            &["CCDB1_u1aisNeLzmAfiUwc1k2TfJ_I3cG9zEgFKseLWAbgDlRQIIn2zFKH4YwcAQLkGSu"],
        ),
        example("cut short CCDB1_kVbbuGUevfqwIk234eo4t8_sWcbiqwAq4xFe6", &[]),
        example(
            "a placeholder CCDB1_xxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
