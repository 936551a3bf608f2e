//! `wandb_api_key`: Weights & Biases API key.
//!
//! **Format.** 40 hexadecimal digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** Weights & Biases, "API keys".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "wandb_api_key",
    name: "Weights & Biases API key",
    summary: "Weights & Biases API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["wandb"],
    pattern: assigned!(r"(?:\b{start-half}|_)wandb", "[0-9a-f]{40}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
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

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
