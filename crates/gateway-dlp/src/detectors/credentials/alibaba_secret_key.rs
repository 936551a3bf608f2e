//! `alibaba_secret_key`: Alibaba Cloud access key secret.
//!
//! **Format.** 30 letters or digits, assigned to a name with `alibaba`, `aliyun` or
//! `AccessKeySecret` in it and at most 30 more characters; the name is no part of the finding. No
//! ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `alibaba-secret-key`. On the kind: Alibaba Cloud,
//! "Create an AccessKey pair".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "alibaba_secret_key",
    name: "Alibaba Cloud access key secret",
    summary: "Alibaba Cloud access key secret, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["accesskeysecret", "alibaba", "aliyun"],
    pattern: assigned!("(?:alibaba|aliyun|access_?key_?secret)", "[0-9A-Za-z]{30}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET=2Kvf8THRXfEuzcrJaBnx7IfDH5mMDd",
            &["2Kvf8THRXfEuzcrJaBnx7IfDH5mMDd"],
        ),
        example(
            r#"{"AccessKeySecret": "win86TkVYCM7l8GQlchbkER0Af7BOf"}"#,
            &["win86TkVYCM7l8GQlchbkER0Af7BOf"],
        ),
        example("no name before it: 2Kvf8THRXfEuzcrJaBnx7IfDH5mMDd", &[]),
        example(r#"aliyun = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
