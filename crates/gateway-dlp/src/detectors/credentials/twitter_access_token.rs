//! `twitter_access_token`: X access token.
//!
//! **Format.** A number of 15 to 20 digits, a dash and 27 to 40 letters or digits, assigned to a
//! name of at most 30 more characters; the name is no part of the finding. No ASCII letter, digit
//! or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `twitter-access-token`. On the kind: X developer
//! platform, "Access tokens".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "twitter_access_token",
    name: "X access token",
    summary: "X access token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["twitter"],
    pattern: assigned!("twitter", "[0-9]{15,20}-[0-9A-Za-z]{27,40}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"twitter = "03323429091250098104-49kvpie9KioUBmJC1e0JZzLQA7mcI8r""#,
            &["03323429091250098104-49kvpie9KioUBmJC1e0JZzLQA7mcI8r"],
        ),
        example(
            r#"{"twitter": "7105599887722831085-ZOW5YnNn8uYbSSl7gPwv2FRnL2RD"}"#,
            &["7105599887722831085-ZOW5YnNn8uYbSSl7gPwv2FRnL2RD"],
        ),
        example("no name before it: 03323429091250098104-49kvpie9KioUBmJC1e0JZzLQA7mcI8r", &[]),
        example(r#"twitter = "xxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
