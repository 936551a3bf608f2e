//! `facebook_app_secret`: Facebook app secret.
//!
//! **Format.** 32 hexadecimal digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `facebook-secret`. On the kind: Meta for
//! Developers, "App secret".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "facebook_app_secret",
    name: "Facebook app secret",
    summary: "Facebook app secret, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["facebook"],
    pattern: assigned!("facebook|fb_?app", "[0-9a-f]{32}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"facebook = "9465b7ec6838d937d986d44b95eba3fb""#,
            &["9465b7ec6838d937d986d44b95eba3fb"],
        ),
        example(
            r#"{"facebook": "04e535aaa40a20083bace1716e451fdf"}"#,
            &["04e535aaa40a20083bace1716e451fdf"],
        ),
        example("no name before it: 9465b7ec6838d937d986d44b95eba3fb", &[]),
        example(r#"facebook = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
