//! `looker_client_secret`: Looker client secret.
//!
//! **Format.** 24 letters or digits, assigned to a name of at most 30 more characters; the name is
//! no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `looker-client-secret`.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "looker_client_secret",
    name: "Looker client secret",
    summary: "Looker client secret, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["looker"],
    pattern: assigned!(
        r"(?:\b{start-half}|_)looker(?:sdk)?[_. -]?(?:client[_. -]?)?secret",
        "[0-9A-Za-z]{24}"
    ),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example("LOOKERSDK_CLIENT_SECRET=m6afj87abcbkdace8fcxxzml", &["m6afj87abcbkdace8fcxxzml"]),
        example(r#"{"looker_secret": "MqInpjpdw8REttO5IfuDmfbu"}"#, &["MqInpjpdw8REttO5IfuDmfbu"]),
        example("no name before it: m6afj87abcbkdace8fcxxzml", &[]),
        example(r#"onlooker_secret = "m6afj87abcbkdace8fcxxzml""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
