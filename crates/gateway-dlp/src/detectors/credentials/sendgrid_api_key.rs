//! `sendgrid_api_key`: SendGrid API key.
//!
//! **Format.** `SG.`, 22 letters, digits, `-` or `_`, a point and 43 more. No ASCII letter, digit
//! or `_` may touch it, but an escape such as `\n` or `%20` may come right before it.
//!
//! **Validator.** What follows the prefix looks random: enough entropy, no long run, no word that
//! marks a placeholder.
//!
//! **Source.** gitleaks, `config/gitleaks.toml`, `sendgrid-api-token`. On the kind: Twilio
//! SendGrid, "API keys".
//!
//! **Confidence.** High: no other text has this form.

use gateway_inspect::Confidence;

use crate::detectors::number::alone;
use crate::detectors::secret::{is_end_of_token, token_alone};
use crate::detectors::{Category, Detector, example};
use crate::sample::{Judgement, Sample, Test};

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "sendgrid_api_key",
    name: "SendGrid API key",
    summary: "SendGrid API key, by prefix, length and alphabet",
    category: Category::Credentials,
    keywords: &["sendgrid"],
    pattern: alone!(r"SG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}"),
    match_bytes_max: 80,
    validators: &["random"],
    test: Test::Whole(judge, is_end_of_token),
    examples: &[
        example(
            "Authorization: Bearer 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",
            &["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"],
        ),
        example(
            r#"{"key":"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","id":7}"#,
            &["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"],
        ),
        example("cut short SG.f_2my0ZW7cNpDqmAzORt-h.TMKNrW9f", &[]),
        example(
            "a placeholder SG.x_xxxxxxxxxxxxxxxxxx-x.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            &[],
        ),
    ],
};

/// Bytes of the prefix.
const PREFIX: usize = 3;

fn judge(sample: &Sample<'_>) -> Option<Judgement> {
    token_alone(sample, PREFIX, Confidence::High)
}
