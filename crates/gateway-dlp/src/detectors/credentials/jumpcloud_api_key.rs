//! `jumpcloud_api_key`: JumpCloud API key.
//!
//! **Format.** 40 letters or digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** kingfisher, `jumpcloud.yml`; betterleaks, `config/betterleaks.toml`,
//! `jumpcloud-api-key`.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "jumpcloud_api_key",
    name: "JumpCloud API key",
    summary: "JumpCloud API key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["jumpcloud"],
    pattern: assigned!("jumpcloud", "[0-9A-Za-z]{40}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "JUMPCLOUD_API_KEY=9hx8o9bn08o02v8excvq0csezypdv2u9zq89p3t2",
            &["9hx8o9bn08o02v8excvq0csezypdv2u9zq89p3t2"],
        ),
        example(
            r#"{"jumpcloud": "7baae96f84b534da1df102993e52c4dadbd96776"}"#,
            &["7baae96f84b534da1df102993e52c4dadbd96776"],
        ),
        example("no name before it: 9hx8o9bn08o02v8excvq0csezypdv2u9zq89p3t2", &[]),
        example(r#"jumpcloud = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
