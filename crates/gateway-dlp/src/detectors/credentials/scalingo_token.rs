//! `scalingo_token`: Scalingo API token.
//!
//! **Format.** `tk-us-` and 48 letters, digits, `-` or `_`. No ASCII letter, digit or `_` may
//! follow.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `scalingo-api-token`. On the kind: Scalingo, "API
//! tokens".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::secret::token;
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "scalingo_token",
    name: "Scalingo API token",
    summary: "Scalingo API token, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["scalingo"],
    pattern: r"tk-us-[0-9A-Za-z_-]{48}\b{end-half}",
    match_bytes_max: 64,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"token = "tk-us-9c51KhuU0wdBberJlwaxc9iBStVut8p9KjI6N3VkB86npRBd""#,
            &["tk-us-9c51KhuU0wdBberJlwaxc9iBStVut8p9KjI6N3VkB86npRBd"],
        ),
        example(
            r#"{"key":"tk-us-ouEbbwman5YGOY2WzBXz_LvUNYlfNP7D5uSEQi489GtLix3T","id":7}"#,
            &["tk-us-ouEbbwman5YGOY2WzBXz_LvUNYlfNP7D5uSEQi489GtLix3T"],
        ),
        example("cut short tk-us-9c51KhuU0wdBberJlwaxc", &[]),
        example("a placeholder tk-us-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 6;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token(sample, PREFIX, Confidence::High)
}
