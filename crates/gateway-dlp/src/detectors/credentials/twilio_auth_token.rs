//! `twilio_auth_token`: Twilio auth token.
//!
//! **Format.** 32 hexadecimal digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** kingfisher, `twilio.yml`. On the kind: Twilio, "Auth tokens".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "twilio_auth_token",
    name: "Twilio auth token",
    summary: "Twilio auth token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["twilio"],
    pattern: assigned!("twilio", "[0-9a-f]{32}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"twilio = "f13b2f4e7f6a985b28cd477e9c8c311f""#,
            &["f13b2f4e7f6a985b28cd477e9c8c311f"],
        ),
        example(
            r#"{"twilio": "8e0dc795334541d53d4bb01f993cf4e6"}"#,
            &["8e0dc795334541d53d4bb01f993cf4e6"],
        ),
        example("no name before it: f13b2f4e7f6a985b28cd477e9c8c311f", &[]),
        example(r#"twilio = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
