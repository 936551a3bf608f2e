//! `gcp_oauth_access_token`: Google OAuth access token.
//!
//! **Format.** `ya29.` and 22 to 500 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Google Identity, "Using OAuth 2.0".
//!
//! **Confidence.** High: no other text has this form. Medium for less than 60 characters, which tokens
//! of long ago had, and tokens that were cut.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gcp_oauth_access_token",
    name: "Google OAuth access token",
    summary: "Google OAuth access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["access_token", "google"],
    pattern: r"ya29\.[0-9A-Za-z_-]{22,}\b{end-half}",
    match_bytes_max: 512,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"ya29.82G1KTLyk-RCqzZ-dwKZA6J1nZ5vJJ3r5ezVeL3eCTt2tZp51LwFkZY-kIlK","id":7}"#,
            &["ya29.82G1KTLyk-RCqzZ-dwKZA6J1nZ5vJJ3r5ezVeL3eCTt2tZp51LwFkZY-kIlK"],
        ),
        example(
            "export TOKEN=ya29.MlItsQNRUk25ABD0LfWJSsnKL1HuLZV_DUdy-xmt_080dLH8FeZcsVLYRMoE7F\n",
            &["ya29.MlItsQNRUk25ABD0LfWJSsnKL1HuLZV_DUdy-xmt_080dLH8FeZcsVLYRMoE7F"],
        ),
        example(
            "one of old ya29.82G1KTLyk-RCqzZ-dwKZA6J1nZ5",
            &["ya29.82G1KTLyk-RCqzZ-dwKZA6J1nZ5"],
        ),
        example("cut short ya29.82G1KTLyk-RCqzZ-dw", &[]),
        example(
            "a placeholder ya29.xxxxxxxxx-xxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;
/// Bytes behind the prefix of the tokens of today, at least.
const LONG: usize = 60;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let is_long = sample.matched.len() >= PREFIX + LONG;
    token(sample, PREFIX, if is_long { Confidence::High } else { Confidence::Medium })
}
