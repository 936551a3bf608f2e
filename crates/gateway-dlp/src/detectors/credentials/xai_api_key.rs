//! `xai_api_key`: xAI API key.
//!
//! **Format.** `xai-` and 80 letters or digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `xai-api-key`. On the kind: xAI, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "xai_api_key",
    name: "xAI API key",
    summary: "xAI API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["grok", "xai"],
    pattern: alone!("xai-[0-9A-Za-z]{80}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"xai-ga8w9uFaDbQ2MXmGxVGKdupv7n81ydFSM6vLCvh4REokEBmlgCQAOrSnFsEdmfqAGY19AzIjoS9dHNaU","id":7}"#,
            &[
                "xai-ga8w9uFaDbQ2MXmGxVGKdupv7n81ydFSM6vLCvh4REokEBmlgCQAOrSnFsEdmfqAGY19AzIjoS9dHNaU",
            ],
        ),
        example(
            "Authorization: Bearer xai-jWHlz771YcantkwynJqP7STr4zPs6rjuWPig0hmP7w9CH8pJ4NXxgs4e66292PPYiONGk67WWeYHbI1O",
            &[
                "xai-jWHlz771YcantkwynJqP7STr4zPs6rjuWPig0hmP7w9CH8pJ4NXxgs4e66292PPYiONGk67WWeYHbI1O",
            ],
        ),
        example("cut short xai-ga8w9uFaDbQ2MXmGxVGKdupv7n81ydFSM6vLCv", &[]),
        example(
            "a placeholder xai-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
