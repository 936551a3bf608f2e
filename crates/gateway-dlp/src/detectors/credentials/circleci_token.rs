//! `circleci_token`: CircleCI token.
//!
//! **Format.** `CCIPAT_` (personal) or `CCIPRJ_` (project), 22 letters or digits, `_` and 40
//! hexadecimal digits. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** CircleCI, "Managing API tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "circleci_token",
    name: "CircleCI token",
    summary: "CircleCI token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["circleci"],
    pattern: r"CCI(?:PAT|PRJ)_[0-9A-Za-z]{22}_[0-9a-f]{40}\b{end-half}",
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"{"key":"CCIPAT_8H1HpNlK7jHXfR020DMRna_874d6abb4c97c9041e01c412ab0f7f02077d50cf","id":7}"#,
            &["CCIPAT_8H1HpNlK7jHXfR020DMRna_874d6abb4c97c9041e01c412ab0f7f02077d50cf"],
        ),
        example(
            "Authorization: Bearer CCIPRJ_jo8FIcc62nCirsx12cbywI_ac9fb04275475258233238e9fbba8071c36b2d4a",
            &["CCIPRJ_jo8FIcc62nCirsx12cbywI_ac9fb04275475258233238e9fbba8071c36b2d4a"],
        ),
        example("cut short CCIPAT_8H1HpNlK7jHXfR020DMRna_874d6", &[]),
        example(
            "a placeholder CCIPAT_xxxxxxxxxxxxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
