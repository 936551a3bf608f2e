//! `mattermost_token`: Mattermost access token.
//!
//! **Format.** 26 letters in lower case or digits, assigned to a name of at most 30 more
//! characters; the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `mattermost-access-token`. On the kind:
//! Mattermost, "Personal access tokens".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "mattermost_token",
    name: "Mattermost access token",
    summary: "Mattermost access token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["mattermost"],
    pattern: assigned!("mattermost", "[0-9a-z]{26}"),
    match_bytes_max: 96,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(r#"mattermost = "bm6mxfoohgunl75sgasoe1hjfu""#, &["bm6mxfoohgunl75sgasoe1hjfu"]),
        example(r#"{"mattermost": "83ti1ceamjryfcmedizlbavl7c"}"#, &["83ti1ceamjryfcmedizlbavl7c"]),
        example("no name before it: bm6mxfoohgunl75sgasoe1hjfu", &[]),
        example(r#"mattermost = "xxxxxxxxxxxxxxxxxxxxxxxxxx""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
