//! `coinbase_token`: Coinbase access token.
//!
//! **Format.** 64 small letters, digits, `-` or `_`, assigned to a name of at most 30 more
//! characters; the name is no part of the finding. No ASCII letter, digit or `_` may follow.
//!
//! **Validator.** The value looks random: enough entropy, no long run, no word that marks a
//! placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `coinbase-access-token`. On the kind: Coinbase
//! developer documentation, API keys of before 2024.
//!
//! **Confidence.** Medium: the value alone could be anything, the name tells what it is.

use gateway_inspect::Confidence;

use crate::detectors::secret::{assigned, value};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "coinbase_token",
    name: "Coinbase access token",
    summary: "Coinbase access token, by the name that it is assigned to, length and alphabet",
    category: Category::Credentials,
    keywords: &["coinbase"],
    pattern: assigned!("coinbase", "[0-9a-z_-]{64}"),
    match_bytes_max: 128,
    validators: &["random"],
    test: Test::Judge(judge),
    examples: &[
        example(
            r#"COINBASE_TOKEN = "qumpmhs49pj96arb5lm6ylvuhf9q84nomefm928e-gnvfg3f8gr29hw7dz7po4zi""#,
            &["qumpmhs49pj96arb5lm6ylvuhf9q84nomefm928e-gnvfg3f8gr29hw7dz7po4zi"],
        ),
        example(
            r#"{"coinbase_secret": "yacd5cw1hq65d4gjt7fb5w0ad4jbapf3hy4gipqn-fkkjbdo6y056rg40s8rs3mb"}"#,
            &["yacd5cw1hq65d4gjt7fb5w0ad4jbapf3hy4gipqn-fkkjbdo6y056rg40s8rs3mb"],
        ),
        example(
            "no name before it: qumpmhs49pj96arb5lm6ylvuhf9q84nomefm928e-gnvfg3f8gr29hw7dz7po4zi",
            &[],
        ),
        example(
            r#"COINBASE_TOKEN = "qumpxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx""#,
            &[],
        ),
    ],
};

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    value(sample, Confidence::Medium)
}
