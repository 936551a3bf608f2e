//! `grafana_cloud_token`: Grafana Cloud access policy token.
//!
//! **Format.** `glc_eyJ` and 32 to 400 characters of base64. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `grafana-cloud-api-token`. On the kind: Grafana
//! Cloud, "Access policies".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "grafana_cloud_token",
    name: "Grafana Cloud access policy token",
    summary: "Grafana Cloud access policy token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["grafana"],
    pattern: r"glc_eyJ[0-9A-Za-z+/]{32,}={0,3}\b{end-half}",
    match_bytes_max: 416,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"token = "glc_eyJs/p7L4inpFHmSTN5uPxU4QkSVYsEAYZIYcf7p===""#,
            &["glc_eyJs/p7L4inpFHmSTN5uPxU4QkSVYsEAYZIYcf7p==="],
        ),
        example(
            "key: glc_eyJeNs1E1CO83OUqHyhyQjeK4z4xmOZPMa76j, and more",
            &["glc_eyJeNs1E1CO83OUqHyhyQjeK4z4xmOZPMa76j"],
        ),
        example("cut short glc_eyJs/p7L4inpFHmSTN5", &[]),
        example("a placeholder glc_eyJx/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx===", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
