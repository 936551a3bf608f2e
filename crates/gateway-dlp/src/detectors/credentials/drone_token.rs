//! `drone_token`: Drone CI access token.
//!
//! **Format.** 32 letters or digits, assigned to a name of at most 30 more characters; the name
//! is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `droneci-access-token`. On the kind: Drone, "CLI
//! authentication".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "drone_token",
    name: "Drone CI access token",
    summary: "Drone CI access token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["drone", "droneci"],
    pattern: assigned!("drone_?(?:ci)?", "[0-9A-Za-z]{32}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"DRONE_TOKEN = "7ysDN60lnjmrlDhB2u9lHos0IRyKpVDr""#,
            &["7ysDN60lnjmrlDhB2u9lHos0IRyKpVDr"],
        ),
        example(
            r#"{"droneci_token": "hunl9YF4sTFXdpnv2ADcv1JfZyi20EbA"}"#,
            &["hunl9YF4sTFXdpnv2ADcv1JfZyi20EbA"],
        ),
        example("no name before it: 7ysDN60lnjmrlDhB2u9lHos0IRyKpVDr", &[]),
        example(r#"DRONE_TOKEN = "7ysDxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
