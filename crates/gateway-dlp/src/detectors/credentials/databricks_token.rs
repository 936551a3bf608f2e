//! `databricks_token`: Databricks access token.
//!
//! **Format.** `dapi`, 32 hexadecimal digits and, for some, a dash and a digit. No ASCII letter,
//! digit or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** Databricks, "Personal access token authentication".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "databricks_token",
    name: "Databricks access token",
    summary: "Databricks access token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["databricks"],
    pattern: alone!("dapi[0-9a-f]{32}(?:-[0-9])?"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"{"key":"dapi58ff38f9f8c947cb7617db010355c9c9","id":7}"#,
            &["dapi58ff38f9f8c947cb7617db010355c9c9"],
        ),
        example(
            "Authorization: Bearer dapi5e163be417c6dfce740aef6bab5b9495",
            &["dapi5e163be417c6dfce740aef6bab5b9495"],
        ),
        example("cut short dapi58ff38f9f8c947", &[]),
        example("a placeholder dapixxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
