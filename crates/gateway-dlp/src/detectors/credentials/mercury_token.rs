//! `mercury_token`: Mercury API token.
//!
//! **Format.** `mercury_production_` or `mercury_sandbox_`, the letters of a kind, `_`, 40 to 50
//! letters or digits and `_yrucrem`. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `mercury.go`. On the kind: Mercury API, "Authentication".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mercury_token",
    name: "Mercury API token",
    summary: "Mercury API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["mercury"],
    pattern: r"mercury_(?:production|sandbox)_[a-z]{2,6}_[0-9A-Za-z]{40,50}_yrucrem\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"mercury_production_jp_ANxuWgyXDru7wROFOntekfyWcvSrwoWg8AYK17dS1R2uPwllq_yrucrem","id":7}"#,
            &["mercury_production_jp_ANxuWgyXDru7wROFOntekfyWcvSrwoWg8AYK17dS1R2uPwllq_yrucrem"],
        ),
        example(
            "key: mercury_sandbox_oy_iwV1G65YW4fHZ8YKw4f3ZlF36yqt0AmomRGFPKGuT_yrucrem, and more",
            &["mercury_sandbox_oy_iwV1G65YW4fHZ8YKw4f3ZlF36yqt0AmomRGFPKGuT_yrucrem"],
        ),
        example("cut short mercury_production_jp_ANxuWgyXDru7wROFOntekfyWcvSrwoW", &[]),
        example(
            "a placeholder mercury_productixx_xx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 16;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
