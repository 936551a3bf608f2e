//! `prefect_token`: Prefect API key.
//!
//! **Format.** `pnu_` or `pnb_` and 36 letters or digits. No ASCII letter, digit or `_` may touch
//! it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `prefect-api-token`. On the kind: Prefect Cloud,
//! "Manage API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "prefect_token",
    name: "Prefect API key",
    summary: "Prefect API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["prefect"],
    pattern: alone!("pn[bu]_[0-9A-Za-z]{36}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"token = "pnb_PoWf97A7jOv2D4ZFxBYMNcaN38Pf9Jo9Vm72""#,
            &["pnb_PoWf97A7jOv2D4ZFxBYMNcaN38Pf9Jo9Vm72"],
        ),
        example(
            r#"{"key":"pnb_5ZKa49WO343IXAIVv6hQEtQw4X4xpn6v6CDM","id":7}"#,
            &["pnb_5ZKa49WO343IXAIVv6hQEtQw4X4xpn6v6CDM"],
        ),
        example("cut short pnb_PoWf97A7jOv2D4ZF", &[]),
        example("a placeholder pnb_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
