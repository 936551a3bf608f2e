//! `figma_token`: Figma personal access token.
//!
//! **Format.** `figd_` and 40 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Figma developer documentation, "Personal access tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "figma_token",
    name: "Figma personal access token",
    summary: "Figma personal access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["figma"],
    pattern: r"figd_[0-9A-Za-z_-]{40}\b{end-half}",
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"figd_9OmIvSzbbtK3pHekGxCFY6vB_kQgnqEye9BtrwZR","id":7}"#,
            &["figd_9OmIvSzbbtK3pHekGxCFY6vB_kQgnqEye9BtrwZR"],
        ),
        example(
            "export TOKEN=figd_I380fF_etjl4Yl3s2xS7WMfCGXl5E3tan30IxZnX\n",
            &["figd_I380fF_etjl4Yl3s2xS7WMfCGXl5E3tan30IxZnX"],
        ),
        example("cut short figd_9OmIvSzbbtK3pHekG", &[]),
        example("a placeholder figd_xxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
