//! `circleci_token`: CircleCI token.
//!
//! **Format.** `CCIPAT_` (personal) or `CCIPRJ_` (project), 22 letters or digits, `_` and 40
//! hexadecimal digits; or, for older ones, the digits alone, assigned to a name with `circle` and
//! `token` in it, which is no part of the finding. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix, or the value, looks random: enough entropy, no long run,
//! no word that marks a placeholder.
//!
//! **Source.** betterleaks, `circleci.go`.
//!
//! **Confidence.** High for the prefix: no other text has this form. Medium for a value that a name
//! tells.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, token, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "circleci_token",
    name: "CircleCI token",
    summary: "CircleCI token, by prefix or the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["circleci"],
    pattern: concat!(
        r"CCI(?:PAT|PRJ)_[0-9A-Za-z]{22}_[0-9a-f]{40}\b{end-half}",
        "|",
        assigned!("circle(?:[_. -]?ci)?[_. -]?(?:api[_. -]?)?token", "[0-9a-f]{40}"),
    ),
    match_bytes_max: 112,
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
        example(
            "CIRCLE_TOKEN=a080ad8541c11a795e1d763f588b265b2344421c",
            &["a080ad8541c11a795e1d763f588b265b2344421c"],
        ),
        example("no name before it: a080ad8541c11a795e1d763f588b265b2344421c", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 7;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    if let [b'C', b'C', b'I', b'P', ..] = sample.matched {
        token(sample, PREFIX, Confidence::High)
    } else {
        value(sample, Confidence::Medium)
    }
}
