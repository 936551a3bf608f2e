//! `travis_token`: Travis CI access token.
//!
//! **Format.** 22 letters, digits, `-` or `_`, assigned to a name of at most 30 more characters;
//! the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `travisci-access-token`. On the kind: Travis CI,
//! "Triggering builds", tokens.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "travis_token",
    name: "Travis CI access token",
    summary: "Travis CI access token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["travis"],
    pattern: assigned!("travis", "[0-9A-Za-z_-]{22}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(r#"travis = "ZWgG6g1nu5cDbrM14WEJVY""#, &["ZWgG6g1nu5cDbrM14WEJVY"]),
        example(r#"{"travis": "HYDxJkO3n6eJyksKD3vm6-"}"#, &["HYDxJkO3n6eJyksKD3vm6-"]),
        example("no name before it: ZWgG6g1nu5cDbrM14WEJVY", &[]),
        example(r#"travis = "xxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
