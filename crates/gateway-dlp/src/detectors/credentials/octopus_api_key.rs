//! `octopus_api_key`: Octopus Deploy API key.
//!
//! **Format.** `API-` and 25 to 30 capitals or digits. No ASCII letter, digit or `_` may touch it,
//! but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `octopus-deploy-api-key`. On the kind: Octopus
//! Deploy, "How to create an API key".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "octopus_api_key",
    name: "Octopus Deploy API key",
    summary: "Octopus Deploy API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["octopus"],
    pattern: alone!("API-[0-9A-Z]{25,30}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "key: API-7V96I87C02D63TX7LZY6PKAHQK, and more",
            &["API-7V96I87C02D63TX7LZY6PKAHQK"],
        ),
        example(
            r#"token = "API-SLCEZRVLE4JOH0RF8FDF0D9JMFZKOB""#,
            &["API-SLCEZRVLE4JOH0RF8FDF0D9JMFZKOB"],
        ),
        example("cut short API-7V96I87C02D", &[]),
        example("a placeholder API-xxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 4;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
