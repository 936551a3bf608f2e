//! `dependency_track_key`: Dependency-Track API key.
//!
//! **Format.** `odt_`, for newer keys eight letters or digits and `_`, and 32 letters or digits.
//! No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right
//! before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** OWASP Dependency-Track documentation, "REST API".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "dependency_track_key",
    name: "Dependency-Track API key",
    summary: "Dependency-Track API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["dependency", "dtrack"],
    pattern: alone!("odt_(?:[0-9A-Za-z]{8}_)?[0-9A-Za-z]{32}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"odt_RvqvTrKs1kUaI6YgzlNk1jbvPHFcIdmZ","id":7}"#,
            &["odt_RvqvTrKs1kUaI6YgzlNk1jbvPHFcIdmZ"],
        ),
        example(
            "key: odt_lqusK7oxzqmDsocfTHY5dA2InzW9uqvS, and more",
            &["odt_lqusK7oxzqmDsocfTHY5dA2InzW9uqvS"],
        ),
        example("cut short odt_RvqvTrKs1kUaI6YgzlN", &[]),
        example("a placeholder odt_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
