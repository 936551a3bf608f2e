//! `openvsx_token`: Open VSX access token.
//!
//! **Format.** `ovsxat_` or `ovsxp_` and a UUID in small letters. No ASCII letter, digit or `_`
//! may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Open VSX, "Access tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "openvsx_token",
    name: "Open VSX access token",
    summary: "Open VSX access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["openvsx", "ovsx"],
    pattern: r"ovsx(?:at|p)_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"ovsxp_89239195-af69-5f80-5133-8d09350008eb","id":7}"#,
            &["ovsxp_89239195-af69-5f80-5133-8d09350008eb"],
        ),
        example(
            "key: ovsxat_cf81655a-3160-42bf-301e-3c75f6c0c9d0, and more",
            &["ovsxat_cf81655a-3160-42bf-301e-3c75f6c0c9d0"],
        ),
        example("cut short ovsxp_89239195-af69-5f80-51", &[]),
        example("a placeholder ovsxp_xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
