//! `fireworks_key`: Fireworks API key.
//!
//! **Format.** `fw_` and 24 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Fireworks AI, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "fireworks_key",
    name: "Fireworks API key",
    summary: "Fireworks API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["fireworks"],
    pattern: alone!("fw_[0-9A-Za-z]{24}"),
    match_bytes_max: 32,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer fw_fMhYzuA6wKhjpdoPsOAMuN30",
            &["fw_fMhYzuA6wKhjpdoPsOAMuN30"],
        ),
        example("key: fw_BOct3nPBUPAQbQ4WPMkpE8TN, and more", &["fw_BOct3nPBUPAQbQ4WPMkpE8TN"]),
        example("cut short fw_fMhYzuA6wK", &[]),
        example("a placeholder fw_xxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
