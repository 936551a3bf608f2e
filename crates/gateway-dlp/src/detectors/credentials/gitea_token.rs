//! `gitea_token`: Gitea access token.
//!
//! **Format.** 40 hexadecimal digits, assigned to a name of at most 30 more characters; the
//! name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `gitea-access-token`. On the kind: Gitea,
//! "API usage".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "gitea_token",
    name: "Gitea access token",
    summary: "Gitea access token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["forgejo", "gitea"],
    pattern: assigned!("(?:forgejo|gitea)", "[0-9a-f]{40}"),
    match_bytes_max: 112,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"GITEA_TOKEN = "878f78e2978aa2447c462ddaed16dc0cf0b9cd7f""#,
            &["878f78e2978aa2447c462ddaed16dc0cf0b9cd7f"],
        ),
        example(
            r#"{"forgejo_token": "78df0cac5e40c02d4e518ca6eaac8d82f01b7210"}"#,
            &["78df0cac5e40c02d4e518ca6eaac8d82f01b7210"],
        ),
        example("no name before it: 878f78e2978aa2447c462ddaed16dc0cf0b9cd7f", &[]),
        example(r#"GITEA_TOKEN = "0000000000000000000000000000000000000000""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
