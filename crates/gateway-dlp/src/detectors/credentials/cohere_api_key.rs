//! `cohere_api_key`: Cohere API key.
//!
//! **Format.** 40 letters or digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `cohere-api-token`. On the kind: Cohere, "API
//! keys".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "cohere_api_key",
    name: "Cohere API key",
    summary: "Cohere API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["cohere"],
    pattern: assigned!("cohere|co_api_key", "[0-9A-Za-z]{40}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"cohere_key = "KmOt1dh8AxKtlSkAnfxZ5bUGrzhT5S2EpvNSpMWL""#,
            &["KmOt1dh8AxKtlSkAnfxZ5bUGrzhT5S2EpvNSpMWL"],
        ),
        example(
            r#"{"CO_API_KEY": "mNc4ehNNsA4yxYWZJoQfNOAmaIqDzZ7ASN5CJH1L"}"#,
            &["mNc4ehNNsA4yxYWZJoQfNOAmaIqDzZ7ASN5CJH1L"],
        ),
        example("no name before it: KmOt1dh8AxKtlSkAnfxZ5bUGrzhT5S2EpvNSpMWL", &[]),
        example(r#"cohere_key = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
