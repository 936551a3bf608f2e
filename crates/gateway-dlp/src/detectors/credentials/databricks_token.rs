//! `databricks_token`: Databricks access token.
//!
//! **Format.** `dapi`, 32 hexadecimal digits and, for some, a dash and a digit; or, for secrets of
//! OAuth clients, `dose` and 32 letters, digits, points, `-` or `_`, assigned to a name with
//! `databricks` or `dbx` in it and at most 30 more characters, which is no part of the finding. No
//! ASCII letter, digit or `_` may follow, nor stand before a prefix but for an escape such as `\n`
//! or `%20`.
//!
//! **Validator.** What follows the prefix, or the value, looks random: enough entropy, no long run,
//! no word that marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `databricks-api-token`; kingfisher,
//! `databricks.yml`.
//!
//! **Confidence.** Medium: the prefix or the name is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::lead_in::lead_in_len;
use crate::detectors::number::alone;
use crate::detectors::secret::{assigned, token_alone, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "databricks_token",
    name: "Databricks access token",
    summary: "Databricks access token, by prefix or the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["databricks"],
    pattern: concat!(
        alone!("dapi[0-9a-f]{32}(?:-[0-9])?"),
        "|",
        assigned!("(?:databricks|dbx)", "dose[0-9A-Za-z_.-]{32}"),
    ),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
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
        example(
            "DATABRICKS_CLIENT_SECRET=doseROO6B3uaqALC5PUgsF1RPkq5VWnv59R9",
            &["doseROO6B3uaqALC5PUgsF1RPkq5VWnv59R9"],
        ),
        example("no name before it: doseROO6B3uaqALC5PUgsF1RPkq5VWnv59R9", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    let begin = sample.matched.get(lead_in_len(sample.matched)..)?;
    if let [b'd', b'a', b'p', b'i', ..] = begin {
        token_alone(sample, PREFIX, Confidence::Medium)
    } else {
        value(sample, Confidence::Medium)
    }
}
