//! `nvidia_api_key`: NVIDIA API key.
//!
//! **Format.** `nvapi-` and 64 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `nvidia-api-key`. On the kind: NVIDIA NGC,
//! "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "nvidia_api_key",
    name: "NVIDIA API key",
    summary: "NVIDIA API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["nvidia"],
    pattern: r"nvapi-[0-9A-Za-z_-]{64}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "export TOKEN=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\n",
            &["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"],
        ),
        example(
            r#"token = "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""#,
            &["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"],
        ),
        example("cut short nvapi-jf-T5o88QzeN1sIxYlPO69MMnLTVw", &[]),
        example(
            "a placeholder nvapi-xx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
