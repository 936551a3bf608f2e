//! `fastly_token`: Fastly API token.
//!
//! **Format.** 32 letters, digits, `-` or `_`, assigned to a name of at most 30 more characters;
//! the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `fastly-api-token`. On the kind: Fastly, "Using
//! API tokens".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "fastly_token",
    name: "Fastly API token",
    summary: "Fastly API token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["fastly"],
    pattern: assigned!("fastly", "[0-9A-Za-z_-]{32}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"fastly = "I_pBJQeqMvxzxPz5PW3g9LwuSWQ49gUd""#,
            &["I_pBJQeqMvxzxPz5PW3g9LwuSWQ49gUd"],
        ),
        example(
            r#"{"fastly": "MEeZoQKfjTSVomplwFXLyJQwY1t1RKTL"}"#,
            &["MEeZoQKfjTSVomplwFXLyJQwY1t1RKTL"],
        ),
        example("no name before it: I_pBJQeqMvxzxPz5PW3g9LwuSWQ49gUd", &[]),
        example(r#"fastly = "x_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
