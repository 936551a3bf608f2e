//! `heroku_legacy_key`: Heroku API key without prefix.
//!
//! **Format.** A UUID, assigned to a name of at most 30 more characters; the name is no part of the
//! finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `heroku-api-key`. On the kind: Heroku Dev Center,
//! "Authentication".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "heroku_legacy_key",
    name: "Heroku API key without prefix",
    summary: "Heroku API key without prefix, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["heroku"],
    pattern: assigned!("heroku", "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"heroku = "C5Dda9Cf-B1de-9D2e-88c9-a7811A959FA3""#,
            &["C5Dda9Cf-B1de-9D2e-88c9-a7811A959FA3"],
        ),
        example(
            r#"{"heroku": "865B019c-AfAe-617B-32Aa-CeEC958DeC2F"}"#,
            &["865B019c-AfAe-617B-32Aa-CeEC958DeC2F"],
        ),
        example("no name before it: C5Dda9Cf-B1de-9D2e-88c9-a7811A959FA3", &[]),
        example(r#"heroku = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
