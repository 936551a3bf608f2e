//! `onfido_token`: Onfido API token.
//!
//! **Format.** `api_live` or `api_sandbox`, for some the region as `_ca`, `_eu` or `_us`, a point
//! and 11 and 32 letters, digits, `-` or `_`, parted by a point, or 24 to 80 in one. No ASCII
//! letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `onfido.go`. On the kind: Onfido API, "Token authentication".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "onfido_token",
    name: "Onfido API token",
    summary: "Onfido API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["onfido"],
    pattern: r"api_(?:live|sandbox)(?:_(?:ca|eu|us))?\.(?:[0-9A-Za-z_-]{11}\.[0-9A-Za-z_-]{32}|[0-9A-Za-z_-]{24,80})\b{end-half}",
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"api_live.WicSHdl6x8d.MeHWBudIblJ1_mxqxSeFqQnYgMK3tRA0","id":7}"#,
            &["api_live.WicSHdl6x8d.MeHWBudIblJ1_mxqxSeFqQnYgMK3tRA0"],
        ),
        example(
            "key: api_sandbox.JFgdA7F0ZKU.HwBkQblX_M-dfoFgK31_XJC1SorfARDa, and more",
            &["api_sandbox.JFgdA7F0ZKU.HwBkQblX_M-dfoFgK31_XJC1SorfARDa"],
        ),
        example("cut short api_live.WicSHdl6x8d.MeHWBudIblJ1_m", &[]),
        example("a placeholder api_live.xxxxxxxxxxx.xxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 9;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
