//! `intercom_token`: Intercom access token.
//!
//! **Format.** `dG9rO`, which is base64 of `tok:`, and 55 characters of base64, assigned to a name
//! of at most 30 more characters; the name is no part of the finding. No ASCII letter, digit or `_`
//! may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `intercom-api-key`. On the kind: Intercom
//! developer documentation, "Access tokens".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "intercom_token",
    name: "Intercom access token",
    summary: "Intercom access token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["intercom"],
    pattern: assigned!("intercom", "dG9rO[0-9A-Za-z+/]{54,55}=?"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"intercom = "dG9rObCd7XdGa1R0yEICxW4MJ2gCT1BymCDIAk5LqKcX8WnPr1BNBCA8/HEW=""#,
            &["dG9rObCd7XdGa1R0yEICxW4MJ2gCT1BymCDIAk5LqKcX8WnPr1BNBCA8/HEW="],
        ),
        example(
            r#"{"intercom": "dG9rOo6tO1dMcUv4195HRS5VW6MrUhb6tuf6Yz82UR8rebh1rPCdRgk1LdYY="}"#,
            &["dG9rOo6tO1dMcUv4195HRS5VW6MrUhb6tuf6Yz82UR8rebh1rPCdRgk1LdYY="],
        ),
        example(
            "no name before it: dG9rObCd7XdGa1R0yEICxW4MJ2gCT1BymCDIAk5LqKcX8WnPr1BNBCA8/HEW=",
            &[],
        ),
        example(
            r#"intercom = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/xxx=""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
