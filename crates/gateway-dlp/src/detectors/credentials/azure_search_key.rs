//! `azure_search_key`: Azure AI Search key.
//!
//! **Format.** 42 letters or digits, `AzSe`, a letter from `A` to `D` and five letters or digits.
//! No ASCII letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right
//! before it.
//!
//! **Validator.** It looks random: enough entropy, no long run, no word that marks a placeholder.
//!
//! **Source.** Microsoft Security Utilities, identifiable keys.
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "azure_search_key",
    name: "Azure AI Search key",
    summary: "Azure AI Search key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["azure", "search"],
    pattern: alone!("[0-9A-Za-z]{42}AzSe[A-D][0-9A-Za-z]{5}"),
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer b2diV2mtkPnACytgLItMyh3Y6KHOLQ0W0nxvkGt0l9AzSeBDjPuD",
            &["b2diV2mtkPnACytgLItMyh3Y6KHOLQ0W0nxvkGt0l9AzSeBDjPuD"],
        ),
        example(
            "key: jSPC2r8Y0KsOTthIK3HO8xfddTh0nVbnhtywp86uRUAzSeBYJa6G, and more",
            &["jSPC2r8Y0KsOTthIK3HO8xfddTh0nVbnhtywp86uRUAzSeBYJa6G"],
        ),
        example("cut short b2diV2mtkPnACytgLItMyh3Y6K", &[]),
        example("a placeholder xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, 0, Confidence::High)
}
