//! `asaas_token`: Asaas API key.
//!
//! **Format.** `$aact_prod_` or `$aact_hmlg_` and 20 to 240 letters, digits, `-`, `_`, `:` or `=`.
//! No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `asaas.go`. On the kind: Asaas documentation, "Autenticação".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "asaas_token",
    name: "Asaas API key",
    summary: "Asaas API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["asaas"],
    pattern: r"\$aact_(?:prod|hmlg)_[0-9A-Za-z_:=-]{20,240}\b{end-half}",
    match_bytes_max: 256,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"$aact_prod_3RpH8Tg3ZP-nkaOz79a9ms0CS","id":7}"#,
            &["$aact_prod_3RpH8Tg3ZP-nkaOz79a9ms0CS"],
        ),
        example(
            "key: $aact_hmlg_keG:lE=iNmkSmVfo696QzbFI, and more",
            &["$aact_hmlg_keG:lE=iNmkSmVfo696QzbFI"],
        ),
        example("cut short $aact_prod_3RpH8Tg3ZP-nkaO", &[]),
        example("a placeholder $aact_prod_xxxxxxxxxx-xxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 11;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
