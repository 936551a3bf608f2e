//! `twitter_api_secret`: X API secret.
//!
//! **Format.** 50 letters or digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `twitter-api-secret`. On the kind: X developer
//! platform, "API key and secret".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "twitter_api_secret",
    name: "X API secret",
    summary: "X API secret, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["twitter"],
    pattern: assigned!("twitter", "[0-9A-Za-z]{50}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"twitter = "yBvNbqwtApA38bqScxsdhAhfCXIt2jUjMq7rKgGL0Z39H1W1nI""#,
            &["yBvNbqwtApA38bqScxsdhAhfCXIt2jUjMq7rKgGL0Z39H1W1nI"],
        ),
        example(
            r#"{"twitter": "VwAGp0L9FwqC3oBU51UHnFUBMekbIKVAwW6snV89sQHneeDBru"}"#,
            &["VwAGp0L9FwqC3oBU51UHnFUBMekbIKVAwW6snV89sQHneeDBru"],
        ),
        example("no name before it: yBvNbqwtApA38bqScxsdhAhfCXIt2jUjMq7rKgGL0Z39H1W1nI", &[]),
        example(r#"twitter = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
