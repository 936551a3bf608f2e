//! `auth0_client_secret`: Auth0 client secret.
//!
//! **Format.** 64 letters, digits, `-` or `_`, assigned to a name of at most 30 more characters;
//! the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `auth0.go`. On the kind: Auth0, "Application settings".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "auth0_client_secret",
    name: "Auth0 client secret",
    summary: "Auth0 client secret, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["auth0"],
    pattern: assigned!("auth0", "[0-9A-Za-z_-]{64}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"auth0 = "y6CbJ4I-HYeaw0G7dGKqbuVdg95d-9bnXEsd4EP5eadoyJGMR03unm2ilDvB3Nns""#,
            &["y6CbJ4I-HYeaw0G7dGKqbuVdg95d-9bnXEsd4EP5eadoyJGMR03unm2ilDvB3Nns"],
        ),
        example(
            r#"{"auth0": "OPbDGnzyi9Oaz6nVUpHzxj_-8zi8aH2GS4mZBOqqn55Wk_TZ2ioovLqq5kiXo1K7"}"#,
            &["OPbDGnzyi9Oaz6nVUpHzxj_-8zi8aH2GS4mZBOqqn55Wk_TZ2ioovLqq5kiXo1K7"],
        ),
        example(
            "no name before it: y6CbJ4I-HYeaw0G7dGKqbuVdg95d-9bnXEsd4EP5eadoyJGMR03unm2ilDvB3Nns",
            &[],
        ),
        example(
            r#"auth0 = "xxxxxxx-xxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
