//! `jfrog_token`: JFrog token or API key.
//!
//! **Format.** 64 letters or digits, as reference tokens have, or 73, as API keys, assigned to
//! a name of at most 30 more characters; the name is no part of the finding. No ASCII letter,
//! digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `jfrog-api-key`. On the kind: JFrog, "Access
//! tokens", "API key".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "jfrog_token",
    name: "JFrog token or API key",
    summary: "JFrog token or API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["artifactory", "jfrog"],
    pattern: assigned!(
        "(?:artifactory|bintray|jfrog|xray)[0-9A-Za-z_. -]{0,20}(?:key|pass(?:word|wd)?|token)",
        "[0-9A-Za-z]{64}|[0-9A-Za-z]{73}"
    ),
    match_bytes_max: 160,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"JFROG_IDENTITY_TOKEN = "VKnX5myJcpc1ZAplVAlo7zoe8jv45SxQgWPfob1EDMz9azNsGywgb3C5PJDRdKFa""#,
            &["VKnX5myJcpc1ZAplVAlo7zoe8jv45SxQgWPfob1EDMz9azNsGywgb3C5PJDRdKFa"],
        ),
        example(
            r#"{"artifactory.password": "iFaALrm8RuWHU9W1384Y8hJm8U8uU6BblrwfEQ4aF3syySgSjgrG8tU9G7PAgHND"}"#,
            &["iFaALrm8RuWHU9W1384Y8hJm8U8uU6BblrwfEQ4aF3syySgSjgrG8tU9G7PAgHND"],
        ),
        example(
            "no name before it: VKnX5myJcpc1ZAplVAlo7zoe8jv45SxQgWPfob1EDMz9azNsGywgb3C5PJDRdKFa",
            &[],
        ),
        example(
            r#"JFROG_IDENTITY_TOKEN = "VKnXxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
