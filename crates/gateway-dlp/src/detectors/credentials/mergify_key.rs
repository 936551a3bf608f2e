//! `mergify_key`: Mergify application key.
//!
//! **Format.** `mergify_application_key_` and 40 to 200 letters, digits, `-` or `_`. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `mergify.go`. On the kind: Mergify documentation, "Application keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mergify_key",
    name: "Mergify application key",
    summary: "Mergify application key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["mergify"],
    pattern: r"mergify_application_key_[0-9A-Za-z_-]{40,200}\b{end-half}",
    match_bytes_max: 256,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"mergify_application_key_IHWvBGz2HtDGxZpiF731KBwTfD-wx7oOR9hh_e9qvTUFjGF-CAHIwjAd3COh","id":7}"#,
            &[
                "mergify_application_key_IHWvBGz2HtDGxZpiF731KBwTfD-wx7oOR9hh_e9qvTUFjGF-CAHIwjAd3COh",
            ],
        ),
        example(
            "key: mergify_application_key_PnBwVDuS3vvUJb_GDxvuzTVoPpMHUkoTI3DazqvZPAZPmwSel4MTTziXBWkdi, and more",
            &[
                "mergify_application_key_PnBwVDuS3vvUJb_GDxvuzTVoPpMHUkoTI3DazqvZPAZPmwSel4MTTziXBWkdi",
            ],
        ),
        example("cut short mergify_application_key_IHWvBGz2HtDGxZpiF731KBwTfD-wx7oOR9hh", &[]),
        example(
            "a placeholder mergify_application_key_xxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxx_xxxxxxxxxx-xxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 24;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
