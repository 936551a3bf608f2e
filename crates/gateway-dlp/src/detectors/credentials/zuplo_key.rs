//! `zuplo_key`: Zuplo API key.
//!
//! **Format.** `zpka_`, 32 hexadecimal digits, `_` and eight more. No ASCII letter, digit or `_`
//! may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Zuplo, "API key format".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "zuplo_key",
    name: "Zuplo API key",
    summary: "Zuplo API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["zuplo"],
    pattern: r"zpka_[0-9a-f]{32}_[0-9a-f]{8}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer zpka_512d71f8ec9c96d4d6bbb87357fc4e09_0d93f3c7",
            &["zpka_512d71f8ec9c96d4d6bbb87357fc4e09_0d93f3c7"],
        ),
        example(
            "export TOKEN=zpka_5220039e610256b78217cdd5ef1161e3_56b32154\n",
            &["zpka_5220039e610256b78217cdd5ef1161e3_56b32154"],
        ),
        example("cut short zpka_512d71f8ec9c96d4d6", &[]),
        example("a placeholder zpka_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_xxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
