//! `mintlify_key`: Mintlify API key.
//!
//! **Format.** `mint_` or `mint_dsc_` and 24 to 44 letters or digits. No ASCII letter, digit or
//! `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** kingfisher, `mintlify.yml`. On the kind: Mintlify documentation, "REST API".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mintlify_key",
    name: "Mintlify API key",
    summary: "Mintlify API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["mintlify"],
    pattern: alone!("mint_(?:dsc_)?[0-9A-Za-z]{24,44}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"mint_2iLZ3F3GgTDlyqJM1X3lvWYZ5HjB8obT6TwkcE","id":7}"#,
            &["mint_2iLZ3F3GgTDlyqJM1X3lvWYZ5HjB8obT6TwkcE"],
        ),
        example(
            "key: mint_XLLJbNPYk8EbL0GcuGC0LfGsvjpOZBV, and more",
            &["mint_XLLJbNPYk8EbL0GcuGC0LfGsvjpOZBV"],
        ),
        example("cut short mint_2iLZ3F3GgTDlyqJM1X3lvW", &[]),
        example("a placeholder mint_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
