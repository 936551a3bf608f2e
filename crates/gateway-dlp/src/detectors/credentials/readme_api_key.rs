//! `readme_api_key`: ReadMe API key.
//!
//! **Format.** `rdme_` and 70 letters in lower case or digits. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `readme-api-token`. On the kind: ReadMe,
//! "Authentication".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "readme_api_key",
    name: "ReadMe API key",
    summary: "ReadMe API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["readme"],
    pattern: r"rdme_[0-9a-z]{70}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            "Authorization: Bearer rdme_0gwek5mrbrv52v0y7trhx6m038w5ndncxdzu1cbsbjbwxo261osls9de95fd9hl18mb14q",
            &["rdme_0gwek5mrbrv52v0y7trhx6m038w5ndncxdzu1cbsbjbwxo261osls9de95fd9hl18mb14q"],
        ),
        example(
            r#"token = "rdme_92tz1rpojhobr918rze2k4f5xt85ev3vxla4gsppz89j6r59to7gkj6ybbzr9wi5s53w2n""#,
            &["rdme_92tz1rpojhobr918rze2k4f5xt85ev3vxla4gsppz89j6r59to7gkj6ybbzr9wi5s53w2n"],
        ),
        example("cut short rdme_0gwek5mrbrv52v0y7trhx6m038w5ndnc", &[]),
        example(
            "a placeholder rdme_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 5;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
