//! `rapidapi_key`: RapidAPI key.
//!
//! **Format.** 50 letters or digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `rapidapi-access-token`. On the kind: RapidAPI,
//! "API keys".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "rapidapi_key",
    name: "RapidAPI key",
    summary: "RapidAPI key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["rapidapi"],
    pattern: assigned!("rapidapi", "[0-9A-Za-z]{50}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"rapidapi = "YGWOzpIzt468g7wvSj17vyO81zf7wpxVLvROm46HPrYkn23xmZ""#,
            &["YGWOzpIzt468g7wvSj17vyO81zf7wpxVLvROm46HPrYkn23xmZ"],
        ),
        example(
            r#"{"rapidapi": "eI52ju0dYCAtf1mmDlpRHTah500Jcfm9I4EBV7PmfBdQW6fOju"}"#,
            &["eI52ju0dYCAtf1mmDlpRHTah500Jcfm9I4EBV7PmfBdQW6fOju"],
        ),
        example("no name before it: YGWOzpIzt468g7wvSj17vyO81zf7wpxVLvROm46HPrYkn23xmZ", &[]),
        example(r#"rapidapi = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
