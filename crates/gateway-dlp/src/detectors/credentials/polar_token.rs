//! `polar_token`: Polar access token.
//!
//! **Format.** `polar_at_`, `polar_rt_` (OAuth), `polar_oat_` (organization) or `polar_pat_`
//! (personal) and 20 to 100 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `polar.go`. On the kind: Polar API, "Authentication".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "polar_token",
    name: "Polar access token",
    summary: "Polar access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["polar"],
    pattern: r"polar_(?:at|oat|pat|rt)_[0-9A-Za-z_-]{20,100}\b{end-half}",
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"polar_oat_D07faUkzDa2ijXUF2HFw8","id":7}"#,
            &["polar_oat_D07faUkzDa2ijXUF2HFw8"],
        ),
        example(
            "key: polar_pat_GufDG5q1wv4887xpAwhzicDRRnCdYxB5-FXvpd_fdONVHCM5, and more",
            &["polar_pat_GufDG5q1wv4887xpAwhzicDRRnCdYxB5-FXvpd_fdONVHCM5"],
        ),
        example("cut short polar_oat_D07faUkzDa2i", &[]),
        example("a placeholder polar_oat_xxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 9;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
