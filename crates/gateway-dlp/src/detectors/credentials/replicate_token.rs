//! `replicate_token`: Replicate API token.
//!
//! **Format.** `r8_` and 37 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `replicate-api-token`. On the kind:
//! Replicate, "API tokens".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "replicate_token",
    name: "Replicate API token",
    summary: "Replicate API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["replicate"],
    pattern: alone!("r8_[0-9A-Za-z]{37}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"token = "r8_OMLsV0RSFBoNWxaV7NZfHJaXRKKIW65PuOi4Y""#,
            &["r8_OMLsV0RSFBoNWxaV7NZfHJaXRKKIW65PuOi4Y"],
        ),
        example(
            "Authorization: Bearer r8_s2PUg1xy0fKFzb0cpgp6PFZgGewk7Av9pdodY",
            &["r8_s2PUg1xy0fKFzb0cpgp6PFZgGewk7Av9pdodY"],
        ),
        example("cut short r8_OMLsV0RSFBoNWxaV7", &[]),
        example("a placeholder r8_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
