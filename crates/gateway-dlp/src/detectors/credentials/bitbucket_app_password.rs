//! `bitbucket_app_password`: Bitbucket app password.
//!
//! **Format.** `ATBB`, 24 letters or digits and eight hexadecimal digits in capitals. No ASCII
//! letter, digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Bitbucket Cloud, "App passwords".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "bitbucket_app_password",
    name: "Bitbucket app password",
    summary: "Bitbucket app password, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["bitbucket"],
    pattern: alone!("ATBB[0-9A-Za-z]{24}[0-9A-F]{8}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"ATBBhTiGBySeBlI4J6b3razvqGKlC8236A52","id":7}"#,
            &["ATBBhTiGBySeBlI4J6b3razvqGKlC8236A52"],
        ),
        example(
            "Authorization: Bearer ATBBIYkCATh3RKU6XzQzdaBNDPnV8426DF18",
            &["ATBBIYkCATh3RKU6XzQzdaBNDPnV8426DF18"],
        ),
        example("cut short ATBBhTiGBySeBlI4J6", &[]),
        example("a placeholder ATBBxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
