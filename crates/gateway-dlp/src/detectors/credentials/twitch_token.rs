//! `twitch_token`: Twitch access token.
//!
//! **Format.** 30 letters in lower case or digits, assigned to a name of at most 30 more
//! characters; the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `twitch-api-token`. On the kind: Twitch
//! developers, "Getting OAuth access tokens".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "twitch_token",
    name: "Twitch access token",
    summary: "Twitch access token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["twitch"],
    pattern: assigned!("twitch", "[0-9a-z]{30}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"twitch = "b0xhjvjxtqbwmhksz3dgfy0zqkcbfg""#,
            &["b0xhjvjxtqbwmhksz3dgfy0zqkcbfg"],
        ),
        example(
            r#"{"twitch": "aq87scbjre40w6cyvkj5xpfny6gywd"}"#,
            &["aq87scbjre40w6cyvkj5xpfny6gywd"],
        ),
        example("no name before it: b0xhjvjxtqbwmhksz3dgfy0zqkcbfg", &[]),
        example(r#"twitch = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
