//! `wandb_api_key`: Weights & Biases API key.
//!
//! **Format.** `wandb_v1_` and 77 letters, digits or `_`; or 40 hexadecimal digits that are
//! assigned to a name with `wandb` and at most 30 more characters, which is no part of the finding.
//! No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix, or the value, looks random: enough entropy, no long run,
//! no word that marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `weights-and-biases-api-key`. On the kind:
//! Weights & Biases, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling but there is no checksum; without it the name
//! tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::secret::{assigned, token, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "wandb_api_key",
    name: "Weights & Biases API key",
    summary: "Weights & Biases API key, by prefix or the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["wandb"],
    pattern: concat!(
        alone!("wandb_v1_[0-9A-Za-z_]{77}"),
        "|",
        assigned!(r"(?:\b{start-half}|_)wandb", "[0-9a-f]{40}"),
    ),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "wandb login 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",
            &[
                "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",
            ],
        ),
        example(
            r#"wandb = "a975255d2e1d519698fe6bd64ead25032c768f58""#,
            &["a975255d2e1d519698fe6bd64ead25032c768f58"],
        ),
        example(
            r#"{"wandb": "09ec4e8fcd5b62ca30997f17b6555934af11a9c3"}"#,
            &["09ec4e8fcd5b62ca30997f17b6555934af11a9c3"],
        ),
        example("no name before it: a975255d2e1d519698fe6bd64ead25032c768f58", &[]),
        example(r#"wandb = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

/// The prefix of newer keys.
const PREFIX: &[u8] = b"wandb_v1_";

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let begin = sample.matched.get(lead_in_len(sample.matched)..)?;
    if begin.starts_with(PREFIX) {
        token(sample, PREFIX.len(), Confidence::Medium)
    } else {
        value(sample, Confidence::Medium)
    }
}
