//! `upcloud_token`: UpCloud API token.
//!
//! **Format.** `ucat_` and a ULID: 26 digits and capital letters without `I`, `L`, `O` and `U`. No
//! ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `upcloud-api-token`. On the kind: UpCloud
//! documentation, "API tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "upcloud_token",
    name: "UpCloud API token",
    summary: "UpCloud API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["upcloud"],
    pattern: r"ucat_[0-9A-HJKMNP-TV-Z]{26}\b{end-half}",
    match_bytes_max: 32,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"ucat_G9DJCKVEJ7VES8S3AVN2CFA1NG","id":7}"#,
            &["ucat_G9DJCKVEJ7VES8S3AVN2CFA1NG"],
        ),
        example(
            "key: ucat_5RGKTFACP1QPZ0WMNPKE82ZGKH, and more",
            &["ucat_5RGKTFACP1QPZ0WMNPKE82ZGKH"],
        ),
        example("cut short ucat_G9DJCKVEJ7VES8S", &[]),
        example("a placeholder ucat_xxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
