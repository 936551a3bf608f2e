//! `configcat_sdk_key`: ConfigCat SDK key.
//!
//! **Format.** `configcat-sdk-1/` and twice 22 letters, digits, `-` or `_`, parted by a slash; or,
//! for older ones, these alone, assigned to a name with `configcat` in it and at most 30 more
//! characters, which is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix, or the value, looks random: enough entropy, no long run,
//! no word that marks a placeholder.
//!
//! **Source.** kingfisher, `configcat.yml`.
//!
//! **Confidence.** High for the prefix: no other text has this form. Medium for a value that a name
//! tells.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, token, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "configcat_sdk_key",
    name: "ConfigCat SDK key",
    summary: "ConfigCat SDK key, by prefix or the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["configcat"],
    pattern: concat!(
        r"configcat-sdk-1/[0-9A-Za-z_-]{22}/[0-9A-Za-z_-]{22}\b{end-half}",
        "|",
        assigned!("configcat", "[0-9A-Za-z_-]{22}/[0-9A-Za-z_-]{22}"),
    ),
    match_bytes_max: 112,
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
        example(
            "CONFIGCAT_SDK_KEY=w7jATzlnKMYz6O9IpB_eQL/ACHa9JvwY33t-1ihWnmgPR",
            &["w7jATzlnKMYz6O9IpB_eQL/ACHa9JvwY33t-1ihWnmgPR"],
        ),
        example("no name before it: w7jATzlnKMYz6O9IpB_eQL/ACHa9JvwY33t-1ihWnmgPR", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 16;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if sample.matched.starts_with(b"configcat-sdk-1/") {
        token(sample, PREFIX, Confidence::High)
    } else {
        value(sample, Confidence::Medium)
    }
}
