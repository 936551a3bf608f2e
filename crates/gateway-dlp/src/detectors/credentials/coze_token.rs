//! `coze_token`: Coze personal access token.
//!
//! **Format.** `pat_` and 64 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Coze documentation, "Personal access token".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "coze_token",
    name: "Coze personal access token",
    summary: "Coze personal access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["coze"],
    pattern: alone!("pat_[0-9A-Za-z]{64}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"pat_6caf8LsB4VCa1rbtsJ9ZEx0FXkIxQCzgto7muVWNVNFMkPVkmyKvkbDbtmg420mP","id":7}"#,
            &["pat_6caf8LsB4VCa1rbtsJ9ZEx0FXkIxQCzgto7muVWNVNFMkPVkmyKvkbDbtmg420mP"],
        ),
        example(
            "key: pat_mvrbj0waOfACfBd4YREvlFP4Zg0zMvWphai1PcDv6JmQU0f9u2J517JMm7wN6Dgg, and more",
            &["pat_mvrbj0waOfACfBd4YREvlFP4Zg0zMvWphai1PcDv6JmQU0f9u2J517JMm7wN6Dgg"],
        ),
        example("cut short pat_6caf8LsB4VCa1rbtsJ9ZEx0FXkIxQCzgto7muV", &[]),
        example(
            "a placeholder pat_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
