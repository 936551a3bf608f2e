//! `twilio_api_key`: Twilio API key.
//!
//! **Format.** `SK` and 32 hexadecimal digits. No ASCII letter, digit or `_` may touch it, but an
//! escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `twilio-api-key`. On the kind: Twilio, "API keys".
//!
//! **Confidence.** Medium: the prefix is telling, but there is no checksum.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "twilio_api_key",
    name: "Twilio API key",
    summary: "Twilio API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["twilio"],
    pattern: alone!("SK[0-9a-f]{32}"),
    match_bytes_max: 48,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            r#"token = "SK4f454d0ae52de1d5404e27e4fdff812f""#,
            &["SK4f454d0ae52de1d5404e27e4fdff812f"],
        ),
        example(
            "export TOKEN=SK47addef4aaa3a9fb1b47e2ee826b6b2c\n",
            &["SK47addef4aaa3a9fb1b47e2ee826b6b2c"],
        ),
        example("cut short SK4f454d0ae52de1d", &[]),
        example("a placeholder SKxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 2;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::Medium)
}
