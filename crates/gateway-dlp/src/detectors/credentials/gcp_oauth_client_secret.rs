//! `gcp_oauth_client_secret`: Google OAuth client secret.
//!
//! **Format.** `GOCSPX-` and 28 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Google Cloud, "Manage OAuth clients".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gcp_oauth_client_secret",
    name: "Google OAuth client secret",
    summary: "Google OAuth client secret, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["client_secret", "google"],
    pattern: r"GOCSPX-[0-9A-Za-z_-]{28}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"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","id":7}"#,
            &["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"],
        ),
        example(
            "export TOKEN=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\n",
            &["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"],
        ),
        example("cut short GOCSPX-5H4qY8NPSw", &[]),
        example("a placeholder GOCSPX-xxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
