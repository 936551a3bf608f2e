//! `configcat_sdk_key`: ConfigCat SDK key.
//!
//! **Format.** `configcat-sdk-1/` and twice 22 letters, digits, `-` or `_`, parted by a slash. No
//! ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** ConfigCat documentation, "SDK key".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "configcat_sdk_key",
    name: "ConfigCat SDK key",
    summary: "ConfigCat SDK key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["configcat"],
    pattern: r"configcat-sdk-1/[0-9A-Za-z_-]{22}/[0-9A-Za-z_-]{22}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"configcat-sdk-1/siP3wDjCQPACJNC9zHMmJ8/5ppMT30bHszeKpyNsz5KZD","id":7}"#,
            &["configcat-sdk-1/siP3wDjCQPACJNC9zHMmJ8/5ppMT30bHszeKpyNsz5KZD"],
        ),
        example(
            "key: configcat-sdk-1/EVFqX4cW17-4M67aPelNm2/U2xP2mLUMHXGubJKkkoErk, and more",
            &["configcat-sdk-1/EVFqX4cW17-4M67aPelNm2/U2xP2mLUMHXGubJKkkoErk"],
        ),
        example("cut short configcat-sdk-1/siP3wDjCQPACJNC9zHMmJ8/5ppM", &[]),
        example("a placeholder configcat-sdk-1/xxxxxxxxxxxxxxxxxxxxxx/xxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 16;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
