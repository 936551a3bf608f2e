//! `scaleway_secret_key`: Scaleway secret key.
//!
//! **Format.** A UUID, assigned to a name of at most 30 more characters; the name is no part of
//! the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** betterleaks, `config/betterleaks.toml`, `scaleway-secret-key`. On the kind:
//! Scaleway, "API keys".
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "scaleway_secret_key",
    name: "Scaleway secret key",
    summary: "Scaleway secret key, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["scaleway", "scw"],
    pattern: assigned!(
        "(?:scaleway|scw)[_. -]?(?:api|secret|token)",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    ),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"SCW_SECRET_KEY = "b6ee7b3b-b1c8-63e2-601a-7462667a4084""#,
            &["b6ee7b3b-b1c8-63e2-601a-7462667a4084"],
        ),
        example(
            r#"{"scaleway_secret_key": "4853040b-7a05-814d-32fe-b3e719e01fcd"}"#,
            &["4853040b-7a05-814d-32fe-b3e719e01fcd"],
        ),
        example("no name before it: b6ee7b3b-b1c8-63e2-601a-7462667a4084", &[]),
        example(r#"SCW_SECRET_KEY = "00000000-0000-0000-0000-000000000000""#, &[]),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
